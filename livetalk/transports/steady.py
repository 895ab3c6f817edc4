"""SteadyFeed: a feed whose pictures keep the size of the first, as a file or a stream server wants them."""

from __future__ import annotations

from dataclasses import replace

from livetalk.protocols import Tick, VideoFormat
from livetalk.transports.feed import Feed


class SteadyFeed(Feed):
    """H264 of one size, with key frames at an interval.

    The size is that of the first picture, so that the encoder of other readers serves this one too; an
    avatar of another shape gets bars.
    """

    def __init__(self, wanted: VideoFormat, key_frame_s: float) -> None:
        super().__init__(replace(wanted, codec="h264"), key_frame_s)

    def take(self, tick: Tick) -> None:
        """Queue a tick; on the broadcast's thread."""
        if self.format is not None and self.format.size is None:
            self.format = replace(self.format, size=self.format.size_of(tick.frame.picture))
        if self.format is not None and tick.video is not None and tick.video.size != self.format.size:
            self._refresh()  # a machine that is late makes smaller ones; those of the size begin with a key
            return
        super().take(tick)


__all__ = ["SteadyFeed"]
