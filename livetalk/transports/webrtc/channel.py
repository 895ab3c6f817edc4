"""A data channel that the other side opened, for texts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from aiortc import RTCDataChannel

logger = logging.getLogger(__name__)

MOST_CHANNELS = 4
"""of one connection"""


class DataChannel:
    """aiortc's, with one who takes its texts; on the event loop."""

    def __init__(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        self._take: Callable[[str], None] | None = None
        self._end: Callable[[], None] | None = None
        channel.on("message", self._on_message)
        channel.on("close", self.end)

    def tie(self, take: Callable[[str], None], end: Callable[[], None]) -> None:
        """Hand its texts to `take`; call `end` once it is over."""
        self._take, self._end = take, end

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
        return self._end is None

    def end(self) -> None:
        """Take and tell no more."""
        end, self._end, self._take = self._end, None, None
        if end is not None:
            end()

    def _on_message(self, message: str | bytes) -> None:
        if self._take is not None and isinstance(message, str):
            self._take(message)


__all__ = ["MOST_CHANNELS", "DataChannel"]
