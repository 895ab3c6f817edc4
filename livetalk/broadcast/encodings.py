"""Encodings: the video encoders of one broadcast, one for each stream that is read."""

from __future__ import annotations

import logging
from dataclasses import replace

from livetalk.broadcast.encoders import (
    SOFTWARE,
    EncoderOptions,
    PyavVideoEncoder,
    VideoEncoder,
    VideoStream,
    encoder_name,
)
from livetalk.broadcast.relief import Relief
from livetalk.errors import EncoderError
from livetalk.metrics import Metrics
from livetalk.protocols import EncodedPicture, PlayedFrame, VideoFormat
from livetalk.types import FPS, Picture

logger = logging.getLogger(__name__)

UNREAD = 2 * FPS
"""ticks after which an encoder that nobody reads is let go of"""


class Encodings:
    """Readers that want the same stream share its encoder; hardware that fails gives way to software."""

    def __init__(self, options: EncoderOptions, metrics: Metrics) -> None:
        self._options = options
        self._metrics = metrics
        self._relief = Relief()
        self._encodings: dict[VideoStream, _Encoding] = {}

    def stream(self, wanted: VideoFormat, picture: Picture) -> VideoStream:
        """What a reader that wants this format gets of such pictures now."""
        if self._relief.level > 1:
            wanted = replace(wanted, shrink=2 * wanted.shrink)
        return VideoStream(wanted.codec, wanted.bitrate, wanted.size_of(picture), fast=self._relief.level > 0)

    def encode(self, stream: VideoStream, frame: PlayedFrame, key: bool, key_every: int) -> EncodedPicture:
        """Encode a tick's picture; `key_every` ticks without a key frame make it one, too.

        Raises:
            EncoderError: software failed.
        """
        current = self._encodings.get(stream)
        name = current.encoder.name if current else encoder_name(stream, self._options)
        try:
            current = current or self._open(stream)
            key = key or frame.tick - current.key_at >= key_every
            payload = current.encoder.encode(frame.picture, frame.tick, key)
        except EncoderError:
            if name in SOFTWARE:
                raise
            logger.exception("encoder %s failed; software goes on", name)
            self._options = EncoderOptions(crf=self._options.crf)
            self._close(stream)
            return self.encode(stream, frame, key, key_every)
        if key:
            current.key_at = frame.tick
        current.read_at = frame.tick
        return EncodedPicture(payload, key, stream.size)

    def settle(self, tick: int, late: bool) -> None:
        """A tick is done: let go of what nobody read, and learn whether the machine keeps up."""
        for stream in [each for each, one in self._encodings.items() if tick - one.read_at > UNREAD]:
            self._close(stream)
        before = self._relief.level
        self._relief.settle(late)
        if self._relief.level != before:
            worse = self._relief.level > before
            logger.warning(
                "%s; relief %d", "pictures are late" if worse else "pictures are in time", self._relief.level
            )

    def close(self) -> None:
        """Let go of all of them."""
        for stream in list(self._encodings):
            self._close(stream)

    def _open(self, stream: VideoStream) -> _Encoding:
        encoder = PyavVideoEncoder(stream, self._options)
        self._metrics.encoders.labels(stream.codec, encoder.name).inc()
        opened = self._encodings[stream] = _Encoding(encoder)
        return opened

    def _close(self, stream: VideoStream) -> None:
        gone = self._encodings.pop(stream, None)
        if gone is not None:
            self._metrics.encoders.labels(stream.codec, gone.encoder.name).dec()


class _Encoding:
    """An encoder, and what it did last."""

    def __init__(self, encoder: VideoEncoder) -> None:
        self.encoder = encoder
        self.key_at = -(1 << 30)
        """tick of its last key frame; before the first, long ago"""
        self.read_at = 0


__all__ = ["Encodings"]
