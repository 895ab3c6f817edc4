"""Backoff: how long to wait before the next attempt at what is not there."""

from __future__ import annotations

import random

FIRST_S = 1.0
LONGEST_S = 30.0
JITTER = 0.2
"""share by which waits differ, so that many clients do not come back at the same moment"""


class Backoff:
    """1, 2, 4 ... 30 s, or from and to what is said; a little more or less."""

    def __init__(self, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def next_s(self) -> float:
        """How long to wait now; twice as long the next time."""
        wait_s = self._next_s
        self._next_s = min(2 * wait_s, self._longest_s)
        return wait_s * random.uniform(1 - JITTER, 1 + JITTER)

    def reset(self) -> None:
        """It went well for a while."""
        self._next_s = self._first_s


__all__ = ["Backoff"]
