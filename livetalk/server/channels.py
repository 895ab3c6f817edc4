"""Data channels: the events of a session, and commands to it, over the connection by which it is watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeAlias

from livetalk.errors import RequestError
from livetalk.events import ErrorEvent, Event, written
from livetalk.server.commands import obey
from livetalk.session import Session

MOST_BUFFERED = 1 << 18
"""bytes that may wait for a viewer; what is told then is lost"""


Ties: TypeAlias = tuple[Callable[[str], None], Callable[[], None]]
"""what takes a message, and what is to be called at the end"""


class TextChannel(Protocol):
    """Carries texts to and fro."""

    @property
    def buffered(self) -> int:
        """Bytes that are not sent yet."""

    def send(self, text: str) -> None:
        """Send one; on the event loop."""


def attend(channel: TextChannel, session: Session, text_limit: int) -> Ties:
    """Tell the session's events by a channel; what takes a message that comes by it, and what ends this."""
    loop = asyncio.get_running_loop()

    def send(event: Event) -> None:
        if channel.buffered < MOST_BUFFERED:
            channel.send(written(event))

    def take(said: str) -> None:
        try:
            obey(session, said, text_limit)
        except RequestError as error:
            send(ErrorEvent(message=str(error), stage="request", over=False))

    end = session.events.listen(lambda event: loop.call_soon_threadsafe(send, event))
    return take, end


__all__ = ["TextChannel", "attend"]
