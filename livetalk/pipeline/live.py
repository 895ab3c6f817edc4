"""Live voice on its way to Speak: a stretch of it, from its onset to the quiet after it, as it arrives."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

from livetalk.types import EventFields, Int16Array, Tag

STALL_S = 0.3
"""where no sound comes for so long, the voice has ended"""


class Stretch:
    """An utterance whose end nobody knows yet. One thread puts sound in, another takes it."""

    def __init__(self, tag: Tag, fields: EventFields) -> None:
        self.tag = tag
        self.fields = fields
        self.stalled = False
        """whether its sound stopped coming before it was ended"""
        self._pieces: deque[Int16Array] = deque()
        self._ended = False
        self._changed = threading.Condition()

    @property
    def ended(self) -> bool:
        """Whether it takes no more sound."""
        return self._ended

    def put(self, pcm: Int16Array) -> None:
        """Add (n,) samples; what comes after the end is none of its."""
        with self._changed:
            if not self._ended:
                self._pieces.append(pcm)
                self._changed.notify()

    def drop_oldest(self) -> None:
        """Lose the piece that waits longest, if any does."""
        with self._changed:
            if self._pieces:
                self._pieces.popleft()

    def end(self) -> None:
        """No more comes; what waits can still be taken."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def cut(self) -> None:
        """End here; what waits is lost."""
        with self._changed:
            self._pieces.clear()
            self._ended = True
            self._changed.notify()

    def pieces(self) -> Iterator[Int16Array]:
        """The sound as it comes, until it ends or stalls; whoever takes no more has ended it."""
        try:
            while (piece := self._next()) is not None:
                yield piece
        finally:
            self.cut()

    def _next(self) -> Int16Array | None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._pieces or self._ended, STALL_S):
                self._ended = self.stalled = True
            return self._pieces.popleft() if self._pieces else None

    def __len__(self) -> int:
        """Pieces that wait."""
        return len(self._pieces)


__all__ = ["STALL_S", "Stretch"]
