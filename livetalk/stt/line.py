"""A line of those who want the same thing: one at a time, in the order in which they came."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from livetalk.errors import ProviderError
from livetalk.protocols import Cancel
from livetalk.worker import patience_s


class Line:
    """Gives turns; who no longer wants one leaves the line at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @property
    def taken(self) -> bool:
        """Whether somebody has a turn, or waits for one."""
        return bool(self._waiting)

    @contextmanager
    def turn(self, until: float, cancel: Cancel) -> Iterator[bool]:
        """Wait for one's turn, which lasts as long as the context; False where `cancel` said to give up.

        Raises:
            ProviderError: it did not come by `until` (`time.monotonic`).
        """
        me = object()
        with self._changed:
            self._waiting.append(me)
        end_watch = cancel.watch(self._look)
        try:
            yield self._came(me, until, cancel)
        finally:
            end_watch()
            with self._changed:
                self._waiting.remove(me)
                self._changed.notify_all()

    def _came(self, me: object, until: float, cancel: Cancel) -> bool:
        with self._changed:
            while self._waiting[0] is not me and not cancel():
                left_s = until - time.monotonic()
                if left_s <= 0:
                    raise ProviderError(f"{self._name} has too much to do", retryable=True)
                self._changed.wait(min(left_s, patience_s() or threading.TIMEOUT_MAX))
        return not cancel()

    def _look(self) -> None:
        with self._changed:
            self._changed.notify_all()


__all__ = ["Line"]
