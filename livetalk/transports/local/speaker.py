"""The speaker: a session's sound on a device, in time with the session's clock; reopened when it is lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from livetalk.devices.portaudio import BUFFER_S, Asked, Fill, SoundStream, open_sound
from livetalk.errors import OutputError
from livetalk.protocols import OutputState
from livetalk.transports.backoff import Backoff
from livetalk.transports.local.again import device_backoff
from livetalk.transports.local.line import SoundLine
from livetalk.transports.local.playhead import Playhead
from livetalk.types import Float32Array
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

STALL_S = 5.0
"""a device that asks for nothing for so long is lost; one that is opened may take two"""
LOOK_S = 1.0
USUAL_LATENCY_S = BUFFER_S + 0.06
"""what a device holds, a block of it, and the margin"""

Open: TypeAlias = Callable[[str | None, Fill, Callable[[], object]], SoundStream]


class Speaker:
    """Plays a line to a device by the device's own thread; one of ours watches it."""

    def __init__(
        self,
        device: str | None,
        clock: Callable[[], float] = time.monotonic,
        open_stream: Open = open_sound,
    ) -> None:
        self.line = SoundLine()
        """what is played; it reads the broadcast"""
        self.state: OutputState = "starting"
        self.detail = ""
        self.reconnects = 0
        self.ran_dry = 0
        """times that the device had nothing to play, since it was not answered in time"""
        self._device = device
        self._clock = clock
        self._open = open_stream
        self._playhead: Playhead | None = None
        self._latency_s: float | None = None
        self._past_jumps = 0
        self._asked_s = 0.0
        self._changed = threading.Condition()
        self._ended = False
        """the device is lost"""
        self._stopped = False
        self._worker = Worker("speaker", self._run)

    @property
    def latency_s(self) -> float:
        """From a tick's due time until it is heard; as most devices have it, until this one has settled."""
        return USUAL_LATENCY_S if self._latency_s is None else self._latency_s

    @property
    def drift(self) -> float:
        """By what share the device's frames are longer than its rate has it."""
        return self._playhead.drift if self._playhead else 0.0

    @property
    def underruns(self) -> int:
        """Times that there was silence for want of sound."""
        return self.line.underruns + self.ran_dry

    @property
    def jumps(self) -> int:
        """Times that sound was left out or repeated, to be in time again."""
        return self._past_jumps + (self._playhead.jumps if self._playhead else 0)

    def start(self) -> None:
        """Begin; the device is opened on our own thread, since it may take its time."""
        self._worker.start()

    def stop(self) -> None:
        """End at once.

        Raises:
            StageError: the device does not let go.
        """
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._worker.wait()
        self.state = "stopped"

    # -- our thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        backoff = device_backoff()
        while not self._stopped:
            try:
                self._play(backoff)
            except OutputError as error:
                self._tell_lost(str(error))
            except Exception:
                logger.exception("a sound device could not be used")
                self._tell_lost("the sound device cannot be used; the log says why")
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, backoff.next_s())

    def _play(self, backoff: Backoff) -> None:
        """Open the device and watch it until it is lost, or we are stopped.

        Raises:
            OutputError: it cannot be opened.
        """
        self._ended = False
        self._past_jumps, self._playhead = self.jumps, None
        self._asked_s = self._clock()
        stream = self._open(self._device, self._fill, self._end)
        try:
            if lost := self._watch(backoff):
                self.reconnects += 1
                self._tell_lost(lost)  # before a device that hangs is closed, which may take long
        finally:
            stream.close()

    def _watch(self, backoff: Backoff) -> str:
        """Why it was lost; "" when we are stopped."""
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: self._ended or self._stopped, LOOK_S):
                    return "" if self._stopped else "the sound device was lost"
            if self._clock() - self._asked_s > STALL_S:
                return f"the sound device asked for nothing for {STALL_S:g} s"
            backoff.reset()

    def _tell_lost(self, why: str) -> None:
        if self.detail != why:
            logger.warning("%s; trying again", why)
        self.state, self.detail = "waiting", why

    # -- the device's thread ----------------------------------------------------------------------

    def _fill(self, block: Float32Array, asked: Asked) -> None:
        now_s = self._clock()
        self._asked_s = now_s
        if self._playhead is None:
            self._playhead = Playhead(asked.rate, self._latency_s)
        stretch = self._playhead.block(len(block), now_s - asked.ago_s + asked.ahead_s, asked.ahead_s)
        self._latency_s = self._playhead.latency_s
        if stretch is None:
            block[:] = 0
        else:
            self.state, self.detail = "live", ""
            self.ran_dry += asked.ran_dry
            block[:] = self.line.read(stretch, len(block))[:, None]

    def _end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()


__all__ = ["Speaker"]
