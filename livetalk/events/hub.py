"""The hub of a session's events: who listens, and who is told."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from livetalk.events.kinds import Event

logger = logging.getLogger(__name__)


Listener = Callable[[Event], object]
"""called by whatever thread an event happens in; must not block"""


class Events:
    """Hands each event to everybody who listens at that moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Begin to listen; call what comes back to end it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

        return end

    def tell(self, event: Event) -> None:
        """Hand out an event."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                logger.exception("a listener failed on %s", event.name)


__all__ = ["Events", "Listener"]
