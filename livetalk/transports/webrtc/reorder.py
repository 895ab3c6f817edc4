"""Reorder: packets of sound in their order, soon, and the places of those that did not come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

HELD = 3
"""packets that come before a missing one is given up: 60 ms"""
MOST_LOST = 10
"""in a row that are told of; a longer hole is a pause"""
SEQUENCES = 1 << 16


class Reorder(Generic[T]):
    """Hands on what is in order at once; waits for what was overtaken until `HELD` others wait with it."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._held: dict[int, T] = {}

    def push(self, number: int, item: T) -> Iterator[T | None]:
        """Take the packet of a sequence number; yield what is in order now, None for each that was lost."""
        if self._next is None or not self._is_near(number):
            for each in sorted(self._held, key=self._ahead):
                yield self._held.pop(each)
            self._next = number
        if self._ahead(number) >= SEQUENCES // 2:
            return  # too late, or twice
        self._held[number] = item
        if len(self._held) > HELD:
            first = min(self._held, key=self._ahead)
            for _ in range(self._ahead(first)):
                yield None
            self._next = first
        while self._next in self._held:
            yield self._held.pop(self._next)
            self._next = (self._next + 1) % SEQUENCES

    def _ahead(self, number: int) -> int:
        assert self._next is not None
        return (number - self._next) % SEQUENCES

    def _is_near(self, number: int) -> bool:
        """Whether it belongs to what came before: a sender that begins anew, or was away, does not."""
        ahead = self._ahead(number)
        return ahead <= HELD + MOST_LOST or ahead > SEQUENCES - 100 * HELD


__all__ = ["HELD", "MOST_LOST", "Reorder"]
