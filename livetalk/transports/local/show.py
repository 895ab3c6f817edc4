"""The show: an output on this computer, a screen and a speaker that follow one broadcast."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol, TypeAlias

from livetalk.errors import OutputError, StageError
from livetalk.protocols import MediaSource, OutputState, OutputStatus
from livetalk.transports.feed import Feed
from livetalk.transports.local.again import device_backoff
from livetalk.transports.local.speaker import Speaker
from livetalk.types import FPS, FRAME_S, Picture
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

HELD = 4 * FPS
"""pictures that wait for their time"""
PATIENCE_S = 2.0
"""what an output that is stopped may take to show what it still has"""
LATE_S = 2 * FRAME_S
"""a picture that is later than this is left out"""
WORST: tuple[OutputState, ...] = ("failed", "waiting", "starting", "live", "stopped")
"""of several parts, the first of these is what is told of all"""


class Screen(Protocol):
    """Where pictures are shown."""

    def show(self, picture: Picture) -> bool:
        """Show it now; False where somebody closed the screen, and wants no more.

        Raises:
            OutputError: it is lost.
        """

    def close(self) -> None:
        """Let go of it.

        Raises:
            OutputError: that failed.
        """

    def interrupt(self) -> None:
        """Make a `show` that is stuck end, if that can be done; another thread asks."""


OpenScreen: TypeAlias = Callable[[Picture], Screen]
"""for pictures like this one; raises OutputError where that fails"""


class Show:
    """A picture and its sound come one constant latency after they are due: what the sound device needs."""

    def __init__(
        self,
        open_screen: OpenScreen | None,
        speaker: Speaker | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_screen = open_screen
        self._speaker = speaker
        self._clock = clock
        self._feed = Feed(None, limit=HELD)
        self._source: MediaSource | None = None
        self._screen: Screen | None = None
        self._backoff = device_backoff()
        self._retry_s = 0.0
        self._state: OutputState = "starting"
        self._detail = ""
        self._shown = 0
        self._dropped = 0
        self._reconnects = 0
        self._hurry = threading.Event()
        """nobody waits for the time of a picture any more"""
        self._done = threading.Event()
        self._worker = Worker("show", self._run)

    def use(self, screen: Screen) -> None:
        """Show the first pictures here: before `start`, a screen that is open already."""
        self._screen = screen

    def start(self, source: MediaSource) -> None:
        """Begin."""
        self._source = source
        if self._speaker is not None:
            source.add(self._speaker.line)
            self._speaker.start()
        self._feed.open(source)
        self._worker.start()

    def stop(self) -> None:
        """End, once what was played already was shown and heard.

        Raises:
            StageError: the screen or the device does not let go.
        """
        self._feed.close()
        if self._worker.ident is None:
            return
        if not self._done.wait(PATIENCE_S):
            self._hurry.set()
            if (screen := self._screen) is not None:
                screen.interrupt()
        self._worker.wait()

    def status(self) -> OutputStatus:
        """How it is."""
        parts = [(self._state, self._detail)]
        if self._speaker is not None and self._state != "stopped":
            parts.append((self._speaker.state, self._speaker.detail))
        state = min((each for each, _ in parts), key=WORST.index)
        details = [detail for _, detail in parts if detail]
        if self._speaker is not None and (late := self._speaker.underruns):
            details.append(f"sound came too late {late} times")
        reopened = self._speaker.reconnects if self._speaker is not None else 0
        return OutputStatus(
            state,
            "; ".join(details),
            ticks=self._shown,
            dropped=self._dropped + self._feed.dropped,
            reconnects=self._reconnects + reopened,
        )

    # -- our thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._follow()
            self._state, self._detail = "stopped", ""
        except Exception as error:
            logger.exception("a show failed")
            self._state, self._detail = "failed", str(error)
        finally:
            self._done.set()
            self._leave()

    def _follow(self) -> None:
        """Show the ticks as they are due, until the feed or the screen is closed."""
        at_s = self._clock()
        for tick in self._feed.ticks():
            at_s = tick.due + (self._speaker.latency_s if self._speaker is not None else 0.0)
            self._wait(at_s)
            if not self._present(tick.frame.picture, at_s):
                return
        self._wait(at_s + FRAME_S)  # the last picture's sound is heard

    def _wait(self, until_s: float) -> None:
        if (pause_s := until_s - self._clock()) > 0:
            self._hurry.wait(pause_s)

    def _present(self, picture: Picture, at_s: float) -> bool:
        """Show a picture that is due now; False where nobody wants to see more."""
        now = self._clock()
        if self._open_screen is not None and (now - at_s > LATE_S or now < self._retry_s):
            self._dropped += 1
            return True
        try:
            if self._open_screen is not None:
                self._screen = self._screen or self._open_screen(picture)
                if not self._screen.show(picture):
                    return False
        except OutputError as error:
            self._lose(str(error), now)
            return True
        if self._state != "live":
            self._state, self._detail = "live", ""
            self._backoff.reset()
        self._shown += 1
        return True

    def _lose(self, why: str, now: float) -> None:
        """The screen is lost: try again after a while."""
        if self._screen is not None:
            lost, self._screen = self._screen, None
            self._reconnects += 1
            try:
                lost.close()
            except OutputError as error:
                logger.warning("%s", error)
        if self._detail != why:
            logger.warning("%s; trying again", why)
        self._state, self._detail = "waiting", why
        self._dropped += 1
        self._retry_s = now + self._backoff.next_s()

    def _leave(self) -> None:
        """Let go of everything, whatever fails of it: stopped, or somebody closed the screen."""
        try:
            with ExitStack() as left:  # the last one first
                if self._speaker is not None:
                    left.callback(self._speaker.stop)
                    if self._source is not None:
                        left.callback(self._source.remove, self._speaker.line)
                if self._screen is not None:
                    left.callback(self._screen.close)
                left.callback(self._feed.close)
        except (StageError, OutputError) as error:
            logger.error("%s", error)
            self._state, self._detail = "failed", str(error)


__all__ = ["OpenScreen", "Screen", "Show"]
