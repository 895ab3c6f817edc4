"""A session that is pushed to a stream server, and somebody who must not notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from livetalk.protocols import Tick, VideoFormat
from livetalk.transports.rtmp.output import RtmpOutput
from livetalk.types import FRAME_S
from tests.transports.flashes import OPTIONS, broadcasting
from tests.waiting import until


class Counter:
    """Another reader of the same broadcast: it must not notice any of this."""

    def __init__(self) -> None:
        self.format: VideoFormat | None = None
        self.wants_opus = False
        self.key_frame_s: float | None = None
        self.ticks: list[int] = []
        self.arrived: list[float] = []

    def take(self, tick: Tick) -> None:
        """Note it."""
        self.ticks.append(tick.frame.tick)
        self.arrived.append(time.monotonic())

    def unharmed(self) -> bool:
        """Whether its ticks came without a pause that anybody would see."""
        return float(np.diff(self.arrived).max()) < 1.0

    def longest_step_s(self) -> float:
        """Of its ticks: more than 40 ms, where the machine stood still."""
        return float(np.diff(self.ticks).max()) * FRAME_S


@contextmanager
def pushing(url: str) -> Iterator[tuple[RtmpOutput, Counter]]:
    """Push a broadcast of flashes; it ends within a worker's time, whatever happens."""
    counter = Counter()
    with broadcasting() as cast:
        cast.add(counter)
        pushed = RtmpOutput(url, OPTIONS)
        pushed.start(cast)
        try:
            yield pushed, counter
        finally:
            pushed.stop()
            assert pushed.status().state == "stopped"


def state(pushed: RtmpOutput, wanted: str) -> None:
    """Wait for it."""
    until(lambda: pushed.status().state == wanted)


__all__ = ["Counter", "pushing", "state"]
