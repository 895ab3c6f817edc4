"""Server-sent events: a session's events, at the moment they play."""

from __future__ import annotations

import asyncio
import contextlib
import json

from aiohttp import web

from livetalk.events import Event
from livetalk.session import Session

QUEUED_EVENTS = 256
"""a listener that does not read loses the oldest"""
PING_S = 15.0


async def stream(request: web.Request, session: Session) -> web.StreamResponse:
    """Write events until the session or the listener ends."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Event] = asyncio.Queue(QUEUED_EVENTS)

    def queue(event: Event) -> None:
        if waiting.full():
            waiting.get_nowait()
        waiting.put_nowait(event)

    def hand_over(event: Event) -> None:
        loop.call_soon_threadsafe(queue, event)

    end = session.events.listen(hand_over)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    try:
        with contextlib.suppress(ConnectionResetError):
            await response.prepare(request)
            await response.write(b": listening\n\n")
            while await _write_next(response, waiting):
                pass
    finally:
        end()
    return response


async def _write_next(response: web.StreamResponse, waiting: asyncio.Queue[Event]) -> bool:
    try:
        event = await asyncio.wait_for(waiting.get(), PING_S)
    except TimeoutError:
        await response.write(b": ping\n\n")
        return True
    await response.write(_encode(event))
    return event.name != "closed"


def _encode(event: Event) -> bytes:
    return f"event: {event.name}\ndata: {json.dumps(event.fields)}\n\n".encode()
