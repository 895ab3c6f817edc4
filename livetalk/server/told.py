"""Told: a session's events on their way to one listener on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from livetalk.events import Event
from livetalk.session import Session

QUEUED_EVENTS = 256
"""a listener that does not read loses the oldest"""


@contextmanager
def told(session: Session) -> Iterator[asyncio.Queue[Event]]:
    """The session's events from now on, until the block ends; `closed` is the last."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Event] = asyncio.Queue(QUEUED_EVENTS)

    def queue(event: Event) -> None:
        if waiting.full():
            waiting.get_nowait()
        waiting.put_nowait(event)

    end = session.events.listen(lambda event: loop.call_soon_threadsafe(queue, event))
    try:
        yield waiting
    finally:
        end()


__all__ = ["told"]
