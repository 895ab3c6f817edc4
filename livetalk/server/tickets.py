"""Tickets: paths that work without the token for a while, for a browser's own download."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

LIFETIME_S = 600.0
"""within which a download has to begin, or to be resumed"""


class Tickets:
    """Each is 128 random bits, and good for one thing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._good: dict[str, tuple[str, float]] = {}
        """ticket -> what for, and until when"""

    def issue(self, thing: str) -> str:
        """A ticket for `thing`: the one that is good already, for longer now, or a new one."""
        now = self._clock()
        self._good = {key: each for key, each in self._good.items() if each[1] > now}
        same = (ticket for ticket, (wanted, _) in self._good.items() if wanted == thing)
        ticket = next(same, None) or secrets.token_hex(16)
        self._good[ticket] = (thing, now + LIFETIME_S)
        return ticket

    def admits(self, ticket: str, thing: str) -> bool:
        """Whether it is good for `thing` now."""
        wanted, until = self._good.get(ticket, ("", 0.0))
        return bool(ticket) and wanted == thing and self._clock() < until


__all__ = ["LIFETIME_S", "Tickets"]
