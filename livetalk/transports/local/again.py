"""How soon a device of this computer that was lost is tried again."""

from __future__ import annotations

from livetalk.transports.backoff import Backoff

FIRST_S = 0.5
LONGEST_S = 8.0


def device_backoff() -> Backoff:
    """Sooner than for a server: only this computer is asked."""
    return Backoff(FIRST_S, LONGEST_S)


__all__ = ["device_backoff"]
