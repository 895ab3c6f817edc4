"""Relief: how much less a broadcast asks of a machine that does not keep up."""

from __future__ import annotations

from livetalk.types import FPS

LEVELS = 2
"""1 encodes in less careful steps, 2 halves the pictures of those who take any size, too"""
WINDOW = 2 * FPS
"""ticks that are judged together"""
LATE_SHARE = 0.3
"""of them, encoded after their time: too much is asked"""
CALM = 10 * FPS
"""ticks without trouble before more is asked again; twice as many after each time that was too early"""
LONGEST_CALM = 160 * FPS


class Relief:
    """Goes up where many ticks of a window are late, and down after a calm while."""

    def __init__(self) -> None:
        self.level = 0
        self._window = 0
        self._late = 0
        self._calm = 0
        self._wanted_calm = CALM
        self._since_down: int | None = None

    def settle(self, late: bool) -> None:
        """A tick is done."""
        self._window += 1
        self._late += late
        if self._since_down is not None:
            self._since_down += 1
        if self._window == WINDOW:
            self._judge(self._late / WINDOW)
            self._window = self._late = 0

    def _judge(self, late: float) -> None:
        self._calm = 0 if late else self._calm + WINDOW
        if late >= LATE_SHARE and self.level < LEVELS:
            self.level += 1
            if self._since_down is not None and self._since_down < CALM:
                self._wanted_calm = min(2 * self._wanted_calm, LONGEST_CALM)
            self._since_down = None
        elif self.level and self._calm >= self._wanted_calm:
            self.level -= 1
            self._calm = self._since_down = 0


__all__ = ["Relief"]
