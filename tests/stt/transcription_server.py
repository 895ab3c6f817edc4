"""A server on this machine that speaks OpenAI's audio transcriptions, and fails on demand."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from tests.loopback import Beside


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    key: str | None
    fields: dict[str, str]
    """all but the file"""
    file_name: str | None
    file_type: str | None
    content: bytes


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TranscriptionServer:
    """Gives one answer after the other, the last one for ever, and remembers what was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [said("hello")]
        self.asked: list[Asked] = []
        self.arrived = threading.Event()
        self.left = threading.Event()
        """a client went away before it was answered"""
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[TranscriptionServer]:
        """Serve, on a thread of its own."""
        with Beside("transcription server").serving(
            [web.post("/v1/audio/transcriptions", self._answer)]
        ) as url:
            self.url = f"{url}/v1"
            yield self

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await read(request))
        self.arrived.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            return await answer(request)
        except asyncio.CancelledError:
            self.left.set()
            raise


async def read(request: web.Request) -> Asked:
    """The parts of a multipart/form-data request."""
    fields: dict[str, str] = {}
    file_name = file_type = None
    content = b""
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        assert part.name is not None
        if part.name == "file":
            file_name, file_type = part.filename, part.headers.get("Content-Type")
            content = bytes(await part.read())
        else:
            assert part.name not in fields
            fields[part.name] = await part.text()
    key = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
    return Asked(key, fields, file_name, file_type, content)


def said(text: str) -> Answer:
    """A transcript as JSON, as gpt-4o-mini-transcribe answers."""
    usage = {
        "type": "tokens",
        "input_tokens": 14,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
        "output_tokens": 45,
        "total_tokens": 59,
    }
    return plainly(200, json.dumps({"text": text, "usage": usage}))


def refused(status: int, message: str) -> Answer:
    """An error as OpenAI's API words it."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return plainly(status, json.dumps({"error": error}))


def plainly(status: int, body: str, content_type: str = "application/json") -> Answer:
    """Any body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type=content_type)

    return answer


def cut(body: str) -> Answer:
    """The beginning of a longer body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "99"})
        await response.prepare(request)
        await response.write(body.encode())
        assert request.transport is not None
        request.transport.abort()
        return response

    return answer


async def silent(request: web.Request) -> web.StreamResponse:
    """Nothing at all."""
    await asyncio.Event().wait()
    raise AssertionError


def slowly(answer: Answer, pause_s: float) -> Answer:
    """An answer that takes a while."""

    async def late(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(pause_s)
        return await answer(request)

    return late


def streamed(*events: dict[str, Any] | str, then: str = "end") -> Answer:
    """Server-sent events; `then` says whether it ends, hangs, or breaks off."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for event in events:
            line = event if isinstance(event, str) else json.dumps(event)
            await response.write(f"data: {line}\n\n".encode())
        if then == "hang":
            await asyncio.Event().wait()
        if then == "break":
            assert request.transport is not None
            request.transport.abort()
        return response

    return answer


def delta(text: str) -> dict[str, Any]:
    """A further piece of the transcript."""
    return {"type": "transcript.text.delta", "delta": text, "logprobs": []}


def done(text: str) -> dict[str, Any]:
    """All of it."""
    return {"type": "transcript.text.done", "text": text, "logprobs": []}


def chunk(text: str) -> dict[str, Any]:
    """A piece as vLLM's server writes it."""
    choice = {"delta": {"content": text, "reasoning_content": None}, "finish_reason": None}
    return {"id": "trsc-1", "object": "transcription.chunk", "created": 1, "model": "m", "choices": [choice]}


@contextmanager
def running() -> Iterator[TranscriptionServer]:
    """One, for the time of a test."""
    with TranscriptionServer().serving() as server:
        yield server


__all__ = [
    "Asked",
    "TranscriptionServer",
    "chunk",
    "cut",
    "delta",
    "done",
    "plainly",
    "refused",
    "running",
    "said",
    "silent",
    "slowly",
    "streamed",
]
