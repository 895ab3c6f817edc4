"""Slots: a few stages of all sessions compute at a time, the most urgent first.

Threads that compute at once share one interpreter: each waits for all others at every step, and the
threads that encode and send wait with them. Those that take turns finish sooner, and finish first
what plays first.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

Slot: TypeAlias = Callable[[], AbstractContextManager[None]]
"""waits for a slot and holds it"""


class Slots:
    """At most `count` threads compute at a time."""

    def __init__(self, count: int = 1) -> None:
        self._free = count
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, threading.Event]] = []

    @contextmanager
    def slot(self, deadline: float) -> Iterator[None]:
        """Wait until one is free and none who waits has an earlier deadline; hold it meanwhile."""
        called = self._enter(deadline)
        if called is not None:
            called.wait()
        try:
            yield
        finally:
            self._leave()

    def _enter(self, deadline: float) -> threading.Event | None:
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            called = threading.Event()
            heapq.heappush(self._waiting, (deadline, next(self._order), called))
            return called

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                heapq.heappop(self._waiting)[-1].set()
            else:
                self._free += 1
