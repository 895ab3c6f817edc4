"""Stand-ins of known delay for a language model and a recogniser, by OpenAI's protocols."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

TOKEN_S = 0.01
"""between two tokens: 100 a second"""


@dataclass
class StandIns:
    """What they say, and when they did."""

    model_s: float = 0.2
    """from the request to the first token"""
    recogniser_s: float = 0.15
    """from the request to the transcript"""
    reply: str = "Of course, I can tell you that. It is a long story."
    transcript: str = "Can you tell me a story?"
    asked: list[dict[str, object]] = field(default_factory=list)
    """the language model's requests"""
    model_asked_s: list[float] = field(default_factory=list)
    """when each came, time.monotonic()"""
    first_token_s: list[float] = field(default_factory=list)
    """when its first token left"""
    recogniser_asked_s: list[float] = field(default_factory=list)
    url: str = ""

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.model_asked_s.append(time.monotonic())
        self.asked.append(await request.json())
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.sleep(self.model_s - (time.monotonic() - self.model_asked_s[-1]))
        self.first_token_s.append(time.monotonic())
        for number, word in enumerate(self.reply.split(" ")):
            await response.write(_chunk(word if number == 0 else f" {word}"))
            await asyncio.sleep(TOKEN_S)
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _transcribe(self, request: web.Request) -> web.Response:
        self.recogniser_asked_s.append(time.monotonic())
        await request.read()
        await asyncio.sleep(self.recogniser_s - (time.monotonic() - self.recogniser_asked_s[-1]))
        return web.json_response({"text": self.transcript})

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """On a free port of loopback."""
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/audio/transcriptions", self._transcribe)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield
        finally:
            await runner.cleanup()


def _chunk(text: str) -> bytes:
    delta = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    body = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}
    return f"data: {json.dumps(body)}\n\n".encode()
