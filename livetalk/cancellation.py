"""Cancellation: tells those who work for somebody that nobody waits for it any more."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancellation:
    """Asked between two steps, or watched by those who wait; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._watchers: list[Callable[[], object]] = []

    def __call__(self) -> bool:
        """Whether to give up now."""
        return self._cancelled

    def cancel(self) -> None:
        """Nobody waits any more; those who watch are told, once."""
        with self._lock:
            self._cancelled = True
            watchers, self._watchers = self._watchers, []
        for told in watchers:
            told()

    def watch(self, told: Callable[[], object]) -> Callable[[], None]:
        """Call `told` as soon as nobody waits any more, by whichever thread finds out; it must not block.

        Returns:
            What ends the watch.
        """
        with self._lock:
            cancelled = self._cancelled
            if not cancelled:
                self._watchers.append(told)
        if cancelled:
            told()

        def end() -> None:
            with self._lock:
                self._watchers = [each for each in self._watchers if each is not told]

        return end


__all__ = ["Cancellation"]
