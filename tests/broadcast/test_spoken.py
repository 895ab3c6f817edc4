from __future__ import annotations

import numpy as np

from livetalk.broadcast.spoken import TAIL_TICKS, Spoken
from livetalk.events import EndEvent, ErrorEvent, Event, Events, InterruptedEvent, StartEvent
from livetalk.protocols import EncodedPicture, PlayedFrame, Reader, Tick, VideoFormat
from livetalk.types import SILENT_TICK

FORMAT = VideoFormat("h264", 1_000_000)


class Stage:
    """A session that plays tick by tick, and its one reader, as a broadcast hands out."""

    def __init__(self) -> None:
        self.events = Events()
        self.readers: list[Reader] = []
        self.played = 0
        self.refreshed = 0
        self.format: VideoFormat | None = FORMAT
        self.wants_opus = False
        self.key_frame_s = 2.0
        self.taken: list[Tick] = []
        self.spoken = Spoken(self, self.events)
        self.spoken.add(self)

    def add(self, reader: Reader) -> None:
        self.readers.append(reader)

    def remove(self, reader: Reader) -> None:
        self.readers.remove(reader)

    def refresh(self, reader: Reader) -> None:
        assert reader is self.spoken
        self.refreshed += 1

    def take(self, tick: Tick) -> None:
        self.taken.append(tick)

    def play(self, *events: Event) -> bool:
        """One tick, in which events are told; whether its picture was wanted."""
        for event in events:
            self.events.tell(event)
        video = EncodedPicture(b"x", True, (64, 64)) if self.spoken.format else None
        frame = PlayedFrame(self.played, np.zeros((96, 64), np.uint8), SILENT_TICK)
        self.spoken.take(Tick(0.0, frame, video, None))
        self.played += 1
        return video is not None

    def rest(self, ticks: int = 5 * TAIL_TICKS) -> int:
        """Let some ticks pass; how many were wanted."""
        return sum(self.play() for _ in range(ticks))


def start(turn: int = 1) -> Event:
    return StartEvent(turn=turn, text="hello", first=True)


def end(turn: int = 1, *, last: bool) -> Event:
    return EndEvent(turn=turn, text="hello", last=last)


def interrupted(turn: int) -> Event:
    return InterruptedEvent(turn=turn, text="hello", spoken="")


def failed(turn: int = 1, *, over: bool) -> Event:
    return ErrorEvent(turn=turn, message="it broke", stage="speak", over=over)


def test_from_the_tick_of_the_first_sound_on_all_is_taken_and_then_a_tail() -> None:
    stage = Stage()
    assert stage.rest() == 0
    assert stage.play(start())
    assert stage.rest(30) == 30
    assert stage.spoken.due == 0
    assert stage.play(end(last=True))
    assert stage.rest() == TAIL_TICKS - 1
    assert len(stage.taken) == stage.spoken.due == 31 + TAIL_TICKS


def test_ticks_are_numbered_as_if_nothing_had_been_left_out() -> None:
    stage = Stage()
    for turn in range(3):
        stage.play(start(turn))
        stage.play(end(turn, last=True))
        stage.rest()
    assert [tick.frame.tick for tick in stage.taken] == [*range(3 * (1 + TAIL_TICKS))]


def test_an_interrupt_ends_speech_and_one_of_another_turn_does_not() -> None:
    stage = Stage()
    stage.play(start(1))
    stage.play(interrupted(2), failed(2, over=True), failed(1, over=False))
    assert stage.rest(50) == 50
    stage.play(interrupted(1))
    assert stage.rest() == TAIL_TICKS - 1


def test_a_turn_that_fails_in_the_middle_of_speech_ends_it() -> None:
    stage = Stage()
    stage.play(start())
    stage.play(failed(over=True))
    assert stage.rest() == TAIL_TICKS - 1


def test_sentences_that_follow_at_once_are_not_parted() -> None:
    stage = Stage()
    stage.play(start())
    stage.play(end(last=False), start())
    assert stage.rest(50) == 50


def test_a_reader_that_lost_pictures_gets_a_key_frame_and_one_that_leaves_nothing_more() -> None:
    stage = Stage()
    stage.spoken.refresh(stage)
    assert stage.refreshed == 1
    assert stage.spoken.key_frame_s == 2.0
    stage.spoken.remove(stage)
    assert stage.readers == []
    assert not stage.play(start())
