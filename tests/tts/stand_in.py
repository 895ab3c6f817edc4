"""A provider on this machine: speaks its wire format by the routes it is given, and misbehaves as told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.loopback import Beside

PIECES = 16
"""in how many the sound leaves"""


@dataclass
class Faults:
    """What goes wrong."""

    statuses: list[int] = field(default_factory=list)
    """of the next answers, in place of sound"""
    status: int = 200
    """of all answers"""
    silent: bool = False
    """not even a status comes"""
    pauses: bool = False
    """in the middle of the sound, until `go_on`"""
    cuts: bool = False
    """drops the connection in the middle of the sound"""
    headers: dict[str, str] = field(default_factory=dict)
    """of refusals"""
    says: str = '{"error": {"message": "no, not now"}}'
    """in refusals"""


class Cut(Exception):
    """The connection is to be dropped here."""


class StandIn:
    """Answers on a thread of its own; remembers what was asked."""

    def __init__(self, content: bytes, content_type: str = "application/octet-stream") -> None:
        self.content = content
        self.content_type = content_type
        self.faults = Faults()
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.left = threading.Event()
        """a client has gone while it was being answered"""
        self.url = ""
        self._goes_on = asyncio.Event()
        self._beside = Beside("stand-in")

    # -- for the tests -----------------------------------------------------------------------------

    def go_on(self) -> None:
        """End the pause."""
        self._beside.loop.call_soon_threadsafe(self._goes_on.set)

    @contextmanager
    def serving(self, routes: Sequence[web.AbstractRouteDef]) -> Iterator[StandIn]:
        """Serve on a free port of this machine."""
        with self._beside.serving(routes) as self.url:
            yield self

    # -- for routes --------------------------------------------------------------------------------

    async def sound(self, request: web.Request) -> web.StreamResponse:
        """Answer with the sound, as a body of unknown length."""
        async with self.noticing(request):
            self.bodies.append(await request.read())
            if refusal := await self.refusal():
                return refusal
            response = web.StreamResponse(headers={"Content-Type": self.content_type})
            response.enable_chunked_encoding()
            await response.prepare(request)
            try:
                async for piece in self.pieces():
                    await response.write(piece)
            except Cut:
                assert request.transport is not None
                request.transport.abort()
            return response

    async def refusal(self) -> web.Response | None:
        """What is answered in place of sound, None where nothing is wrong."""
        if self.faults.silent:
            await asyncio.Event().wait()
        status = self.faults.statuses.pop(0) if self.faults.statuses else self.faults.status
        if status == 200:
            return None
        return web.Response(status=status, text=self.faults.says, headers=self.faults.headers)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The sound's pieces, with what goes wrong in their middle.

        Raises:
            Cut: drop the connection.
        """
        size = max(1, -(-len(self.content) // PIECES))
        for start in range(0, len(self.content), size):
            if start >= len(self.content) // 2:
                if self.faults.cuts:
                    await asyncio.sleep(0.05)  # what was written before has left by then
                    raise Cut
                if self.faults.pauses:
                    await self._goes_on.wait()
            yield self.content[start : start + size]

    @asynccontextmanager
    async def noticing(self, request: web.Request) -> AsyncIterator[None]:
        """Remember a request, and notice that its client goes before the end."""
        self.requests.append(request)
        try:
            yield
        except (asyncio.CancelledError, ConnectionResetError):
            self.left.set()
            raise


def answering(value: Callable[[], Any]) -> Callable[[web.Request], Coroutine[Any, Any, web.Response]]:
    """A route's handler that answers with JSON."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(value())

    return answer


__all__ = ["Cut", "Faults", "StandIn", "answering"]
