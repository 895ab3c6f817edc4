"""A data channel that the other side opened, for texts."""

from __future__ import annotations

import logging
from typing import Protocol

from aiortc import RTCDataChannel

logger = logging.getLogger(__name__)

MOST_CHANNELS = 4
"""of one connection"""


class Attendant(Protocol):
    """Whoever a channel was opened to."""

    def take(self, said: str) -> None:
        """Take a text that came by it."""

    def end(self) -> None:
        """It is over."""


class DataChannel:
    """aiortc's, with one who attends to it; on the event loop."""

    def __init__(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        self._attendant: Attendant | None = None
        channel.on("message", self._on_message)
        channel.on("close", self.end)

    def begin(self, attendant: Attendant) -> None:
        """Hand on what comes from now on."""
        self._attendant = attendant

    @property
    def buffered(self) -> int:
        """Bytes that are not sent yet."""
        return int(self._channel.bufferedAmount)

    def send(self, text: str) -> None:
        """Send one, unless the channel is closing, or it is longer than the other side takes."""
        if self._channel.readyState == "open":
            try:
                self._channel.send(text)
            except ValueError as error:
                logger.debug("a text was not sent: %s", error)

    @property
    def ended(self) -> bool:
        """Whether it takes and tells no more."""
        return self._attendant is None

    def end(self) -> None:
        """Take and tell no more."""
        attendant, self._attendant = self._attendant, None
        if attendant is not None:
            attendant.end()

    def _on_message(self, message: str | bytes) -> None:
        if self._attendant is not None and isinstance(message, str):
            self._attendant.take(message)


__all__ = ["MOST_CHANNELS", "Attendant", "DataChannel"]
