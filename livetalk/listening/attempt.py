"""An attempt to understand: the sound of a turn as it is spoken, taken by a recogniser on another thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator

from livetalk.cancellation import Cancellation
from livetalk.types import Int16Array


class Attempt:
    """Begins with what was heard before; ends at a pause. One that turns out too early is cancelled."""

    def __init__(self, heard: Iterable[Int16Array] = ()) -> None:
        self.cancel = Cancellation()
        self._pieces: deque[Int16Array] = deque(heard)
        self._ended = False
        self._changed = threading.Condition()
        self.cancel.watch(self.end)

    def put(self, pcm: Int16Array) -> None:
        """Add (n,) samples; what comes after the end is none of its."""
        with self._changed:
            if not self._ended:
                self._pieces.append(pcm)
                self._changed.notify()

    def end(self) -> None:
        """The voice pauses: no more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def pieces(self) -> Iterator[Int16Array]:
        """The sound as it comes, to its end."""
        while (piece := self._next()) is not None:
            yield piece

    def _next(self) -> Int16Array | None:
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._ended)
            return self._pieces.popleft() if self._pieces and not self.cancel() else None


__all__ = ["Attempt"]
