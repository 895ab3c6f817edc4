"""Changing the avatar: what is ready is drawn again, and the old face stays until it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.face import CLOSING_FRAMES
from livetalk.pipeline.lead import START_FRAMES
from livetalk.pipeline.playout import Playout
from livetalk.pipeline.redraw import Redraw
from livetalk.protocols import EngineAvatar
from livetalk.types import LipFrame, LipJob, MediaFrame, Mouth, Tag
from tests.fakes import SIZE, WAIT_S, Clock, FakeAvatar, FakeEngine, background, chunk

OLD, NEW = 1, 2


class Face:
    """An avatar whose every picture is one number all over."""

    def __init__(self, number: int) -> None:
        self.bundle = FakeAvatar(40).bundle
        self.bundle.pictures = np.full((40, SIZE * 3 // 2, SIZE), number, np.uint8)
        self.memory = 0
        self.number = number


class FaceEngine(FakeEngine):
    """A mouth is a hundred times its avatar's number, and says which window it came from."""

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        super().infer(jobs)
        return [np.array([64 * 10 * job.avatar.number, job.window[0]], np.float32) for job in jobs]


class Stage:
    """A Playout with speech that is ready, and what draws for it."""

    def __init__(self) -> None:
        self.engine = FaceEngine()
        self.batcher = Batcher(self.engine, Metrics())
        self.batcher.start()
        self.old, self.new = Face(OLD), Face(NEW)
        self.epoch = Epoch()
        self.playout = Playout(self.engine, self.old, self.epoch, Metrics(), lambda played: None, Clock())
        self.redraw = Redraw(self.engine, self.batcher, self.playout)
        self.tick = 0

    def lips(self, place: int, tag: Tag, avatar: EngineAvatar, last: bool = False) -> LipFrame:
        job = LipJob(np.array([place], np.float32), place, avatar)
        chunks = (chunk(place, tag), chunk(place, tag, last=last))
        return LipFrame(self.engine.infer([job])[0], job, chunks, tag, last)

    def speak(self, count: int) -> Tag:
        """A sentence that is ready at once."""
        tag = self.epoch.next_tag()
        pose, _ = self.playout.anchor(tag, None)
        for place in range(count):
            self.playout.put(self.picture(pose + place, tag, last=place == count - 1))
        return tag

    def picture(self, pose: int, tag: Tag, last: bool = False) -> MediaFrame:
        """One of the old face."""
        lips = self.lips(pose, tag, self.old, last)
        picture = self.engine.paste(lips.mouth, pose, self.old)
        return MediaFrame(picture, lips.chunks, lips.mouth, lips.job, tag, last)

    def seen(self, ticks: int = 1) -> list[tuple[int, int]]:
        """(body, mouth) of the pictures that play: the avatar's number, and ten times that of its mouth."""
        found = []
        for _ in range(ticks):
            picture = self.playout.commit(self.tick).picture
            self.tick += 1
            found.append((int(picture[1, 1]), int(picture[0, 0])))
        return found


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.engine.gate.set()
    made.batcher.stop()


def test_an_idle_face_changes_with_the_next_tick(stage: Stage) -> None:
    assert stage.seen(2) == [(OLD, OLD)] * 2
    stage.playout.change(stage.new, stage.redraw.pictures)
    assert stage.seen(2) == [(NEW, NEW)] * 2


def test_speech_that_is_ready_goes_on_with_the_new_face_and_its_own_mouth(stage: Stage) -> None:
    stage.speak(5)
    assert stage.seen(2) == [(OLD, 10 * OLD)] * 2
    stage.playout.change(stage.new, stage.redraw.pictures)
    assert stage.seen(3) == [(NEW, 10 * NEW)] * 3


def test_sound_poses_and_ends_stay_as_they_were(stage: Stage) -> None:
    tag = stage.speak(4)
    before = [(frame.chunks, frame.job.pose, frame.tag, frame.last) for frame in stage.playout._ready]
    stage.playout.change(stage.new, stage.redraw.pictures)
    after = [(frame.chunks, frame.job.pose, frame.tag, frame.last) for frame in stage.playout._ready]
    assert after == before
    assert {frame.tag for frame in stage.playout._ready} == {tag}


def test_the_old_face_speaks_on_until_the_new_one_is_drawn(stage: Stage) -> None:
    stage.speak(5)
    stage.engine.gate.clear()
    changing = background(lambda: stage.playout.change(stage.new, stage.redraw.pictures))
    assert stage.seen(2) == [(OLD, 10 * OLD)] * 2
    stage.engine.gate.set()
    changing.result(WAIT_S)
    assert stage.seen(3) == [(NEW, 10 * NEW)] * 3


def test_pictures_that_come_while_it_draws_are_drawn_too(stage: Stage) -> None:
    stage.speak(2)
    late = threading.Event()

    def redraw(frames: Sequence[MediaFrame]) -> list[MediaFrame]:
        if not late.is_set():
            late.set()
            stage.speak(2)
        return stage.redraw.pictures(frames)

    stage.playout.change(stage.new, redraw)
    assert stage.seen(4) == [(NEW, 10 * NEW)] * 4


def test_a_picture_that_waited_for_room_does_not_bring_the_old_face_back(stage: Stage) -> None:
    tag = stage.epoch.next_tag()
    pose, _ = stage.playout.anchor(tag, None)
    for place in range(START_FRAMES):
        stage.playout.put(stage.picture(pose + place, tag))
    waits = stage.picture(pose + START_FRAMES, tag, last=True)
    waiting = background(lambda: stage.playout.put(waits))
    stage.playout.change(stage.new, stage.redraw.pictures)
    seen = stage.seen(2)
    waiting.result(WAIT_S)
    assert seen + stage.seen(START_FRAMES - 1) == [(NEW, 10 * NEW)] * (START_FRAMES + 1)


def test_an_engine_that_cannot_draw_it_leaves_the_old_face(stage: Stage) -> None:
    stage.speak(3)
    stage.engine.failing = True
    with pytest.raises(RuntimeError, match="broke"):
        stage.playout.change(stage.new, stage.redraw.pictures)
    assert stage.playout.avatar is stage.old
    assert stage.seen(3) == [(OLD, 10 * OLD)] * 3


def test_what_came_for_a_face_that_cannot_be_drawn_is_the_old_ones_again(stage: Stage) -> None:
    stage.speak(2)

    def redraw(frames: Sequence[MediaFrame]) -> list[MediaFrame]:
        if stage.playout.avatar is stage.old:
            return stage.redraw.pictures(frames)
        tag = stage.epoch.next_tag()
        pose, _ = stage.playout.anchor(tag, None)
        (early,) = stage.redraw.pictures([stage.picture(pose, tag, last=True)])
        stage.playout.put(early)
        raise RuntimeError("the network broke")

    with pytest.raises(RuntimeError, match="broke"):
        stage.playout.change(stage.new, redraw)
    assert stage.seen(3) == [(OLD, 10 * OLD)] * 3


def test_a_new_face_that_spoke_stays_while_pictures_of_the_old_are_still_drawn(stage: Stage) -> None:
    stage.speak(1)
    seen = []

    def redraw(frames: Sequence[MediaFrame]) -> list[MediaFrame]:
        seen.extend(stage.seen())
        tag = stage.epoch.next_tag()
        pose, _ = stage.playout.anchor(tag, None)
        stage.playout.put(*stage.redraw.pictures([stage.picture(pose, tag, last=True)]))
        seen.extend(stage.seen(2))
        return stage.redraw.pictures(frames)

    stage.playout.change(stage.new, redraw)
    assert [body for body, _ in seen] == [OLD, NEW, NEW]


def test_the_new_face_does_not_close_the_old_ones_mouth(stage: Stage) -> None:
    stage.speak(2)
    stage.seen(2)
    stage.playout.change(stage.new, stage.redraw.pictures)
    assert stage.seen(CLOSING_FRAMES) == [(NEW, NEW)] * CLOSING_FRAMES


def test_a_picture_that_is_late_is_not_held_with_the_old_face(stage: Stage) -> None:
    tag = stage.epoch.next_tag()
    pose, _ = stage.playout.anchor(tag, None)
    for place in range(2):
        stage.playout.put(stage.picture(pose + place, tag))
    assert stage.seen(3) == [(OLD, 10 * OLD)] * 3
    stage.playout.change(stage.new, stage.redraw.pictures)
    assert stage.seen() == [(NEW, NEW)]


def test_a_mouth_on_its_way_is_drawn_again_only_if_it_is_the_old_faces(stage: Stage) -> None:
    tag = stage.epoch.next_tag()
    old, new = (stage.lips(3, tag, avatar) for avatar in (stage.old, stage.new))
    assert stage.redraw.frame(old) is old
    stage.playout.change(stage.new, stage.redraw.pictures)
    assert stage.redraw.frame(new) is new
    again = stage.redraw.frame(old)
    assert (again.job.avatar, again.job.pose, again.chunks) == (stage.new, 3, old.chunks)
    assert np.array_equal(again.mouth, new.mouth)


def test_pictures_that_share_a_mouth_share_the_new_one_too(stage: Stage) -> None:
    tag = stage.epoch.next_tag()
    first = stage.lips(0, tag, stage.old)
    frames = [
        MediaFrame(
            stage.old.bundle.picture(pose),
            first.chunks,
            first.mouth,
            LipJob(first.job.window, pose, stage.old),
            tag,
            False,
        )
        for pose in range(6)
    ]
    stage.playout.avatar = stage.new
    stage.engine.batches.clear()
    drawn = stage.redraw.pictures(frames)
    assert stage.engine.batches == [1]
    assert [frame.job.pose for frame in drawn] == list(range(6))
    assert {int(frame.picture[0, 0]) for frame in drawn} == {10 * NEW}


def test_mouths_on_their_way_that_are_one_are_drawn_again_once(stage: Stage) -> None:
    tag = stage.epoch.next_tag()
    first, other = stage.lips(0, tag, stage.old), stage.lips(7, tag, stage.old)
    shared = [replace(first, job=replace(first.job, pose=pose)) for pose in range(4)]
    stage.playout.avatar = stage.new
    stage.engine.batches.clear()
    again = [stage.redraw.frame(each) for each in (*shared, other)]
    assert stage.engine.batches == [1, 1]
    assert [each.job.pose for each in again] == [0, 1, 2, 3, 7]
    assert [each.mouth[1] for each in again] == [0, 0, 0, 0, 7]
