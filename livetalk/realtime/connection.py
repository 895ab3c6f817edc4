"""A connection to a server of the Realtime API: events in, events out, and its failures in plain words."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from livetalk.errors import ProviderError
from livetalk.realtime.messages import ClientEvent

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.resources.realtime.realtime import AsyncRealtimeConnection

NAME = "the speech model"
SOUNDS_WAITING = 250
"""pieces of the user's sound that may wait to be sent, 5 s of 20 ms each; then the oldest is lost"""


class Outbox:
    """What is to be sent: any thread puts in, the loop takes out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: deque[ClientEvent] = deque()
        self._sounds: deque[ClientEvent] = deque()
        """beside the others, since sound that comes late may be lost, and nothing else"""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._filled = asyncio.Event()

    def open(self) -> None:
        """A connection begins; called on its loop. What waited for the one before is gone."""
        with self._lock:
            self._events.clear()
            self._sounds.clear()
            self._loop = asyncio.get_running_loop()
            self._filled = asyncio.Event()

    def close(self) -> None:
        """It is over: nothing more is taken."""
        with self._lock:
            self._loop = None

    def put(self, event: ClientEvent) -> None:
        """Send it soon."""
        with self._lock:
            if self._loop is None:
                return
            sound = event["type"] == "input_audio_buffer.append"
            if sound:
                self._sounds.append(event)
                if len(self._sounds) > SOUNDS_WAITING:
                    self._sounds.popleft()
            else:
                self._events.extend([*self._sounds, event])
                self._sounds.clear()
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._filled.set)

    async def take(self) -> list[ClientEvent]:
        """All that waits, in its order, once there is something."""
        await self._filled.wait()
        with self._lock:
            self._filled.clear()
            events = [*self._events, *self._sounds]
            self._events.clear()
            self._sounds.clear()
            return events


class Connection:
    """Connects when its events are asked for."""

    def __init__(self, client: AsyncOpenAI, model: str, outbox: Outbox) -> None:
        self._client = client
        self._model = model
        self._outbox = outbox

    async def events(self) -> AsyncIterator[Mapping[str, Any]]:
        """What the server tells, until it is gone.

        Raises:
            ProviderError: it cannot be reached, refuses, or is gone; one that leaves by itself is gone too.
        """
        host = urlsplit(str(self._client.base_url)).netloc
        try:
            async with self._client.realtime.connect(model=self._model) as connection:
                self._outbox.open()
                sending = asyncio.create_task(self._send_all(connection))
                try:
                    while True:
                        yield json.loads(await connection.recv_bytes())
                finally:
                    self._outbox.close()
                    sending.cancel()
        except Exception as error:
            raise explain(error, f"{NAME} at {host}") from error

    async def _send_all(self, connection: AsyncRealtimeConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                for event in await self._outbox.take():
                    await connection.send_raw(json.dumps(event))
        except ConnectionClosed:
            self._outbox.close()  # whoever reads finds out as well


def explain(error: Exception, who: str) -> Exception:
    """The same in plain words, where that is known."""
    from openai import OpenAIError
    from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

    if isinstance(error, ProviderError | TimeoutError):
        return error
    if isinstance(error, InvalidStatus):
        code = error.response.status_code
        if code in (401, 403):
            return ProviderError(f"{who} refuses the key; check LIVETALK_REALTIME_KEY", retryable=False)
        if code == 429:
            return ProviderError(f"{who} answered 429: too many ask it, or no quota is left", retryable=True)
        return ProviderError(
            f"{who} answered {code}; check realtime_url and realtime_model", retryable=code >= 500
        )
    if isinstance(error, ConnectionClosed):
        why = error.rcvd.reason if error.rcvd is not None and error.rcvd.reason else "no reason was given"
        return ProviderError(f"{who} closed the connection: {why}", retryable=True)
    if isinstance(error, OSError):
        return ProviderError(f"{who} cannot be reached ({error}); check realtime_url", retryable=True)
    if isinstance(error, WebSocketException | OpenAIError | ValueError):
        return ProviderError(f"{who} failed: {error}", retryable=True)
    return error


__all__ = ["NAME", "Connection", "Outbox", "explain"]
