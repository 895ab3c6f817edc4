"""A bounded queue between two threads that can be closed; nobody polls."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from livetalk.worker import patience_s

T = TypeVar("T")


class Closed(Exception):
    """The channel was closed; nothing goes in or out any more."""


class Channel(Generic[T]):
    """First in, first out, at most `capacity` items.

    A full one accepts items again once it is half empty, so that the threads on both sides work
    through several items at a time instead of waking each other for each.
    """

    def __init__(self, name: str, capacity: int) -> None:
        self.name = name
        self.capacity = capacity
        self._items: deque[T] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        """Add an item, waiting for room.

        Raises:
            Closed: the channel was or is being closed.
        """
        with self._changed:
            if len(self._items) >= self.capacity:
                self._changed.wait_for(lambda: self._closed or self._half_empty())
            if self._closed:
                raise Closed(self.name)
            self._items.append(item)
            self._changed.notify_all()

    def offer(self, items: Iterable[T]) -> bool:
        """Add all items if there is room for all of them now, else none.

        Raises:
            Closed: the channel was closed.
        """
        wanted = list(items)
        with self._changed:
            if self._closed:
                raise Closed(self.name)
            if len(self._items) + len(wanted) > self.capacity:
                return False
            self._items.extend(wanted)
            self._changed.notify_all()
            return True

    def get(self) -> T:
        """Take the oldest item, waiting for one.

        Raises:
            Closed: the channel was or is being closed; what was left in it is gone.
        """
        with self._changed:
            while not self._changed.wait_for(lambda: self._closed or bool(self._items), patience_s()):
                pass
            if self._closed:
                raise Closed(self.name)
            return self._take()

    def poll(self, wanted: Callable[[T], bool]) -> T | None:
        """Take the oldest item if there is one now and it is `wanted`."""
        with self._changed:
            if self._closed or not self._items or not wanted(self._items[0]):
                return None
            return self._take()

    def close(self) -> None:
        """End all waiting; drop what is left."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

    def _take(self) -> T:
        item = self._items.popleft()
        if self._half_empty():
            self._changed.notify_all()
        return item

    def _half_empty(self) -> bool:
        return len(self._items) <= self.capacity // 2

    def __len__(self) -> int:
        return len(self._items)
