"""Jobs: turns that somebody asks about, followed by the events of their session."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from livetalk.errors import NotFound, TooManyRequests
from livetalk.events import (
    ClosedEvent,
    EndEvent,
    ErrorEvent,
    Event,
    InterruptedEvent,
    LatencyEvent,
    ReplyEvent,
    StartEvent,
    StateEvent,
    TurnEvent,
)
from livetalk.history import Exchange
from livetalk.session import Session
from livetalk.types import Tag

KEPT_S = 600.0
"""how long a job that is over can be asked about"""
MOST = 32
"""jobs of one caller; a new one takes the place of the oldest that is over"""

JobState: TypeAlias = Literal["queued", "thinking", "speaking", "done", "failed", "interrupted"]
"""queued: something else is being said before"""


class Job:
    """A turn, from when it is asked for until it is over; to be made on the event loop's thread."""

    def __init__(self, session: Session, ask: Callable[[], Tag]) -> None:
        """Follow the turn that `ask` opens.

        Raises:
            RequestError: what `ask` raised.
        """
        self.id = secrets.token_hex(16)
        """the right to it, together with its caller's cookie"""
        self.state: JobState = "queued" if session.speaking else "thinking"
        self.text = ""
        """what a language model wrote so far"""
        self.error = ""
        self.latency: Mapping[str, float] = {}
        self.over_at: float | None = None
        """when it was, on the loop's clock"""
        self._loop = asyncio.get_running_loop()
        self._exchange = Exchange()
        self._over = asyncio.Event()
        self._leave = session.events.listen(self._listen)
        try:
            self.turn = ask().utterance
        except BaseException:
            self._leave()
            raise

    async def over(self) -> None:
        """Wait until it is."""
        await self._over.wait()

    def leave(self) -> None:
        """Follow it no more; it goes on."""
        self._leave()

    @property
    def spoken(self) -> str:
        """What was heard so far."""
        return self._exchange.spoken

    def told(self) -> dict[str, Any]:
        """How it is, for JSON."""
        told: dict[str, Any] = {"state": self.state, "text": self.text, "spoken": self.spoken}
        if self.error:
            told["error"] = self.error
        if self.latency:
            told["latency"] = dict(self.latency)
        return told

    def _listen(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self._hear, event)

    def _hear(self, event: Event) -> None:
        if self._over.is_set():
            return
        if isinstance(event, ClosedEvent):
            self._finish("failed", "the session ended before this was said; ask again")
        elif isinstance(event, TurnEvent | ErrorEvent) and event.turn == self.turn:
            self._exchange.follow(event)
            self._follow(event)
        elif self.state == "queued" and isinstance(event, StateEvent) and event.state == "thinking":
            self.state = "thinking"

    def _follow(self, event: Event) -> None:
        match event:
            case ReplyEvent(text=text):
                self.text += text
                self.state = "thinking" if self.state == "queued" else self.state
            case StartEvent():
                self.state = "speaking"
            case LatencyEvent():
                self.latency = event.steps
            case ErrorEvent(message=message, over=over):
                self.error = message
                if over:
                    self._finish("failed", message)
            case InterruptedEvent():
                self._finish("interrupted", self.error)
            case EndEvent(last=True, broken=broken):
                self._finish("failed" if broken and not self.spoken else "done", self.error)

    def _finish(self, state: JobState, error: str) -> None:
        self.state, self.error = state, error
        self.over_at = self._loop.time()
        self._leave()
        self._over.set()


class Jobs:
    """Those of all callers; each is found by its own caller alone."""

    def __init__(self) -> None:
        self._jobs: dict[str, tuple[str, Job]] = {}
        """by id: whose, and the job"""

    def begin(self, owner: str, make: Callable[[], Job]) -> Job:
        """Make one, if there is room.

        Raises:
            TooManyRequests: so many of this caller's are not over.
            RequestError: what `make` raised.
        """
        self._forget_old()
        own = [job for whose, job in self._jobs.values() if whose == owner]
        over = [job for job in own if job.over_at is not None]
        if len(own) >= MOST and not over:
            raise TooManyRequests(f"{MOST} jobs are not done yet; wait for one")
        job = make()
        if len(own) >= MOST:
            del self._jobs[over[0].id]
        self._jobs[job.id] = owner, job
        return job

    def find(self, owner: str, job_id: str) -> Job:
        """A caller's.

        Raises:
            NotFound: it has no such job.
        """
        self._forget_old()
        whose, job = self._jobs.get(job_id, ("", None))
        if job is None or whose != owner:
            raise NotFound(f"no such job of yours; one is kept for {KEPT_S / 60:g} minutes")
        return job

    def _forget_old(self) -> None:
        before = asyncio.get_running_loop().time() - KEPT_S
        self._jobs = {
            key: each
            for key, each in self._jobs.items()
            if each[1].over_at is None or each[1].over_at > before
        }


__all__ = ["Job", "JobState", "Jobs"]
