"""The state of a session: idle, listening, thinking or speaking."""

from __future__ import annotations

import threading

from livetalk.events import Events, State, StateEvent
from livetalk.types import Tag


class States:
    """Tells each change, in its order."""

    def __init__(self, events: Events) -> None:
        self.now: State = "idle"
        self._events = events
        self._lock = threading.RLock()
        self._listening: set[object] = set()
        self._open: set[Tag] = set()
        self._sounding: set[Tag] = set()

    def listening(self, listener: object, active: bool) -> None:
        """Somebody begins to speak to this listener, or has done."""
        with self._lock:
            (self._listening.add if active else self._listening.discard)(listener)
            self._tell()

    def opened(self, tag: Tag) -> None:
        """Something is to be said."""
        with self._lock:
            self._open.add(tag)
            self._tell()

    def sounded(self, tag: Tag) -> None:
        """It begins to be heard."""
        with self._lock:
            self._sounding.add(tag)
            self._tell()

    def closed(self, *tags: Tag) -> None:
        """It is over."""
        with self._lock:
            self._open.difference_update(tags)
            self._sounding.difference_update(tags)
            self._tell()

    def _tell(self) -> None:
        state: State = "idle"
        if self._listening:
            state = "listening"
        elif self._sounding:
            state = "speaking"
        elif self._open:
            state = "thinking"
        if state != self.now:
            self.now = state
            self._events.tell(StateEvent(state=state))


__all__ = ["States"]
