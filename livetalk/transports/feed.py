"""Feed: ticks on their way from the broadcast's thread to an output's own, which may be slow."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

from livetalk.protocols import MediaSource, Tick, VideoFormat
from livetalk.types import FPS

LIMIT = 2 * FPS
"""ticks that wait for a slow output before they are dropped"""


class Feed:
    """A reader with a bounded queue. What an output is too slow for is dropped, all of it, and counted.

    After a drop an output of encoded pictures is handed the next from a key frame on, since those between
    could not be decoded.
    """

    def __init__(
        self, wanted: VideoFormat | None, key_frame_s: float | None = None, limit: int = LIMIT
    ) -> None:
        self.format = wanted
        self.key_frame_s = key_frame_s
        self.wants_opus = False
        self.dropped = 0
        """ticks"""
        self._limit = limit
        self._changed = threading.Condition()
        self._ticks: deque[Tick] = deque()
        self._broken = True
        """a key frame must come first"""
        self._source: MediaSource | None = None
        self._closed = False

    def open(self, source: MediaSource) -> None:
        """Begin to read."""
        self._source = source
        source.add(self)

    def take(self, tick: Tick) -> None:
        """Queue a tick; on the broadcast's thread."""
        with self._changed:
            if self._closed:
                return
            if len(self._ticks) >= self._limit:
                self.dropped += len(self._ticks)
                self._ticks.clear()
                self._broken = True
                self._refresh()
            if self._broken and tick.video is not None and not tick.video.key:
                self.dropped += 1
                return
            self._broken = False
            self._ticks.append(tick)
            self._changed.notify()

    def skip(self) -> None:
        """Forget what waits, and go on from the next key frame; for an output that lost its server."""
        with self._changed:
            self.dropped += len(self._ticks)
            self._ticks.clear()
            self._broken = True
            self._refresh()

    def ticks(self) -> Iterator[Tick]:
        """The ticks as they come, until the feed is closed and what waited was taken."""
        while (tick := self.next()) is not None:
            yield tick

    def next(self, timeout_s: float | None = None) -> Tick | None:
        """The next tick; None once the feed is closed and empty, or where none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._ticks or self._closed, timeout_s)
            return self._ticks.popleft() if self._ticks else None

    def wait_closed(self, timeout_s: float) -> bool:
        """Wait until the feed is closed, for an output that does so between two attempts; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, timeout_s)

    @property
    def closed(self) -> bool:
        """Whether no more will come."""
        return self._closed

    def close(self) -> None:
        """Read no more; what waits can still be taken."""
        if self._source is not None:
            self._source.remove(self)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _refresh(self) -> None:
        if self._source is not None and self.format is not None:
            self._source.refresh(self)


__all__ = ["Feed"]
