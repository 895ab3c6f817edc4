"""Backoff: how long to wait before the next attempt at what is not there."""

from __future__ import annotations

import random

FIRST_S = 1.0
LONGEST_S = 30.0
STEADY_S = 30.0
"""what lived for so long was in order: the next attempt comes soon"""
JITTER = 0.2
"""share by which waits differ, so that many clients do not come back at the same moment"""


class Backoff:
    """1, 2, 4 ... 30 s, or from and to what is said; a little more or less."""

    def __init__(self, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def next_s(self, lived_s: float = 0.0) -> float:
        """How long to wait now, after a life of so long; twice as long the next time."""
        if lived_s > STEADY_S:
            self.reset()
        wait_s = self._next_s
        self._next_s = min(2 * wait_s, self._longest_s)
        return wait_s * random.uniform(1 - JITTER, 1 + JITTER)

    def reset(self) -> None:
        """It went well for a while."""
        self._next_s = self._first_s


__all__ = ["Backoff"]
