"""A sound device and a broadcast in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from livetalk.devices.portaudio import Asked, Fill, SoundStream
from livetalk.errors import OutputError
from livetalk.protocols import PlayedFrame, Tick
from livetalk.types import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Float32Array

RATE = 48_000
BLOCK = 960
AHEAD_S = 0.08
LEAD_S = 0.018
"""how long before its time a tick comes"""


def tone(tick: int, hertz: float) -> PlayedFrame:
    """A tick of a tone that never stops."""
    places = np.arange(tick * FRAME_SAMPLES, (tick + 1) * FRAME_SAMPLES)
    pcm = np.round(16_384 * np.sin(2 * np.pi * hertz * places / SAMPLE_RATE)).astype(np.int16)
    return PlayedFrame(tick, np.zeros((6, 4), np.uint8), pcm)


class VirtualSound:
    """Time, and a sound device in it whose clock is off; call `run` to let both pass."""

    def __init__(self, ppm: float = 0.0) -> None:
        self.now_s = 1000.0
        self.opened: list[str | None] = []
        self.closed = 0
        self.refuse = ""
        """why it cannot be opened, where it cannot"""
        self.fault: Exception | None = None
        """what opening it meets that nobody thought of"""
        self.heard: list[tuple[float, Float32Array]] = []
        """when a block's first frame was heard, and the block"""
        self._frame_s = (1 + ppm * 1e-6) / RATE
        self._fill: Fill | None = None
        self._ended: Callable[[], object] | None = None
        self.rate = RATE

    def clock(self) -> float:
        """Now."""
        return self.now_s

    def open(self, name: str | None, fill: Fill, ended: Callable[[], object]) -> SoundStream:
        """Play."""
        self.opened.append(name)
        if self.refuse:
            raise OutputError(self.refuse)
        if self.fault is not None:
            raise self.fault
        self._fill, self._ended = fill, ended
        return self

    def close(self) -> None:
        """End."""
        self.closed += 1
        self._fill = None

    def vanish(self) -> None:
        """The device is unplugged."""
        self._fill = None
        assert self._ended is not None
        self._ended()

    @property
    def playing(self) -> bool:
        """Whether it is open."""
        return self._fill is not None

    def run(self, seconds: float) -> None:
        """Ask for blocks for so long."""
        for _ in range(round(seconds * RATE / BLOCK)):
            assert self._fill is not None
            block = np.zeros((BLOCK, 2), np.float32)
            self._fill(block, Asked(RATE, 0.0, AHEAD_S))
            self.heard.append((self.now_s + AHEAD_S, block[:, 0]))
            self.now_s += BLOCK * self._frame_s

    def feed(self, take: Callable[[Tick], None], hertz: float, seconds: float) -> Iterator[Tick]:
        """Run, and hand over the ticks of a tone at their times."""
        start_s = self.now_s + LEAD_S
        for number in range(round(seconds / FRAME_S)):
            due = start_s + number * FRAME_S
            while self.now_s < due - LEAD_S:
                self.run(BLOCK / RATE)
            tick = Tick(due, tone(number, hertz), None, None)
            take(tick)
            yield tick
