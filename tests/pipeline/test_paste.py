from __future__ import annotations

from contextlib import nullcontext

import numpy as np

from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.paste import Paste
from livetalk.pipeline.redraw import Redraw
from livetalk.protocols import EngineAvatar
from livetalk.types import LipFrame, LipJob, MediaFrame, Mouth, Picture, Tag
from tests.fakes import WAIT_S, Basket, FakeAvatar, FakeEngine, Notes, background, chunk, stops_at_a_wall


class Brush(FakeEngine):
    """Cannot paste a mouth of level 0."""

    def paste(self, mouth: Mouth, frame: int, avatar: EngineAvatar) -> Picture:
        if mouth[0] == 0:
            raise RuntimeError("no such mouth")
        return super().paste(mouth, frame, avatar)


class Easel:
    """A Paste stage with all that it needs."""

    def __init__(self) -> None:
        self.epoch = Epoch()
        self.notes = Notes()
        self.inbox: Channel[LipFrame] = Channel("res_frame_queue", 20)
        self.basket: Basket[MediaFrame] = Basket()
        self.avatar = FakeAvatar(frames=30)
        engine = Brush()
        self.batcher = Batcher(engine, Metrics())
        redraw = Redraw(engine, self.batcher, self)
        self.paste = Paste(self.inbox, self.basket, self.epoch, self.notes, nullcontext, engine, redraw)

    def lips(self, tag: Tag, pose: int, level: int = 6400, last: bool = False) -> LipFrame:
        chunks = (chunk(pose, tag), chunk(pose + 1, tag, last=last))
        mouth = np.array([level], np.float32)
        return LipFrame(mouth, LipJob(mouth, pose, self.avatar), chunks, tag, last)


def test_a_mouth_goes_into_its_own_pose_and_keeps_its_own_sound() -> None:
    easel = Easel()
    lips = easel.lips(Tag(0, 1), pose=7, last=True)
    (frame,) = easel.paste.process(lips)
    assert frame.picture[0, 0] == 100
    assert frame.picture[1, 1] == 7
    assert frame.chunks is lips.chunks
    assert frame.mouth is lips.mouth
    assert (frame.job.pose, frame.tag, frame.last) == (7, lips.tag, True)


def test_the_shared_avatar_is_not_painted_on() -> None:
    easel = Easel()
    (frame,) = easel.paste.process(easel.lips(Tag(0, 1), pose=3))
    (other,) = easel.paste.process(easel.lips(Tag(0, 1), pose=3, level=64))
    assert (frame.picture[0, 0], other.picture[0, 0]) == (100, 1)


def test_stale_mouths_are_not_pasted() -> None:
    easel = Easel()
    easel.inbox.put(easel.lips(easel.epoch.next_tag(), pose=1))
    easel.epoch.advance()
    easel.inbox.put(easel.lips(easel.epoch.next_tag(), pose=2))
    easel.paste.start()
    assert [frame.job.pose for frame in easel.basket.wait(1)] == [2]
    easel.paste.stop()


def test_a_mouth_that_cannot_be_pasted_is_reported_and_the_next_one_is() -> None:
    easel = Easel()
    tag = easel.epoch.next_tag()
    easel.inbox.put(easel.lips(tag, pose=1, level=0))
    easel.inbox.put(easel.lips(easel.epoch.next_tag(), pose=2))
    easel.paste.start()
    assert [frame.job.pose for frame in easel.basket.wait(1)] == [2]
    easel.paste.stop()
    assert [(stage, failed) for stage, failed, _ in easel.notes.failures] == [("paste", tag)]


def test_it_stops_while_it_waits_for_room_and_while_it_waits_for_mouths() -> None:
    easel = Easel()
    easel.inbox.put(easel.lips(easel.epoch.next_tag(), pose=1))
    assert stops_at_a_wall(easel.paste)
    idle = Easel()
    idle.paste.start()
    background(idle.paste.stop).result(WAIT_S)
