"""A WebSocket per listener: a session's events out; commands, and the sound of a microphone, in."""

from __future__ import annotations

import asyncio
import contextlib

import numpy as np
from aiohttp import WSCloseCode, WSMsgType, web

from livetalk.audio.resample import StreamResampler
from livetalk.errors import InvalidRequest, RequestError
from livetalk.events import ClosedEvent, ErrorEvent, Event, written
from livetalk.line import Line
from livetalk.listening.ear import Ear
from livetalk.server.commands import obey
from livetalk.server.told import told
from livetalk.service import Service
from livetalk.session import Session
from livetalk.types import SAMPLE_RATE

PING_S = 15.0
MESSAGE_LIMIT = 1 << 18
"""bytes of one message: 8 s of sound at 16 kHz"""
RATES = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Hz, that the sound may have"""


class Socket:
    """`GET /ws?sessionid=...&rate=16000`: texts are JSON; binary is mono PCM of 16 bits, little-endian."""

    def __init__(self, service: Service, text_limit: int) -> None:
        self._service = service
        self._text_limit = text_limit

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [web.get("/ws", self.talk)]

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        """Listen and tell until either side ends."""
        session_id = request.query.get("sessionid")
        if session_id is None:
            raise InvalidRequest("name the session: /ws?sessionid=...")
        session = self._service.sessions.get(session_id)
        rate = _rate(request.query.get("rate", str(SAMPLE_RATE)))
        socket = web.WebSocketResponse(
            heartbeat=PING_S, max_msg_size=MESSAGE_LIMIT, protocols=("livetalk",), compress=False
        )
        with told(session) as events:
            await socket.prepare(request)
            telling = asyncio.create_task(_tell(socket, events))
            visit = _Visit(session, rate, self._text_limit)
            try:
                async for message in socket:
                    if complaint := visit.take(message.type, message.data):
                        await socket.send_str(written(complaint))
                    await asyncio.sleep(0)  # aiohttp hands over all that came at once; others wait meanwhile
            finally:
                telling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await telling
                await visit.leave()
        return socket


class _Visit:
    """What one socket brings."""

    def __init__(self, session: Session, rate: int, text_limit: int) -> None:
        self._session = session
        self._text_limit = text_limit
        self._resampler = StreamResampler(rate, SAMPLE_RATE)
        self._ear: Ear | Line | None = None

    def take(self, kind: WSMsgType, data: str | bytes) -> Event | None:
        """Take a message; what is to be said against it."""
        try:
            if kind == WSMsgType.TEXT and isinstance(data, str):
                obey(self._session, data, self._text_limit)
            elif kind == WSMsgType.BINARY and isinstance(data, bytes):
                self._hear(data)
        except RequestError as error:
            return ErrorEvent(message=str(error), stage="request", over=False)
        return None

    async def leave(self) -> None:
        """Hear no more."""
        if self._ear is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._ear.close)

    def _hear(self, data: bytes) -> None:
        if len(data) % 2:
            raise InvalidRequest("sound comes as whole samples of 16 bits; these bytes are odd in number")
        if self._ear is None:
            self._ear = self._session.conversation.hear()
        self._ear.push(self._resampler.push(np.frombuffer(data, "<i2").astype(np.int16, copy=False)))


async def _tell(socket: web.WebSocketResponse, events: asyncio.Queue[Event]) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            event = await events.get()
            await socket.send_str(written(event))
            if isinstance(event, ClosedEvent):
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the session ended")
                return


def _rate(text: str) -> int:
    rate = next((each for each in RATES if str(each) == text), None)
    if rate is None:
        raise InvalidRequest(f"rate is one of {', '.join(map(str, RATES))} Hz, not {text[:20]!r}")
    return rate


__all__ = ["Socket"]
