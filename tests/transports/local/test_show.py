from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from livetalk.errors import OutputError
from livetalk.protocols import PlayedFrame, Reader, Tick
from livetalk.transports.local.show import Show
from livetalk.transports.local.speaker import Speaker
from livetalk.types import FRAME_S, FRAME_SAMPLES, Picture
from tests.transports.local.fakes import VirtualSound
from tests.waiting import until

WAIT_S = 10.0
LOAD_S = 0.06
"""what a busy machine may be late by"""


class Source:
    """A broadcast that plays in real time when it is told to."""

    def __init__(self) -> None:
        self.readers: list[Reader] = []
        self.number = 0

    def add(self, reader: Reader) -> None:
        """Keep it."""
        self.readers.append(reader)

    def remove(self, reader: Reader) -> None:
        """Forget it."""
        if reader in self.readers:
            self.readers.remove(reader)

    def refresh(self, reader: Reader) -> None:
        """There are no key frames here."""

    def play(self, ticks: int, in_s: float = 0.03) -> list[float]:
        """Hand out ticks, the first due in so long; when they are due."""
        start_s = time.monotonic() + in_s
        dues = [start_s + number * FRAME_S for number in range(ticks)]
        for due in dues:
            picture = np.full((6, 4), self.number, np.uint8)
            tick = Tick(due, PlayedFrame(self.number, picture, np.zeros(FRAME_SAMPLES, np.int16)), None, None)
            for reader in list(self.readers):
                reader.take(tick)
            self.number += 1
        return dues


class Screen:
    """Notes what it is shown, and when."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, int]] = []
        self.opened = self.closed = 0
        self.wanted = True
        self.broken = ""
        self.sticky = False
        """whether closing it fails"""
        self.stuck: threading.Event | None = None

    def open(self, picture: Picture) -> Screen:
        """Open it."""
        if self.broken:
            raise OutputError(self.broken)
        self.opened += 1
        return self

    def show(self, picture: Picture) -> bool:
        """Note it."""
        if self.stuck is not None:
            return self.stuck.wait(WAIT_S)
        if self.broken:
            raise OutputError(self.broken)
        self.shown.append((time.monotonic(), int(picture[0, 0])))
        return self.wanted

    def close(self) -> None:
        """Note it."""
        self.closed += 1
        if self.sticky:
            raise OutputError("the screen cannot be closed")

    def interrupt(self) -> None:
        """Let go of who is stuck."""
        assert self.stuck is not None
        self.stuck.set()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livetalk.transports.local.again.FIRST_S", 0.01)
    monkeypatch.setattr("livetalk.transports.local.show.PATIENCE_S", 0.5)
    monkeypatch.setattr("livetalk.transports.local.show.LATE_S", 1.0)


def test_a_picture_is_shown_when_it_is_due_and_never_before() -> None:
    source, screen = Source(), Screen()
    show = Show(screen.open, None)
    show.start(source)
    dues = source.play(8)
    until(lambda: len(screen.shown) == 8)
    late = [at - due for (at, _), due in zip(screen.shown, dues, strict=True)]
    assert min(late) >= 0
    assert np.median(late) < LOAD_S
    assert [number for _, number in screen.shown] == list(range(8))
    assert show.status().state == "live"
    show.stop()
    assert (show.status().state, show.status().ticks, show.status().dropped) == ("stopped", 8, 0)
    assert (source.readers, screen.closed) == ([], 1)


def test_pictures_wait_for_as_long_as_the_sound_takes() -> None:
    source, screen, sound = Source(), Screen(), VirtualSound()
    speaker = Speaker(None, sound.clock, sound.open)
    show = Show(screen.open, speaker)
    show.start(source)
    until(lambda: sound.playing)
    sound.run(1.0)
    dues = source.play(5)
    until(lambda: len(screen.shown) == 5)
    late = [at - due - speaker.latency_s for (at, _), due in zip(screen.shown, dues, strict=True)]
    assert speaker.latency_s > 0.1
    assert min(late) >= 0
    assert np.median(late) < LOAD_S
    show.stop()
    assert sound.closed == 1


def test_what_was_played_when_it_is_stopped_is_still_shown_at_its_time() -> None:
    source, screen = Source(), Screen()
    show = Show(screen.open, None)
    show.start(source)
    dues = source.play(5)
    show.stop()
    assert [number for _, number in screen.shown] == list(range(5))
    assert screen.shown[-1][0] >= dues[-1]


def test_pictures_that_are_too_late_are_left_out_and_counted() -> None:
    source, screen = Source(), Screen()
    show = Show(screen.open, None)
    show.start(source)
    source.play(5, in_s=-5.0)
    source.play(3)
    until(lambda: len(screen.shown) == 3)
    show.stop()
    assert [number for _, number in screen.shown] == [5, 6, 7]
    assert show.status().dropped == 5


def test_a_screen_that_is_lost_is_waited_for_and_opened_again() -> None:
    source, screen = Source(), Screen()
    show = Show(screen.open, None)
    show.start(source)
    source.play(1)
    until(lambda: show.status().state == "live")
    screen.broken = "the camera was lost"
    source.play(3)
    until(lambda: show.status().state == "waiting")
    assert show.status().detail == "the camera was lost"
    screen.broken = ""
    until(lambda: bool(source.play(1)) and show.status().state == "live")
    assert (show.status().detail, show.status().reconnects, screen.opened) == ("", 1, 2)
    show.stop()


def test_a_screen_that_is_lost_is_not_tried_at_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livetalk.transports.local.again.FIRST_S", 1000.0)
    monkeypatch.setattr("livetalk.transports.local.again.LONGEST_S", 1000.0)
    source, tried = Source(), []

    def refuse(picture: Picture) -> Screen:
        tried.append(picture)
        raise OutputError("it is not there")

    show = Show(refuse, None)
    show.start(source)
    source.play(5)
    until(lambda: show.status().dropped == 5)
    show.stop()
    assert len(tried) == 1


def test_a_screen_that_somebody_closes_ends_it_all() -> None:
    source, screen, sound = Source(), Screen(), VirtualSound()
    show = Show(screen.open, Speaker(None, sound.clock, sound.open))
    show.start(source)
    until(lambda: sound.playing)
    screen.wanted = False
    source.play(3)
    until(lambda: show.status().state == "stopped" and not source.readers)
    until(lambda: sound.closed == 1)
    assert len(screen.shown) == 1
    show.stop()


def test_a_screen_that_is_stuck_is_interrupted_when_the_output_is_stopped() -> None:
    source, screen = Source(), Screen()
    screen.stuck = threading.Event()
    show = Show(screen.open, None)
    show.start(source)
    source.play(2)
    until(lambda: screen.opened == 1)
    show.stop()
    assert show.status().state == "stopped"


def test_a_screen_that_cannot_be_closed_keeps_neither_the_pictures_nor_the_sound() -> None:
    source, screen, sound = Source(), Screen(), VirtualSound()
    speaker = Speaker(None, sound.clock, sound.open)
    show = Show(screen.open, speaker)
    screen.sticky = True
    show.start(source)
    source.play(1)
    until(lambda: len(screen.shown) == 1)
    screen.broken = "unplugged"
    source.play(1)
    until(lambda: show.status().reconnects == 1)
    screen.broken = ""
    until(lambda: bool(source.play(1)) and screen.opened == 2)
    show.stop()
    assert (show.status().state, show.status().detail) == ("failed", "the screen cannot be closed")
    assert (speaker.state, sound.playing, source.readers) == ("stopped", False, [])


def test_sound_that_is_lost_is_told_while_the_pictures_go_on() -> None:
    source, screen, sound = Source(), Screen(), VirtualSound()
    sound.refuse = "no sound device 'cable'"
    show = Show(screen.open, Speaker("cable", sound.clock, sound.open))
    show.start(source)
    source.play(3)
    until(lambda: len(screen.shown) == 3)
    assert (show.status().state, show.status().detail) == ("waiting", "no sound device 'cable'")
    show.stop()


def test_an_output_that_never_began_can_be_stopped() -> None:
    show = Show(Screen().open, None)
    assert show.status().state == "starting"
    show.stop()
