"""Watchers: what reads which session; a session lives as long as anything does."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from livetalk import memory
from livetalk.errors import StageError, Unavailable, UnknownSession
from livetalk.protocols import EngineAvatar
from livetalk.service import Service
from livetalk.session import Session
from livetalk.transports.webrtc.peer import Peer, PeerOptions

Given = TypeVar("Given")
Result = TypeVar("Result")
Close = Callable[[], Awaitable[None]]
"""ends a peer, or another output"""

logger = logging.getLogger(__name__)

SWEEP_S = 5.0
"""how often sessions that went quiet are looked for, what ended is let go of, and the figures are logged"""
OPENERS = 2
"""avatars that are opened, or drawn anew, at a time"""
RETRY_AFTER_S = 10


@dataclass(slots=True)
class _Watched:
    """An open session, and what reads it."""

    session: Session
    opened_at: float
    outputs: dict[str, Close] = field(default_factory=dict)
    """id -> how to end it"""


class Watchers:
    """Opens sessions, lets peers watch them, and closes a session when nobody reads it any more."""

    def __init__(self, service: Service, options: PeerOptions, idle_limit_s: float, max_viewers: int) -> None:
        self._service = service
        self._options = options
        self._idle_limit_s = idle_limit_s
        self._max_viewers = max_viewers
        self._open: dict[str, _Watched] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._left = False
        """whether a session ended since the last sweep"""
        self._sweeper: asyncio.Task[None] | None = None
        self._openers = ThreadPoolExecutor(OPENERS, "avatars")

    def start(self) -> None:
        """Begin to look for quiet sessions."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def open(self, avatar_id: str) -> Session:
        """Open a session that nobody watches yet; it is given up if nobody does in time.

        Raises:
            InvalidRequest: there is no such avatar.
            AvatarError: the avatar is damaged.
            Unavailable: no session is free.
        """
        avatar = await self._avatar(avatar_id)
        loop = asyncio.get_running_loop()

        def fail(session_id: str) -> None:
            loop.call_soon_threadsafe(self._begin_to_end, session_id)

        session: Session = await loop.run_in_executor(None, self._service.sessions.open, avatar, fail)
        self._open[session.id] = _Watched(session, loop.time())
        return session

    async def connect(self, sdp: str, avatar_id: str) -> tuple[str, str]:
        """Open a session and answer its offer; returns its id and the SDP answer.

        Raises:
            InvalidRequest: the offer cannot be answered, or there is no such avatar.
            AvatarError: the avatar is damaged.
            Unavailable: no session is free, or no UDP port.
        """
        session = await self.open(avatar_id)
        try:
            _, answer = await self.watch(session.id, sdp)
        except BaseException:
            await self.disconnect(session.id)
            raise
        return session.id, answer

    async def watch(self, session_id: str, sdp: str) -> tuple[str, str]:
        """Answer an offer to watch a session that is open; returns the viewer's id and the SDP answer.

        Raises:
            UnknownSession: there is no such session.
            InvalidRequest: the offer cannot be answered.
            Unavailable: there are too many viewers, or no UDP port is free.
        """
        watched = self._find(session_id)
        if sum(len(each.outputs) for each in self._open.values()) >= self._max_viewers:
            raise Unavailable("all places are taken; try again in a moment", retry_after_s=RETRY_AFTER_S)
        viewer_id = secrets.token_hex(16)
        leave = partial(self._begin_to_leave, session_id, viewer_id)
        peer = Peer(watched.session.broadcast, self._options, self._service.metrics, on_gone=leave)
        watched.outputs[viewer_id] = peer.close
        try:
            return viewer_id, await peer.answer(sdp)
        except BaseException:
            await asyncio.shield(leave())
            raise

    async def leave(self, session_id: str, viewer_id: str) -> None:
        """End one viewer; the session ends with its last.

        Raises:
            UnknownSession: there is no such viewer.
        """
        watched = self._find(session_id)
        if viewer_id not in watched.outputs:
            raise UnknownSession("no such viewer; it may have left already")
        await asyncio.shield(self._begin_to_leave(session_id, viewer_id))

    def _find(self, session_id: str) -> _Watched:
        self._service.sessions.get(session_id)
        watched = self._open.get(session_id)
        if watched is None:
            raise UnknownSession("no such session; it may have ended: connect again")
        return watched

    async def change_avatar(self, session_id: str, avatar_id: str) -> None:
        """Show another avatar in a session; returns once it is shown.

        Raises:
            UnknownSession: there is no such session.
            InvalidRequest: there is no such avatar.
            AvatarError: the avatar is damaged.
        """
        session = self._service.sessions.get(session_id)
        avatar = await self._avatar(avatar_id)
        await self._slowly(session.change_avatar, avatar)

    async def _avatar(self, avatar_id: str) -> EngineAvatar:
        avatars = self._service.avatars
        warm = avatars.warm(avatar_id)
        return await self._slowly(avatars.get, avatar_id) if warm is None else warm

    async def _slowly(self, work: Callable[[Given], Result], given: Given) -> Result:
        """Do what may take seconds, so that only other such work waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._openers, work, given)

    async def disconnect(self, session_id: str) -> None:
        """End a session, and all that read it; a caller that is cancelled does not stop that."""
        await asyncio.shield(self._begin_to_end(session_id))

    async def stop(self) -> None:
        """End all, and wait for those that are ending already."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for session_id in list(self._open):
            self._begin_to_end(session_id)
        await asyncio.gather(*self._endings, return_exceptions=True)
        await _in_thread(partial(self._openers.shutdown, cancel_futures=True))

    def browser_ice_servers(self) -> list[dict[str, Any]]:
        """The STUN and TURN servers as a browser's RTCPeerConnection takes them."""
        return [
            {
                key: value
                for key, value in (
                    ("urls", server.urls),
                    ("username", server.username),
                    ("credential", server.credential),
                )
                if value is not None
            }
            for server in self._options.ice_servers
        ]

    def _begin_to_end(self, session_id: str) -> asyncio.Task[None]:
        return self._begin(self._end(session_id))

    def _begin_to_leave(self, session_id: str, viewer_id: str) -> asyncio.Task[None]:
        return self._begin(self._leave(session_id, viewer_id))

    def _begin(self, ending: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        return task

    async def _leave(self, session_id: str, viewer_id: str) -> None:
        watched = self._open.get(session_id)
        close = watched.outputs.pop(viewer_id, None) if watched else None
        if watched is None or close is None:
            return
        if watched.outputs:
            await close()
        else:
            watched.outputs[viewer_id] = close
            await self._end(session_id)

    async def _end(self, session_id: str) -> None:
        watched = self._open.pop(session_id, None)
        try:
            async with AsyncExitStack() as ended:  # the last one first, whatever fails
                ended.push_async_callback(_in_thread, partial(self._service.sessions.close, session_id))
                for close in watched.outputs.values() if watched else ():
                    ended.push_async_callback(close)
        except StageError as error:
            logger.error("a session did not end: %s", error)
        self._left = True

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            if self._left:  # not while it ends: who connects in that moment would wait for it
                self._left = False
                await _in_thread(memory.let_go)
            if self._open:
                logger.info("%s", self._service.metrics.summary())
            for session_id in self._service.sessions.quiet(self._idle_limit_s):
                logger.info("a session was quiet for %g s", self._idle_limit_s)
                self._begin_to_end(session_id)
            for session_id in self._unwatched():
                logger.info("a session was not watched within %g s", self._options.connect_limit_s)
                self._begin_to_end(session_id)

    def _unwatched(self) -> list[str]:
        before = asyncio.get_running_loop().time() - self._options.connect_limit_s
        return [
            session_id
            for session_id, watched in self._open.items()
            if not watched.outputs and watched.opened_at < before
        ]


async def _in_thread(work: Callable[[], object]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, work)
