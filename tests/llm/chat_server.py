"""A chat completions endpoint on loopback, which streams what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests import loopback

Part = str | dict[str, Any] | float | None
"""a text, a whole delta, seconds to wait, or None to hang"""


@dataclass
class ChatServer:
    """Answers with its script; remembers what it was asked, and whether the client left in mid-answer."""

    scripts: list[list[Part]] = field(default_factory=list)
    """one for each request, the last for all that follow"""
    statuses: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """refusals that come first, with their bodies"""
    breaks_off: bool = False
    """whether the connection is cut in the middle"""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    """the client closed its connection before the end"""
    url: str = ""

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [web.post("/v1/chat/completions", self.complete)]

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/chat/completions` with `stream`."""
        self.asked.append(await request.json())
        self.headers.append(dict(request.headers))
        if self.statuses:
            status, body = self.statuses.pop(0)
            return web.json_response(body, status=status)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            await response.prepare(request)
            await self._stream(request, response, script)
        except (ConnectionResetError, asyncio.CancelledError):
            self.left.set()
            raise
        return response

    async def _stream(self, request: web.Request, response: web.StreamResponse, script: list[Part]) -> None:
        await self._write(response, {"role": "assistant", "content": ""})
        for part in script:
            if part is None:
                await asyncio.Event().wait()
            elif isinstance(part, float):
                await asyncio.sleep(part)
            else:
                await self._write(response, {"content": part} if isinstance(part, str) else part)
        if self.breaks_off:
            assert request.transport is not None
            request.transport.abort()
            return
        await response.write(b"data: [DONE]\n\n")

    async def _write(self, response: web.StreamResponse, delta: dict[str, Any]) -> None:
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "stand-in",
            "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
        }
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


@asynccontextmanager
async def served(server: ChatServer) -> AsyncIterator[ChatServer]:
    """Serve it on this event loop."""
    async with loopback.served(server.routes()) as url:
        server.url = f"{url}/v1"
        yield server


@contextmanager
def served_beside(server: ChatServer) -> Iterator[ChatServer]:
    """Serve it on a thread of its own."""
    with loopback.Beside("chat server").serving(server.routes()) as url:
        server.url = f"{url}/v1"
        yield server


__all__ = ["ChatServer", "Part", "served", "served_beside"]
