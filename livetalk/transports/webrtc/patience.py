"""Patience: how long another side may be silent before it is taken for gone."""

from __future__ import annotations

LIMIT_S = 15.0
"""a network that changes, from one mast to the next, is back by then"""
LEAST_S = 3.0
HABIT = 4
"""silences, of the longest so far, after which another side breaks its habit"""
LEARNED = 8
"""intervals that make a habit"""


class Patience:
    """Fixed, or shorter for a side that reports often: its own habit tells when it is overdue.

    A viewer gets the whole limit, since only its coming back brings it back. A server that is pushed to
    can be asked again at once, and whoever watches there waits for that.
    """

    def __init__(self, learns: bool = False) -> None:
        self._learns = learns
        self._heard_at = 0.0
        self._intervals = 0
        self._longest_s = 0.0

    def begin(self, now_s: float) -> None:
        """The other side is there; its habit is learned from now on."""
        self._heard_at = now_s

    def hear(self, now_s: float) -> None:
        """Note a sign of life."""
        self._longest_s = max(self._longest_s, now_s - self._heard_at)
        self._intervals += 1
        self._heard_at = now_s

    @property
    def limit_s(self) -> float:
        """How long a silence may be."""
        if not self._learns or self._intervals < LEARNED:
            return LIMIT_S
        return min(max(LEAST_S, HABIT * self._longest_s), LIMIT_S)

    @property
    def ends_at(self) -> float:
        """When it ends, unless something is heard before."""
        return self._heard_at + self.limit_s


__all__ = ["Patience"]
