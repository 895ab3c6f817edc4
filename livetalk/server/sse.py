"""Server-sent events: a session's events, at the moment they play."""

from __future__ import annotations

import asyncio
import contextlib
import json

from aiohttp import web

from livetalk.events import ClosedEvent, Event
from livetalk.server.told import told
from livetalk.session import Session

PING_S = 15.0
PING = b": ping\n\n"
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
"""of a stream of events; the last keeps nginx from holding it back"""


async def stream(request: web.Request, session: Session) -> web.StreamResponse:
    """Write events until the session or the listener ends."""
    response = web.StreamResponse(headers=HEADERS)
    with told(session) as waiting, contextlib.suppress(ConnectionResetError):
        await response.prepare(request)
        await response.write(b": listening\n\n")
        while await _write_next(response, waiting):
            pass
    return response


async def _write_next(response: web.StreamResponse, waiting: asyncio.Queue[Event]) -> bool:
    try:
        event = await asyncio.wait_for(waiting.get(), PING_S)
    except TimeoutError:
        await response.write(PING)
        return True
    await response.write(_encode(event))
    return not isinstance(event, ClosedEvent)


def _encode(event: Event) -> bytes:
    return f"event: {event.name}\ndata: {json.dumps(event.fields)}\n\n".encode()
