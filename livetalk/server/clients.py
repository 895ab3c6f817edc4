"""Simple clients: each is bound to a session of its own by a cookie, and holds it open."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from livetalk.errors import NotFound, OutOfRoom, TooManyRequests, Unavailable
from livetalk.protocols import Tick
from livetalk.server.archive import Recording
from livetalk.server.attendance import Attendance
from livetalk.server.cookies import given, issue
from livetalk.server.faces import Faces
from livetalk.server.studio import Studio
from livetalk.service import Service
from livetalk.session import Session

logger = logging.getLogger(__name__)

KEPT_S = 600.0
"""how long a client is remembered whose session is over, as its jobs are"""
MOST_VISITS = 8
"""requests of one client at a time"""


class Audience:
    """A reader that takes nothing: with it a session plays though nobody watches."""

    format = None
    wants_opus = False
    key_frame_s = None

    def take(self, tick: Tick) -> None:
        """Let it pass."""


@dataclass(slots=True)
class Client:
    """Somebody with a cookie."""

    key: str
    """the cookie's value, 128 random bits"""
    session: Session | None = None
    """None once it is over"""
    clip: Recording | None = None
    """of what was spoken since the last reset; None where nothing can be kept"""
    no_clip: str = ""
    """why"""
    clips: int = 0
    """so many were begun; the number of the one that grows"""
    returned: bool = False
    """whether the cookie was ever brought back"""
    visits: int = 0
    """requests that are at work"""
    gone_at: float = 0.0
    """when the session ended, on the loop's clock"""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a client's."""

    client: Client
    session: Session
    new: bool
    """whether the session was opened for it"""


class Clients:
    """Knows them by their cookies.

    A session is held as long as requests come, and `idle_limit_s` longer. One whose client never brought
    its cookie back, as a program that keeps none, gives up its place when another needs it.
    """

    def __init__(self, service: Service, attendance: Attendance, faces: Faces, studio: Studio) -> None:
        self._service = service
        self._attendance = attendance
        self._faces = faces
        self._studio = studio
        self._clients: dict[str, Client] = {}

    def find(self, request: web.Request) -> Client | None:
        """Whose cookie a request brings; None for a stranger's."""
        client = self._clients.get(given(request))
        if client is not None:
            client.returned = True
            if client.session is not None:
                client.session.touch()
        return client

    @asynccontextmanager
    async def visit(self, request: web.Request) -> AsyncIterator[Visit]:
        """A request's client and its session, opened where there is none.

        Raises:
            Unavailable: no session is free.
            TooManyRequests: so many requests of this client are at work.
        """
        client = self.find(request) or Client(secrets.token_hex(16))
        if client.visits >= MOST_VISITS:
            raise TooManyRequests(f"{MOST_VISITS} requests of yours are at work; wait for one")
        client.visits += 1
        try:
            visit = await self._enter(client, request)
            try:
                yield visit
            finally:
                self._attendance.leave(visit.session.id, spare=not client.returned)
        finally:
            client.visits -= 1

    async def reset(self, client: Client) -> None:
        """Stop speaking, forget the conversation, begin a new clip; nothing where there is no session."""
        async with client.changing:
            session = client.session
            if session is None or not self._lives(session):
                return
            session.interrupt()
            session.conversation.history.clear()
            if client.clip is not None:
                await self._studio.remove(client.clip)
            await self._begin_clip(client, session)

    # -- inside -----------------------------------------------------------------------------------

    async def _enter(self, client: Client, request: web.Request) -> Visit:
        async with client.changing:
            session, new = client.session, False
            if session is None or not self._lives(session):
                session, new = await self._open(client), True
            self._attendance.enter(session.id)
        if client.key not in self._clients:
            self._forget_old()
            self._clients[client.key] = client
            issue(request, client.key)
        return Visit(client, session, new)

    def _lives(self, session: Session) -> bool:
        try:
            self._attendance.session(session.id)
        except NotFound:
            return False
        return True

    async def _open(self, client: Client) -> Session:
        avatar = await self._faces.get(self._service.default_avatar)
        session = await self._attendance.open(avatar)
        audience, loop = Audience(), asyncio.get_running_loop()

        async def leave() -> None:
            session.broadcast.remove(audience)
            if client.session is session:
                client.session, client.gone_at = None, loop.time()

        try:
            self._attendance.attach(session.id, leave)
            session.broadcast.add(audience)
            client.session = session
            await self._begin_clip(client, session)
        except BaseException:
            await self._attendance.end(session.id)
            raise
        return session

    async def _begin_clip(self, client: Client, session: Session) -> None:
        client.clip, client.clips = None, client.clips + 1
        try:
            client.clip, client.no_clip = await self._studio.record(session.id, "clip"), ""
        except (OutOfRoom, Unavailable) as error:
            logger.info("a client has no clip: %s", error)
            client.no_clip = str(error)

    def _forget_old(self) -> None:
        before = asyncio.get_running_loop().time() - KEPT_S
        self._clients = {
            key: each
            for key, each in self._clients.items()
            if each.session is not None or each.visits or each.gone_at > before
        }


__all__ = ["Client", "Clients", "Visit"]
