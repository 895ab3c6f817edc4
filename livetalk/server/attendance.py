"""Attendance: what is attached to which session, and when a session ends for want of it."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from livetalk import memory
from livetalk.errors import NotFound, StageError, Unavailable
from livetalk.protocols import EngineAvatar
from livetalk.server.threads import in_thread, in_thread_or_undone
from livetalk.service import Service
from livetalk.session import Session

logger = logging.getLogger(__name__)

Close = Callable[[], Awaitable[None]]
"""ends what is attached"""

SWEEP_S = 5.0
"""how often sessions that went quiet are looked for, what ended is let go of, and the figures are logged"""


@dataclass(slots=True)
class _Attended:
    """An open session and what is attached to it."""

    session: Session
    opened_at: float
    lasting: bool
    """neither silence nor solitude ends it"""
    spare_at: float = math.inf
    """from when on its place may be given to another, on the loop's clock"""
    visits: int = 0
    """requests at work for it, which keep it open"""
    attached: dict[str, Close] = field(default_factory=dict)
    holding: set[str] = field(default_factory=set)
    """which of them keep it open; it is closed with the last"""


class Attendance:
    """Opens sessions; a viewer or an output attaches to one, and the last that leaves ends it."""

    def __init__(self, service: Service, idle_limit_s: float, unattended_limit_s: float) -> None:
        self._service = service
        self._idle_limit_s = idle_limit_s
        self._unattended_limit_s = unattended_limit_s
        self._open: dict[str, _Attended] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._left = False
        """whether a session ended since the last sweep"""
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for sessions that are not needed any more."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def open(self, avatar: EngineAvatar, lasting: bool = False) -> Session:
        """Open a session; it is given up if nothing attaches to it in time, unless it is a lasting one.

        Raises:
            Unavailable: no session is free.
        """
        loop = asyncio.get_running_loop()

        def fail(session_id: str) -> None:
            loop.call_soon_threadsafe(self.begin_to_end, session_id)

        sessions = self._service.sessions
        begin = partial(
            in_thread_or_undone,
            lambda: sessions.open(avatar, fail),
            undo=lambda opened: sessions.close(opened.id),
        )
        try:
            session = await begin()
        except Unavailable:
            if not await self._make_room():
                raise
            session = await begin()
        self._open[session.id] = _Attended(session, loop.time(), lasting)
        return session

    def session(self, session_id: str) -> Session:
        """Find a session that something can attach to.

        Raises:
            NotFound: there is none of this id, or it ends.
        """
        return self._find(session_id).session

    def attach(self, session_id: str, close: Close, holds: bool = True) -> str:
        """Attach something, ended by `close`, and get an id of 128 random bits for it.

        What holds keeps the session open; what does not is ended with it.

        Raises:
            NotFound: there is no such session.
        """
        attended = self._find(session_id)
        attached_id = secrets.token_hex(16)
        attended.attached[attached_id] = close
        if holds:
            attended.holding.add(attached_id)
        return attached_id

    def enter(self, session_id: str) -> None:
        """A request begins to work for a session, which is not quiet meanwhile; each has to leave."""
        attended = self._find(session_id)
        attended.visits += 1
        attended.spare_at = math.inf
        attended.session.touch()

    def leave(self, session_id: str, *, spare: bool) -> None:
        """It is done; nothing happens where the session is over.

        The place of one that is `spare` may be given to another after a while: its caller may never come
        again. One that something else holds too is kept.
        """
        attended = self._open.get(session_id)
        if attended is not None:
            attended.visits -= 1
            attended.session.touch()
            if spare and not attended.visits:
                attended.spare_at = asyncio.get_running_loop().time() + self._unattended_limit_s

    async def detach(self, session_id: str, attached_id: str) -> None:
        """End what is attached, and the session with it if it was the last that held it."""
        await asyncio.shield(self.begin_to_detach(session_id, attached_id))

    def begin_to_detach(self, session_id: str, attached_id: str) -> asyncio.Task[None]:
        """The same, without waiting."""
        return self._begin(self._detach(session_id, attached_id))

    async def withdraw(self, session_id: str, attached_id: str) -> None:
        """End what is attached and came to nothing; the session goes on as if it had not been there."""
        await asyncio.shield(self._begin(self._withdraw(session_id, attached_id)))

    async def end(self, session_id: str) -> None:
        """End a session and all that is attached; a caller that is cancelled does not stop that."""
        await asyncio.shield(self.begin_to_end(session_id))

    def begin_to_end(self, session_id: str) -> asyncio.Task[None]:
        """The same, without waiting."""
        return self._begin(self._end(session_id))

    async def stop(self) -> None:
        """End all, and wait for those that are ending already."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for session_id in list(self._open):
            self.begin_to_end(session_id)
        await asyncio.gather(*self._endings, return_exceptions=True)

    def _find(self, session_id: str) -> _Attended:
        attended = self._open.get(session_id)
        if attended is None:
            raise NotFound("no such session; it may have ended: connect again")
        return attended

    async def _make_room(self) -> bool:
        """End a session that is spare; whether there was one."""
        now = asyncio.get_running_loop().time()
        for session_id, attended in self._open.items():
            if attended.spare_at <= now and len(attended.holding) <= 1:
                logger.info("a session whose caller did not come again made room")
                await self.end(session_id)
                return True
        return False

    def _begin(self, ending: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        return task

    async def _detach(self, session_id: str, attached_id: str) -> None:
        attended = self._open.get(session_id)
        if attended is None or attached_id not in attended.attached:
            return
        if attended.holding == {attached_id} and not attended.lasting:
            await self._end(session_id)
        else:
            await self._withdraw(session_id, attached_id)

    async def _withdraw(self, session_id: str, attached_id: str) -> None:
        attended = self._open.get(session_id)
        if attended is not None and attached_id in attended.attached:
            attended.holding.discard(attached_id)
            await attended.attached.pop(attached_id)()

    async def _end(self, session_id: str) -> None:
        attended = self._open.pop(session_id, None)
        if attended is None:
            return
        try:
            async with AsyncExitStack() as ended:  # the last one first, whatever fails
                ended.push_async_callback(in_thread, partial(self._service.sessions.close, session_id))
                for close in attended.attached.values():
                    ended.push_async_callback(close)
        except StageError as error:
            logger.error("a session did not end: %s", error)
        finally:
            self._left = True

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            if self._left:  # not while it ends: who connects in that moment would wait for it
                self._left = False
                await in_thread(memory.let_go)
            if self._open:
                logger.info("%s", self._service.metrics.summary())
            for session_id in self._service.sessions.quiet(self._idle_limit_s):
                attended = self._open.get(session_id)
                if attended is not None and not attended.lasting and not attended.visits:
                    logger.info("a session was quiet for %g s", self._idle_limit_s)
                    self.begin_to_end(session_id)
            for session_id in self._unattended():
                logger.info("a session was not watched within %g s", self._unattended_limit_s)
                self.begin_to_end(session_id)

    def _unattended(self) -> list[str]:
        before = asyncio.get_running_loop().time() - self._unattended_limit_s
        return [
            session_id
            for session_id, attended in self._open.items()
            if not attended.holding and not attended.lasting and attended.opened_at < before
        ]


__all__ = ["Attendance", "Close"]
