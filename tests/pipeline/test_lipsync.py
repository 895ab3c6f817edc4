from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.lipsync import OPENING, LipSync
from livetalk.protocols import LipJob
from livetalk.types import FeatureChunk, LipFrame, Mouth, Shown, Tag
from tests.fakes import (
    WAIT_S,
    Basket,
    Clock,
    FakeAvatar,
    FakeEngine,
    Notes,
    background,
    blocks,
    chunk,
    stops_at_a_wall,
)

LEVEL = 1000.0


class FakePlayout:
    """Gives each sentence the pose it is told to; writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Tag, int | None]] = []
        self.poses = [100, 200, 300, 400]
        self.at_rest = True
        self.lead = 0.2
        self.played: list[tuple[str, int]] = []
        self.acts: dict[int, Shown] = {}
        self.avatar = FakeAvatar()

    def anchor(self, tag: Tag, following: int | None) -> tuple[int, bool]:
        self.asked.append((tag, following))
        return self.poses.pop(0), self.at_rest

    def play(self, action: str, *, at: int) -> None:
        self.played.append((action, at))

    def act(self, pose: int) -> Shown | None:
        return self.acts.get(pose)

    def lead_s(self) -> float:
        return self.lead


class NotingBatcher(Batcher):
    """Writes down the deadlines."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine, Metrics())
        self.deadlines: Basket[float] = Basket()

    def infer(
        self, jobs: Sequence[LipJob], deadline: float, cancel: Callable[[], bool] = lambda: False
    ) -> list[Mouth]:
        self.deadlines.put(deadline)
        return super().infer(jobs, deadline, cancel)


class Lips:
    """A LipSync stage with all that it needs."""

    def __init__(self) -> None:
        self.epoch = Epoch()
        self.notes = Notes()
        self.engine = FakeEngine()
        self.batcher = NotingBatcher(self.engine)
        self.playout = FakePlayout()
        self.clock = Clock()
        self.inbox: Channel[FeatureChunk] = Channel("features", 100)
        self.basket: Basket[LipFrame] = Basket()
        self.lipsync = LipSync(
            self.inbox,
            self.basket,
            self.epoch,
            self.notes,
            self.engine,
            self.batcher,
            self.playout,
            self.clock,
        )
        self.batcher.start()

    def say(self, count: int, tag: Tag | None = None) -> Tag:
        """Put a sentence of `count` pictures into the inbox."""
        tag = tag or self.epoch.next_tag()
        for place in range(count):
            chunks = (chunk(place, tag), chunk(place, tag))
            window = np.array([LEVEL + place], np.float32)
            self.inbox.put(FeatureChunk(window, chunks, tag, place == 0, place == count - 1))
        return tag

    def end(self) -> None:
        self.engine.gate.set()
        if self.lipsync._thread.is_alive():
            self.lipsync.stop()
        self.batcher.stop()


@pytest.fixture
def lips() -> Iterator[Lips]:
    made = Lips()
    yield made
    made.end()


def test_batches_begin_with_one_picture_and_grow_to_the_engines_best(lips: Lips) -> None:
    lips.say(15)
    lips.lipsync.start()
    lips.basket.wait(15)
    assert lips.engine.batches == [1, 2, 4, 4, 4]


def test_each_sentence_begins_with_a_batch_of_one(lips: Lips) -> None:
    lips.say(7)
    lips.say(3)
    lips.lipsync.start()
    lips.basket.wait(10)
    assert lips.engine.batches == [1, 2, 4, 1, 2]


def test_a_batch_takes_only_what_is_there_and_waits_for_nothing(lips: Lips) -> None:
    tag = lips.say(2)
    lips.lipsync.start()
    lips.basket.wait(2)
    more = FeatureChunk(np.array([1.0]), (chunk(0, tag), chunk(0, tag)), tag, False, False)
    lips.inbox.put(more)
    lips.basket.wait(3)
    assert lips.engine.batches == [1, 1, 1]


def test_no_batch_holds_pictures_of_two_utterances(lips: Lips) -> None:
    first, second = lips.say(4), lips.say(4)
    lips.lipsync.start()
    frames = lips.basket.wait(8)
    assert [frame.tag for frame in frames] == [first] * 4 + [second] * 4
    assert lips.engine.batches == [1, 2, 1, 1, 2, 1]


def test_every_mouth_keeps_its_sound_its_order_and_its_end(lips: Lips) -> None:
    lips.playout.at_rest = False
    lips.say(9)
    lips.lipsync.start()
    frames = lips.basket.wait(9)
    assert [float(frame.mouth[0]) for frame in frames] == [LEVEL + place for place in range(9)]
    assert [int(frame.chunks[0].pcm[0]) for frame in frames] == list(range(9))
    assert [frame.last for frame in frames] == [False] * 8 + [True]


def test_poses_go_on_one_by_one_from_where_the_sentence_is_anchored(lips: Lips) -> None:
    lips.say(5)
    lips.lipsync.start()
    assert [frame.job.pose for frame in lips.basket.wait(5)] == [100, 101, 102, 103, 104]


def test_every_sentence_is_anchored_after_the_pose_that_was_given_out_last(lips: Lips) -> None:
    first, second = lips.say(3), lips.say(2)
    lips.say(1, second)
    lips.lipsync.start()
    frames = lips.basket.wait(6)
    assert lips.playout.asked == [(first, None), (second, 103), (second, 202)]
    assert [frame.job.pose for frame in frames] == [100, 101, 102, 200, 201, 300]


def test_after_an_interrupt_nothing_is_followed(lips: Lips) -> None:
    lips.lipsync.start()
    lips.say(3)
    lips.basket.wait(3)
    lips.epoch.advance()
    new = lips.say(2)
    frames = lips.basket.wait(5)
    assert lips.playout.asked[1] == (new, None)
    assert [frame.job.pose for frame in frames[3:]] == [200, 201]


def test_out_of_rest_the_mouth_opens_over_its_first_pictures(lips: Lips) -> None:
    lips.say(6)
    lips.lipsync.start()
    shares = [float(frame.mouth[0]) / (LEVEL + place) for place, frame in enumerate(lips.basket.wait(6))]
    assert shares == pytest.approx([*OPENING, 1.0, 1.0, 1.0, 1.0])


def test_a_sentence_on_the_heels_of_another_is_not_opened_softly(lips: Lips) -> None:
    lips.playout.at_rest = False
    lips.say(3)
    lips.lipsync.start()
    assert [float(frame.mouth[0]) for frame in lips.basket.wait(3)] == [LEVEL, LEVEL + 1, LEVEL + 2]


def test_a_batch_is_due_when_what_is_ready_has_played(lips: Lips) -> None:
    lips.say(1)
    lips.clock.pass_by(7.0)
    lips.lipsync.start()
    lips.basket.wait(1)
    assert lips.batcher.deadlines.items == [pytest.approx(lips.clock.now_s + 0.2)]


def test_what_went_stale_in_the_inbox_is_not_inferred(lips: Lips) -> None:
    lips.say(20)
    lips.epoch.advance()
    new = lips.say(1)
    lips.lipsync.start()
    assert [frame.tag for frame in lips.basket.wait(1)] == [new]
    assert lips.engine.batches == [1]


def test_a_batch_that_goes_stale_in_flight_is_not_handed_on(lips: Lips) -> None:
    lips.engine.gate.clear()
    old = lips.say(3)
    lips.lipsync.start()
    lips.batcher.deadlines.wait(1)
    lips.epoch.advance()
    new = lips.say(1)
    lips.engine.gate.set()
    assert [frame.tag for frame in lips.basket.wait(1)] == [new]
    assert old not in {frame.tag for frame in lips.basket.items}


def test_an_engine_that_breaks_is_reported_and_the_next_utterance_has_lips(lips: Lips) -> None:
    lips.engine.failing = True
    broken = lips.say(1)
    lips.lipsync.start()
    assert lips.notes.wait_for_failures(1) == [("lipsync", broken)]
    lips.engine.failing = False
    after = lips.say(2)
    assert [frame.tag for frame in lips.basket.wait(2)] == [after, after]


def test_an_engine_that_gives_too_few_mouths_has_failed(lips: Lips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lips.engine, "infer", lambda jobs: [])
    tag = lips.say(1)
    lips.lipsync.start()
    assert lips.notes.wait_for_failures(1) == [("lipsync", tag)]
    assert lips.basket.items == []


def test_it_stops_while_it_waits_for_room_and_while_it_waits_for_windows(lips: Lips) -> None:
    lips.say(20)
    assert stops_at_a_wall(lips.lipsync)
    idle = Lips()
    idle.lipsync.start()
    background(idle.lipsync.stop).result(WAIT_S)
    idle.end()


def test_it_stops_while_the_engine_works_once_the_engine_is_done(lips: Lips) -> None:
    lips.engine.gate.clear()
    lips.say(5)
    lips.lipsync.start()
    stopping = background(lips.lipsync.stop)
    assert blocks(stopping)
    lips.engine.gate.set()
    stopping.result(WAIT_S)


def test_an_engine_slower_than_speech_draws_a_mouth_for_several_pictures(lips: Lips) -> None:
    lips.playout.at_rest = False
    lips.batcher._pace.learn(1, 0.09)  # three pictures of 40 ms, a fifth to spare
    lips.say(8)
    lips.lipsync.start()
    frames = lips.basket.wait(8)
    assert [float(frame.mouth[0]) - LEVEL for frame in frames] == [1, 1, 1, 4, 4, 4, 7, 7]
    assert [frame.job.pose for frame in frames] == list(range(100, 108))
    assert [int(frame.chunks[0].pcm[0]) for frame in frames] == list(range(8))
    assert [float(frame.job.window[0]) - LEVEL for frame in frames] == [1, 1, 1, 4, 4, 4, 7, 7]


def test_mouths_are_drawn_for_the_avatar_that_is_wanted_now(lips: Lips) -> None:
    lips.say(3)
    lips.lipsync.start()
    before = lips.basket.wait(3)
    lips.playout.avatar = FakeAvatar()
    lips.say(2)
    after = lips.basket.wait(5)[3:]
    assert {id(frame.job.avatar) for frame in after} == {id(lips.playout.avatar)}
    assert {id(frame.job.avatar) for frame in before} != {id(lips.playout.avatar)}


def test_pictures_gathered_for_a_mouth_are_dropped_with_their_utterance(lips: Lips) -> None:
    lips.playout.at_rest = False
    lips.batcher._pace.learn(1, 0.09)
    tag = lips.epoch.next_tag()
    for place in range(2):
        old = FeatureChunk(np.array([7.0]), (chunk(0, tag), chunk(0, tag)), tag, place == 0, False)
        assert list(lips.lipsync.process(old)) == []
    lips.epoch.advance()
    new = lips.say(4)
    lips.lipsync.start()
    frames = lips.basket.wait(4)
    assert {frame.tag for frame in frames} == {new}
    assert [float(frame.mouth[0]) - LEVEL for frame in frames] == [1, 1, 1, 3]
