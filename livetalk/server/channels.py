"""Data channels: the events of a session, and commands to it, over the connection by which it is watched."""

from __future__ import annotations

import asyncio
from typing import Protocol

from livetalk.errors import RequestError
from livetalk.events import ErrorEvent, Event, written
from livetalk.server.commands import obey
from livetalk.session import Session

MOST_BUFFERED = 1 << 18
"""bytes that may wait for a viewer; what is told then is lost"""


class TextChannel(Protocol):
    """Carries texts to and fro."""

    @property
    def buffered(self) -> int:
        """Bytes that are not sent yet."""

    def send(self, text: str) -> None:
        """Send one; on the event loop."""


class Attendant:
    """Tells a session's events by a channel, and does what is asked by it; on the event loop."""

    def __init__(self, channel: TextChannel, session: Session, text_limit: int) -> None:
        loop = asyncio.get_running_loop()
        self._channel = channel
        self._session = session
        self._text_limit = text_limit
        self._leave = session.events.listen(lambda event: loop.call_soon_threadsafe(self._send, event))

    def take(self, said: str) -> None:
        """Do what a text asks, or tell why not."""
        try:
            obey(self._session, said, self._text_limit)
        except RequestError as error:
            self._send(ErrorEvent(message=str(error), stage="request", over=False))

    def end(self) -> None:
        """Tell no more."""
        self._leave()

    def _send(self, event: Event) -> None:
        if self._channel.buffered < MOST_BUFFERED:
            self._channel.send(written(event))


__all__ = ["Attendant", "TextChannel"]
