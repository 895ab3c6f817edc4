"""Turns: stages of all sessions that compute do so one after another, the most urgent first.

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

Turn: TypeAlias = Callable[[], AbstractContextManager[None]]
"""waits for its turn and holds it"""


class Turns:
    """At most `places` threads work at a time."""

    def __init__(self, places: int = 1) -> None:
        self._free = places
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, threading.Event]] = []

    @contextmanager
    def turn(self, lead_s: float) -> Iterator[None]:
        """Wait until none is more urgent and a place is free; who has the least ready goes first."""
        called = self._enter(lead_s)
        if called is not None:
            called.wait()
        try:
            yield
        finally:
            self._leave()

    def _enter(self, lead_s: float) -> threading.Event | None:
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            called = threading.Event()
            heapq.heappush(self._waiting, (lead_s, next(self._order), called))
            return called

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                heapq.heappop(self._waiting)[-1].set()
            else:
                self._free += 1
