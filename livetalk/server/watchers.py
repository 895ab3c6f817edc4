"""Watchers: who watches which session; a session lives as long as its peer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, TypeVar

from livetalk import memory
from livetalk.errors import StageError
from livetalk.protocols import EngineAvatar
from livetalk.service import Service
from livetalk.session import Session
from livetalk.transports.webrtc.broadcast import Broadcast
from livetalk.transports.webrtc.encoders import EncoderLimits
from livetalk.transports.webrtc.peer import Peer, PeerOptions

Given = TypeVar("Given")
Result = TypeVar("Result")

logger = logging.getLogger(__name__)

SWEEP_S = 5.0
"""how often sessions that went quiet are looked for, what ended is let go of, and the figures are logged"""
OPENERS = 2
"""avatars that are opened, or drawn anew, at a time"""


class Watchers:
    """Opens a session for each offer; closes it, and all it started, when its peer is gone."""

    def __init__(
        self, service: Service, limits: EncoderLimits, options: PeerOptions, idle_limit_s: float
    ) -> None:
        self._service = service
        self._limits = limits
        self._options = options
        self._idle_limit_s = idle_limit_s
        self._open: dict[str, tuple[Peer, Broadcast]] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._left = False
        """whether a session ended since the last sweep"""
        self._sweeper: asyncio.Task[None] | None = None
        self._openers = ThreadPoolExecutor(OPENERS, "avatars")

    def start(self) -> None:
        """Begin to look for quiet sessions."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def connect(self, sdp: str, avatar_id: str) -> tuple[str, str]:
        """Open a session and answer its offer; returns its id and the SDP answer.

        Raises:
            InvalidRequest: the offer cannot be answered, or there is no such avatar.
            AvatarError: the avatar is damaged.
            Unavailable: no session is free, or no UDP port.
        """
        avatar = await self._avatar(avatar_id)
        loop = asyncio.get_running_loop()
        session: Session = await loop.run_in_executor(None, self._service.sessions.open, avatar)
        try:
            end = partial(self._begin_to_end, session.id)
            broadcast = Broadcast(
                session.playout,
                self._limits,
                self._service.metrics,
                on_failed=lambda: loop.call_soon_threadsafe(end),
            )
            peer = Peer(broadcast, self._options, self._service.metrics, on_gone=end)
            self._open[session.id] = (peer, broadcast)
            return session.id, await peer.answer(sdp)
        except BaseException:
            await self.disconnect(session.id)
            raise

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
        """End a session, its peer and its encoder; a caller that is cancelled does not stop that."""
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
        ending = asyncio.create_task(self._end(session_id))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        return ending

    async def _end(self, session_id: str) -> None:
        peer, broadcast = self._open.pop(session_id, (None, None))
        try:
            async with AsyncExitStack() as ended:  # the last one first, whatever fails
                ended.push_async_callback(_in_thread, partial(self._service.sessions.close, session_id))
                if broadcast is not None:
                    ended.push_async_callback(_in_thread, broadcast.stop)
                if peer is not None:
                    ended.push_async_callback(peer.close)
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


async def _in_thread(work: Callable[[], object]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, work)
