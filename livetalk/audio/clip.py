"""Sound files from outside: is it sound, how long, and its samples as they decode.

The bytes may be hostile. FFmpeg sees nothing but them: only containers that hold their own sound may be
recognised (no playlists, no lists of other files), no protocol may be opened, and rates and channel counts
that would blow up the resampler are refused.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import av
import numpy as np
from av.container import InputContainer

from livetalk.errors import TooLarge, UnsupportedMedia
from livetalk.types import SAMPLE_RATE, Int16Array

logger = logging.getLogger(__name__)

T = TypeVar("T")

CONTAINERS = "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,amr,mov,matroska,asf,avi"
"""FFmpeg demuxers that are trusted with foreign bytes"""
OPTIONS = {
    "format_whitelist": CONTAINERS,
    "protocol_whitelist": "none",
    "probesize": str(256 * 1024),
    "analyzeduration": str(1_000_000),
    "max_probe_packets": "1",
    "max_streams": "16",
}
"""one packet is enough to know a codec: FFmpeg would search 2500 of a WAV for hidden DTS"""
LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000
"""Hz"""
MOST_CHANNELS = 8


def probe_clip(content: bytes, limit_s: float) -> float:
    """Check that bytes are a sound file that can be decoded, by its header and its first frame.

    Returns:
        The seconds it declares, 0.0 if it declares none.

    Raises:
        UnsupportedMedia: it is no sound file, or one that cannot be read here.
        TooLarge: it declares more than `limit_s`.
    """
    with _open(content) as container:
        declared_s = _declared_s(container)
        if declared_s > limit_s:
            raise TooLarge(f"the clip lasts {declared_s:.1f} s, at most {limit_s:g} s are taken")
        next(_until_damage(_mono(_frames(container))))
    return declared_s


def decode_clip(content: bytes, limit_s: float) -> Iterator[Int16Array]:
    """Decode a sound file: yield (n,) mono samples at 16 kHz as they come, at most `limit_s` of them.

    A file whose tail is damaged ends where the damage begins.

    Raises:
        UnsupportedMedia: it is no sound file, or not one sample can be decoded.
    """
    left = round(limit_s * SAMPLE_RATE)
    with _open(content) as container:
        for pcm in _until_damage(_mono(_frames(container))):
            yield pcm[:left]
            left -= len(pcm)
            if left <= 0:
                return


def decode_frames(content: bytes) -> Iterator[av.AudioFrame]:
    """Decode a sound file: yield frames as they are in it, in its own rate, channels and sample format.

    A file whose tail is damaged ends where the damage begins.

    Raises:
        UnsupportedMedia: it is no sound file, or not one sample can be decoded.
    """
    with _open(content) as container:
        yield from _until_damage(_frames(container))


def resample(
    frames: Iterable[av.AudioFrame], sample_format: str, layout: str, rate: int
) -> Iterator[av.AudioFrame]:
    """Frames of one kind, whatever kinds come; a file may change its rate or its channels on the way."""
    resampler: av.AudioResampler | None = None
    shape: tuple[int, str, str] | None = None
    for frame in frames:
        found = (frame.sample_rate, frame.layout.name, frame.format.name)
        if resampler is None or found != shape:
            if resampler is not None:
                yield from resampler.resample(None)
            resampler, shape = av.AudioResampler(format=sample_format, layout=layout, rate=rate), found
        yield from resampler.resample(frame)
    if resampler is not None:
        yield from resampler.resample(None)


@contextmanager
def _open(content: bytes) -> Iterator[InputContainer]:
    try:
        container = av.open(io.BytesIO(content), mode="r", options=OPTIONS, metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise UnsupportedMedia("not a sound file; WAV, FLAC, OGG, MP3, M4A and WebM are read") from error
    with container:
        if not container.streams.audio:
            raise UnsupportedMedia("the file has no sound track")
        yield container


def _declared_s(container: InputContainer) -> float:
    stream = container.streams.audio[0]
    if stream.duration is not None and stream.time_base is not None:
        return float(max(0, stream.duration) * stream.time_base)
    return max(0, container.duration or 0) / av.time_base


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    """The decoded frames of the first sound track, each checked."""
    stream = container.streams.audio[0]
    stream.codec_context.thread_count = 1
    for frame in container.decode(stream):
        channels = frame.layout.nb_channels
        if not LOWEST_RATE <= frame.sample_rate <= HIGHEST_RATE:
            raise UnsupportedMedia(f"sound at {frame.sample_rate} Hz is not read here")
        if channels > MOST_CHANNELS:
            raise UnsupportedMedia(
                f"{channels} channels of sound are too many, at most {MOST_CHANNELS} are read"
            )
        frame.pts = None  # gaps in a file's time stamps are not sound
        yield frame


def _mono(frames: Iterator[av.AudioFrame]) -> Iterator[Int16Array]:
    """(n,) samples at 16 kHz."""
    for frame in resample(frames, "s16", "mono", SAMPLE_RATE):
        yield frame.to_ndarray()[0].astype(np.int16, copy=False)


def _until_damage(pieces: Iterator[T]) -> Iterator[T]:
    """The pieces up to the first that cannot be decoded.

    Raises:
        UnsupportedMedia: not even the first can be.
    """
    some = False
    try:
        for piece in pieces:
            some = True
            yield piece
    except (av.FFmpegError, UnsupportedMedia) as error:
        if not some:
            raise UnsupportedMedia(f"the sound in this file cannot be decoded: {error}") from error
        logger.warning("a clip is damaged, it ends early: %s", error)
    if not some:
        raise UnsupportedMedia("the file has a sound track, but no sound in it")


__all__ = ["decode_clip", "decode_frames", "probe_clip", "resample"]
