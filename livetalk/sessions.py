"""All open sessions: who may come in, who is found, who has been quiet for too long."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from livetalk.errors import NotFound, Unavailable
from livetalk.parts import Parts
from livetalk.protocols import EngineAvatar
from livetalk.session import Session

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 10


class Sessions:
    """At most `max_sessions`, and no more than the engine can carry."""

    def __init__(self, parts: Parts, max_sessions: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._max_sessions = max_sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def open(self, avatar: EngineAvatar, on_failed: Callable[[str], object] = str) -> Session:
        """Start a session; its id is 128 random bits, and knowing it is the right to drive it.

        `on_failed` is told its id, by any thread, when it cannot go on.

        Raises:
            Unavailable: there is no room for one more.
        """
        session = Session(secrets.token_hex(16), self._parts, avatar, on_failed, self._clock)
        with self._lock:
            limit = min(self._max_sessions, max(1, self._parts.batcher.sessions()))
            if len(self._sessions) >= limit:
                self._parts.metrics.refused.inc()
                why = "max_sessions" if limit == self._max_sessions else "the engine carries no more"
                logger.info("a viewer was refused: all %d sessions are taken (%s)", limit, why)
                raise Unavailable("all places are taken; try again in a moment", retry_after_s=RETRY_AFTER_S)
            self._sessions[session.id] = session
        try:
            session.start()
        except RuntimeError:  # the system gives no more threads
            self.close(session.id)
            raise
        return session

    def get(self, session_id: str) -> Session:
        """Find a session.

        Raises:
            NotFound: there is none of this id, or it was closed.
        """
        session = self._sessions.get(session_id)
        if session is None:
            raise NotFound("no such session; it may have ended: connect again")
        return session

    def close(self, session_id: str) -> None:
        """End a session and wait for its threads; nothing happens when it is gone already."""
        with self._lock:
            session = self._sessions.pop(session_id, None)
        if session is not None:
            session.close()
            logger.info("session closed, %d open", len(self._sessions))

    def quiet(self, limit_s: float) -> list[str]:
        """The ids of those that did nothing for `limit_s` seconds."""
        before = self._clock() - limit_s
        with self._lock:
            return [
                each.id for each in self._sessions.values() if each.active_at < before and not each.speaking
            ]

    def close_all(self) -> None:
        """End every session, also when one of them does not."""
        with ExitStack() as ended:
            for session_id in list(self._sessions):
                ended.callback(self.close, session_id)

    def speaking(self) -> int:
        """How many speak now."""
        return sum(session.speaking for session in list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)
