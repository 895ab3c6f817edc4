"""RtmpOutput: a session pushed to a stream server, again and again where that is lost."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

import av

from livetalk.errors import OutputError
from livetalk.protocols import MediaSource, OutputOptions, OutputState, OutputStatus
from livetalk.transports.backoff import Backoff
from livetalk.transports.muxer import TickMuxer
from livetalk.transports.rtmp.flv import FlvTags
from livetalk.transports.rtmp.publisher import Publisher
from livetalk.transports.rtmp.target import parse_target
from livetalk.transports.steady import SteadyFeed
from livetalk.types import FPS
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

FLV = {"flvflags": "no_duration_filesize", "flush_packets": "1"}
LISTEN_S = 1.0
"""while nothing is played, the server is heard this often: it asks whether we live"""
DRAIN_S = 2.0
"""that a slow server has to take the rest when it ends"""
LONGEST = 20 * 24 * 3600 * FPS
"""ticks of one stream: FLV counts milliseconds in 31 bits, which is less than 25 days"""


class RtmpOutput:
    """Reads the source while the server takes it; in between nothing is encoded for it."""

    def __init__(self, target: str, options: OutputOptions) -> None:
        """Push to an rtmp:// or rtmps:// URL.

        Raises:
            OutputError: it is no such URL; says what one looks like.
        """
        self._target = parse_target(target)
        self._audio_bitrate = options.audio_bitrate
        self._feed = SteadyFeed(options.video, options.key_frame_s)
        self._worker = Worker(f"push to {self._target.shown}", self._run)
        self._source: MediaSource | None = None
        self._publisher: Publisher | None = None
        self._state: OutputState = "starting"
        self._detail = ""
        self._ticks = 0
        self._lives = 0

    def start(self, source: MediaSource) -> None:
        """Begin; connecting is the worker's affair."""
        self._source = source
        self._worker.start()

    def stop(self) -> None:
        """End, after what was played was sent, where the server takes it in time.

        Raises:
            StageError: the worker did not end.
        """
        live = self._state == "live"
        self._feed.close()
        if live:
            self._worker.join(DRAIN_S)
        if self._publisher is not None:
            self._publisher.cut()
        self._worker.wait()

    def status(self) -> OutputStatus:
        """How it is."""
        reconnects = max(0, self._lives - 1)
        return OutputStatus(self._state, self._detail, self._ticks, self._feed.dropped, reconnects)

    # -- the worker's -----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._push()
        except Exception:
            self._detail, self._state = "it broke; the log says why", "failed"
            logger.exception("the push to %s broke", self._target.shown)
        else:
            self._detail, self._state = "", "stopped"
        finally:
            self._feed.close()

    def _push(self) -> None:
        backoff = Backoff()
        while not self._feed.closed:
            began, lives = time.monotonic(), self._lives
            try:
                self._attempt()
            except (OutputError, OSError, av.FFmpegError) as error:
                if self._feed.closed:
                    return
                wait_s = backoff.next_s(time.monotonic() - began if self._lives > lives else 0.0)
                self._detail = f"{self._target.shown}: {_reason(error)}"
                self._state = "waiting"
                logger.warning("%s; next attempt in %.1f s", self._detail, wait_s)
                self._feed.wait_closed(wait_s)

    def _attempt(self) -> None:
        """Push until the feed is closed.

        Raises:
            OutputError, OSError: the server is not there, or not any more.
        """
        publisher = self._publisher = Publisher(self._target)
        if self._feed.closed:  # `stop` may have looked for a publisher before there was this one
            return
        try:
            publisher.open()
            self._stream(publisher)
            publisher.finish()
        finally:
            publisher.close()

    def _stream(self, publisher: Publisher) -> None:
        assert self._source is not None
        self._feed.skip()
        self._feed.open(self._source)
        tags = FlvTags()
        muxer: TickMuxer | None = None
        last = 0
        try:
            while (tick := self._feed.next(LISTEN_S)) is not None or not self._feed.closed:
                if tick is not None and tick.video is not None:
                    if muxer is None:
                        container = av.open(tags, "w", "flv", options=FLV)
                        muxer = TickMuxer(container, tick.video.size, self._audio_bitrate)
                        last = tick.frame.tick + LONGEST
                    if tick.frame.tick > last:
                        raise OutputError("its time stamps come to their end; the stream begins anew")
                    muxer.write(tick)
                publisher.send(tags.take())
                if tick is not None:
                    self._sent()
        finally:
            self._source.remove(self._feed)
            if muxer is not None:
                with suppress(av.FFmpegError):
                    muxer.close()
        publisher.send(tags.take())

    def _sent(self) -> None:
        self._ticks += 1
        if self._state != "live":
            self._lives += 1
            self._detail = ""
            self._state = "live"
            logger.info("live at %s", self._target.shown)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    return getattr(error, "strerror", None) or str(error)


__all__ = ["RtmpOutput"]
