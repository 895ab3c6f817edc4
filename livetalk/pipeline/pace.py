"""How fast an engine is on this machine, and what follows: batches, sessions, pictures to a mouth."""

from __future__ import annotations

import math

from livetalk.types import FPS

HEADROOM = 0.8
"""share of the measured rate that is promised to sessions"""
LONGEST_S = 0.1
"""a batch that takes longer keeps others waiting too long"""
WORTH = 0.95
"""a larger batch must need less than this share of a smaller one's time for a picture"""
SMOOTHING = 0.05
"""share of a new batch in how slow the machine is taken to be"""
MOST_SLOWNESS = 4.0
"""what one batch may say: a machine that stood still is not slow for ever"""
MOST_PICTURES = 25
"""that may share a mouth"""


class Pace:
    """Learnt by size of batch when the engine is warmed up, followed ever after."""

    def __init__(self, most: int) -> None:
        """Of an engine that takes `most` pictures in a batch."""
        self._most = most
        self._seconds: dict[int, float] = {}
        self._first_s = 0.0
        """a picture's in the first batch of all; what is known before anything was learnt"""
        self._slowness = 1.0

    def learn(self, size: int, seconds: float) -> None:
        """A batch of this size takes so long on the machine as it is now."""
        self._seconds[size] = seconds
        self._slowness = 1.0

    def observe(self, size: int, seconds: float) -> None:
        """A batch took so long, while others wanted the machine too."""
        if not self._first_s:
            self._first_s = seconds / size
        expected = self._expected(size)
        if expected:
            self._slowness += (min(seconds / expected, MOST_SLOWNESS) - self._slowness) * SMOOTHING

    @property
    def picture_s(self) -> float:
        """Seconds for one picture in the batches it does best with; 0 while nothing was measured."""
        best = self.best_batch
        alone = self._seconds[best] / best if best in self._seconds else self._first_s
        return alone * self._slowness

    @property
    def best_batch(self) -> int:
        """The size to aim at, the most it takes while nothing was measured."""
        best, *larger = sorted(self._seconds) or [self._most]
        for size in larger:
            took = self._seconds[size]
            if size <= self._most and took <= LONGEST_S and took / size < WORTH * self._seconds[best] / best:
                best = size
        return best

    def sessions(self) -> int:
        """How many sessions that speak all the time it can carry; 0 where one is too much."""
        return int(HEADROOM / (self.picture_s * FPS)) if self.picture_s else 1

    def pictures_per_mouth(self) -> int:
        """How many pictures must share a mouth for one session to speak without a break: 1 where it can."""
        wanted = math.ceil(self.picture_s * FPS / HEADROOM)
        return max(1, min(wanted, MOST_PICTURES))

    def _expected(self, size: int) -> float:
        larger = [known for known in self._seconds if known >= size]
        if larger:
            return self._seconds[min(larger)]
        if not self._seconds:
            return self._first_s * size
        largest = max(self._seconds)
        return self._seconds[largest] * size / largest


__all__ = ["HEADROOM", "LONGEST_S", "Pace"]
