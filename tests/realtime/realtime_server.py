"""A server of OpenAI's Realtime API on loopback, which does what a test tells it to."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from aiohttp import web

from livetalk.types import Int16Array
from tests.loopback import Beside
from tests.realtime.protocol import client_fault, server_fault

WAIT_S = 20.0
RATE = 24_000
Event = dict[str, Any]


@dataclass
class Saying:
    """What a response brings: pieces of sound, each after the words that came with it."""

    parts: Sequence[tuple[Int16Array, str]]
    open_end: bool = False
    """whether the test says itself when it is done"""
    calls: Sequence[tuple[str, str]] = ()
    """tools that it wants used after that, with their arguments"""


@dataclass
class RealtimeServer:
    """Answers each response.create with its script; remembers what it was sent."""

    sayings: list[Saying] = field(default_factory=list)
    """one for each response, the last for all that follow"""
    refuses: int = 0
    """status that connections are refused with"""
    mute: bool = False
    """whether it says nothing at all"""
    leaves: str = ""
    """the reason for which it leaves as soon as it said hello, if it does"""
    after: list[Event] = field(default_factory=list)
    """what it tells once a response was asked for"""
    got: list[Event] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """what was sent, by either, that the API does not have"""
    connections: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self._socket: web.WebSocketResponse | None = None
        self._request: web.Request | None = None
        self._beside = Beside("realtime-server")
        self._serving = ExitStack()
        self._numbers = count(1)

    # -- what a test does -------------------------------------------------------------------------

    def send(self, *events: Event) -> None:
        """Tell the client something, from the test's thread."""
        self._beside.do(self._send(*events))

    def start(self, response_id: str, saying: Saying, metadata: Event | None = None) -> None:
        """Begin a response by itself, as after the end of speech."""
        self.send(*response(response_id, saying, metadata))

    def drop(self) -> None:
        """Lose the connection."""

        def abort() -> None:
            assert self._request is not None
            assert self._request.transport is not None
            self._request.transport.abort()

        self._beside.loop.call_soon_threadsafe(abort)

    def results(self) -> list[tuple[str, str]]:
        """What came of the tools it wanted used: the id of each call, and its result."""
        items = [event["item"] for event in self.of("conversation.item.create")]
        return [(each["call_id"], each["output"]) for each in items if each["type"] == "function_call_output"]

    def of(self, kind: str) -> list[Event]:
        """What came of one type so far."""
        with self.changed:
            return [event for event in self.got if event["type"] == kind]

    def wait(self, kind: str, number: int = 1) -> list[Event]:
        """The same, once there are so many."""
        with self.changed:
            there = self.changed.wait_for(
                lambda: sum(event["type"] == kind for event in self.got) >= number, WAIT_S
            )
            assert there, f"no {number} of {kind}, only {[event['type'] for event in self.got]}"
        return self.of(kind)

    # -- as a context -----------------------------------------------------------------------------

    def __enter__(self) -> RealtimeServer:
        serving = self._beside.serving([web.get("/v1/realtime", self._talk)])
        self.url = f"{self._serving.enter_context(serving)}/v1"
        return self

    def __exit__(self, *_error: object) -> None:
        self._serving.close()

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        self.queries.append(dict(request.query))
        with self.changed:
            self.connections += 1
            self.changed.notify_all()
        if self.refuses:
            return web.Response(status=self.refuses)
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        self._socket, self._request = socket, request
        if not self.mute:
            await self._send({"type": "session.created", "session": {"type": "realtime"}})
        if self.leaves:
            await socket.close(code=1008, message=self.leaves.encode())
        async for message in socket:
            event = json.loads(message.data)
            self.faults.append(client_fault(event))
            with self.changed:
                self.got.append(event)
                self.changed.notify_all()
            if event["type"] == "response.create" and self.sayings:
                saying = self.sayings.pop(0) if len(self.sayings) > 1 else self.sayings[0]
                name = f"resp_{next(self._numbers)}"
                await self._send(*response(name, saying, event["response"].get("metadata")), *self.after)
        return socket

    async def _send(self, *events: Event) -> None:
        assert self._socket is not None
        for event in [{"event_id": "event_1", **each} for each in events]:
            self.faults.append(server_fault(event))
            await self._socket.send_str(json.dumps(event))


def response(name: str, saying: Saying, metadata: Event | None) -> list[Event]:
    """All events of a response; its item is called after it."""
    message = {"id": f"item_{name}", "type": "message", "role": "assistant", "content": []}
    where = {"response_id": name, "output_index": 0}
    events: list[Event] = [
        {
            "type": "response.created",
            "response": {"id": name, "status": "in_progress", "metadata": metadata},
        }
    ]
    if saying.parts or not saying.calls:
        events.append({"type": "response.output_item.added", "item": message, **where})
    for pcm, text in saying.parts:
        events += delta(name, pcm, text)
    output: list[Event] = []
    for place, (tool, arguments) in enumerate(saying.calls):
        output.append(call(f"{name}_{place}", tool, arguments))
        events += called(name, output[-1])
    return events if saying.open_end else [*events, done(name, output=output)]


def call(name: str, tool: str, arguments: str, status: str = "completed") -> Event:
    """An item that wants a tool used; its call is named like it."""
    named = {"id": f"item_{name}", "call_id": f"call_{name}", "name": tool, "arguments": arguments}
    return {"type": "function_call", "status": status, **named}


def called(name: str, item: Event) -> list[Event]:
    """How such an item of a response comes."""
    where = {"response_id": name, "output_index": 1}
    begun = {**item, "arguments": "", "status": "in_progress"}
    arguments = {key: item[key] for key in ("call_id", "name", "arguments")}
    return [
        {"type": "response.output_item.added", "item": begun, **where},
        {"type": "response.function_call_arguments.done", "item_id": item["id"], **arguments, **where},
        {"type": "response.output_item.done", "item": item, **where},
    ]


def delta(name: str, pcm: Int16Array, text: str = "") -> list[Event]:
    """Some sound of a response, and what is said in it."""
    where = {"response_id": name, "item_id": f"item_{name}", "output_index": 0, "content_index": 0}
    sound = base64.b64encode(pcm.astype("<i2").tobytes()).decode()
    said = [{"type": "response.output_audio_transcript.delta", "delta": text, **where}] if text else []
    return [*said, *([{"type": "response.output_audio.delta", "delta": sound, **where}] if len(pcm) else [])]


def done(
    name: str, status: str = "completed", details: Event | None = None, output: Sequence[Event] = ()
) -> Event:
    """No more comes of a response."""
    return {
        "type": "response.done",
        "response": {"id": name, "status": status, "status_details": details, "output": [*output]},
    }


def transcribed(item_id: str, text: str) -> Event:
    """What was understood of something said, all of it."""
    kind = "conversation.item.input_audio_transcription.completed"
    usage = {"type": "duration", "seconds": 1.0}
    return {"type": kind, "item_id": item_id, "content_index": 0, "transcript": text, "usage": usage}


def refusal(message: str, code: str | None = None, cause: str | None = None) -> Event:
    """The event `error`: what the server did not do, and which event of ours it is about."""
    told = {"type": "invalid_request_error", "code": code, "message": message, "param": None}
    return {"type": "error", "error": {**told, "event_id": cause}}


def tone(seconds: float, level: int = 6000) -> Int16Array:
    """Sound at the API's rate."""
    return np.full(int(seconds * RATE), level, np.int16)


def heard(event: Event) -> Int16Array:
    """The sound of an input_audio_buffer.append."""
    return np.frombuffer(base64.b64decode(event["audio"]), "<i2").astype(np.int16)
