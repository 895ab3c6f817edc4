"""Broadcast: one thread per session that commits each tick just before its time and encodes it once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from livetalk.metrics import Metrics
from livetalk.protocols import MediaSource
from livetalk.transports.webrtc.encoders import (
    AUDIO_CLOCK,
    VIDEO_CLOCK,
    EncoderLimits,
    OpusEncoder,
    PyavVideoEncoder,
    VideoCodec,
    VideoEncoder,
)
from livetalk.types import CHUNK_SAMPLES, CHUNKS_PER_FRAME, FPS, FRAME_S, Int16Array, Picture
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

COMMIT_LEAD_S = 0.018
"""how long before its time a tick is committed: what encoding takes, with a little to spare"""
SKIP_S = 0.2
"""a machine that stood still this long leaves ticks out rather than play them in a rush"""
MIN_BITRATE = 150_000
"""bit/s; a face is no face below this"""
BITRATE_STEP = 0.25
"""share by which viewers' bitrate must differ from the encoder's to make a new one"""
SETTLE_S = 5


@dataclass(frozen=True, slots=True)
class Encoded:
    """A packet, and when it is to leave."""

    payload: bytes
    pts: int
    """RTP ticks of its medium since the timeline began"""
    due: float
    """seconds of the session's clock"""


@dataclass(frozen=True, slots=True)
class EncodedTick:
    """What one viewer gets for one tick."""

    video: Encoded
    audio: tuple[Encoded, Encoded]


class Viewer(Protocol):
    """Somebody who watches."""

    codec: VideoCodec
    bitrate: int | None
    """bit/s that it can take; None while that is unknown"""

    def deliver(self, tick: EncodedTick) -> None:
        """Take a tick; called by the broadcast's thread, must not block."""


class Broadcast:
    """Runs from its first viewer until it is stopped; all viewers of a codec share one encoder."""

    def __init__(
        self,
        source: MediaSource,
        limits: EncoderLimits,
        metrics: Metrics,
        on_failed: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._limits = limits
        self._metrics = metrics
        self._on_failed = on_failed
        self._clock = clock
        self._lock = threading.Lock()
        self._viewers: tuple[Viewer, ...] = ()
        self._wants_key: set[VideoCodec] = set()
        self._encoders: dict[VideoCodec, _Encoding] = {}
        self._opus = OpusEncoder(limits.audio_bitrate)
        self._ended = threading.Event()
        self._thread: Worker | None = None

    def add(self, viewer: Viewer) -> None:
        """Begin to deliver to a viewer, with a key frame first."""
        with self._lock:
            self._viewers = (*self._viewers, viewer)
            self._wants_key.add(viewer.codec)
            if self._thread is None and not self._ended.is_set():
                self._thread = Worker("broadcast", self._run_or_tell)
                self._thread.start()

    def remove(self, viewer: Viewer) -> None:
        """Deliver no more to a viewer."""
        with self._lock:
            self._viewers = tuple(each for each in self._viewers if each is not viewer)

    def request_key_frame(self, codec: VideoCodec) -> None:
        """The next picture will be one."""
        with self._lock:
            self._wants_key.add(codec)
        self._metrics.key_frames.inc()

    def stop(self) -> None:
        """End the thread.

        Raises:
            StageError: it did not end in time.
        """
        self._ended.set()
        if self._thread is not None:
            self._thread.wait()
        self._encoders.clear()
        del self._opus

    def _run_or_tell(self) -> None:
        try:
            self._run()
        except Exception:
            logger.exception("a broadcast failed")
            self._on_failed()

    def _run(self) -> None:
        start = self._source.start_time()
        tick = 0
        while not self._ended.wait(max(0.0, start + tick * FRAME_S - COMMIT_LEAD_S - self._clock())):
            behind_s = self._clock() - (start + tick * FRAME_S)
            if behind_s > SKIP_S:
                skipped = int(behind_s / FRAME_S)
                self._metrics.skipped_ticks.inc(skipped)
                tick += skipped
            self._play(start, tick)
            tick += 1

    def _play(self, start: float, tick: int) -> None:
        due = start + tick * FRAME_S
        frame = self._source.commit(tick)
        audio = self._sound(frame.pcm, tick, due)
        began = self._clock()
        with self._lock:
            viewers, keys = self._viewers, self._wants_key
            self._wants_key = set()
        for codec in {viewer.codec for viewer in viewers}:
            watching = [viewer for viewer in viewers if viewer.codec == codec]
            bitrate = _bitrate(watching, self._limits.video_bitrate)
            encoder = self._encoder(codec, tick, bitrate, _size(frame.picture))
            payload = encoder.encode(frame.picture, tick, codec in keys)
            video = Encoded(payload, tick * (VIDEO_CLOCK // FPS), due)
            for viewer in watching:
                viewer.deliver(EncodedTick(video, audio))
        ended = self._clock()
        self._metrics.encode_s.observe(ended - began)
        if ended > due:
            self._metrics.late_ticks.inc()

    def _sound(self, pcm: Int16Array, tick: int, due: float) -> tuple[Encoded, Encoded]:
        def packet(place: int) -> Encoded:
            payload = self._opus.encode(pcm[place * CHUNK_SAMPLES : (place + 1) * CHUNK_SAMPLES])
            pts = tick * (AUDIO_CLOCK // FPS) + place * (AUDIO_CLOCK // FPS // CHUNKS_PER_FRAME)
            return Encoded(payload, pts, due + place * FRAME_S / CHUNKS_PER_FRAME)

        return packet(0), packet(1)

    def _encoder(self, codec: VideoCodec, tick: int, bitrate: int, size: tuple[int, int]) -> VideoEncoder:
        current = self._encoders.get(codec)
        if current is None or current.size != size or current.should_change(tick, bitrate):
            limits = replace(self._limits, video_bitrate=bitrate)
            encoder = PyavVideoEncoder(codec, *size, limits)
            current = self._encoders[codec] = _Encoding(encoder, size, bitrate, tick)
        return current.encoder


@dataclass(frozen=True, slots=True)
class _Encoding:
    """An encoder, and what it was made for."""

    encoder: VideoEncoder
    size: tuple[int, int]
    """(width, height) of the pictures it takes"""
    bitrate: int
    since_tick: int

    def should_change(self, tick: int, bitrate: int) -> bool:
        """A new encoder costs a key frame: at once for much less, only after a while for more."""
        settled = tick - self.since_tick >= SETTLE_S * FPS
        return bitrate < self.bitrate * (1 - BITRATE_STEP) or (
            settled and bitrate > self.bitrate * (1 + BITRATE_STEP)
        )


def _size(picture: Picture) -> tuple[int, int]:
    rows, width = picture.shape
    return width, rows * 2 // 3


def _bitrate(viewers: Sequence[Viewer], limit: int) -> int:
    """What the slowest viewer can take, within what the settings allow."""
    wishes = [viewer.bitrate for viewer in viewers if viewer.bitrate is not None]
    return max(MIN_BITRATE, min([limit, *wishes]))
