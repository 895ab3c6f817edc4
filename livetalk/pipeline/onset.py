"""The onset: when speech that is ready begins to play."""

from __future__ import annotations

from collections.abc import Sequence

from livetalk.pipeline.cushion import Cushion, begins_live
from livetalk.pipeline.lead import START_FRAMES
from livetalk.pipeline.walk import Walk
from livetalk.types import MediaFrame


class Onset:
    """Once the body has walked to it, and with a few pictures in hand, or as many ticks later: a lone one
    would starve. A live voice waits for its cushion instead. Asked once a tick, under its owner's lock.
    """

    def __init__(self, walk: Walk, cushion: Cushion) -> None:
        self._walk = walk
        self._cushion = cushion
        self._waited = 0
        """ticks that speech which is ready was held back"""

    def nothing_waits(self) -> None:
        """Speech plays already, or there is none."""
        self._waited = 0

    def has_come(self, ready: Sequence[MediaFrame]) -> bool:
        """Whether the first of what is ready, some pictures in their order, is to play now."""
        if ready[0].job.pose > self._walk.pose + 1:
            return False
        if not ready[-1].last and self._is_too_early(ready):
            self._waited += 1
            return False
        self._waited = 0
        return True

    def _is_too_early(self, ready: Sequence[MediaFrame]) -> bool:
        if begins_live(ready[0]):
            return self._cushion.is_too_early()
        return len(ready) + self._waited < self._wanted()

    def _wanted(self) -> int:
        """Two pictures, and more where the first took long to make: the machine is busy."""
        return min(2 + self._walk.latency_ticks, START_FRAMES)


__all__ = ["Onset"]
