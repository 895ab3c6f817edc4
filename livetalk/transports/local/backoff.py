"""How long to wait before a device that was lost is tried again."""

from __future__ import annotations

FIRST_S = 0.5
LONGEST_S = 8.0


class Backoff:
    """Twice as long after each time in a row that did not help."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def next(self) -> float:
        """Seconds to wait now."""
        wait_s = self._next_s
        self._next_s = min(2 * wait_s, LONGEST_S)
        return wait_s

    def reset(self) -> None:
        """It worked."""
        self._next_s = FIRST_S


__all__ = ["Backoff"]
