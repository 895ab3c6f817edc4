"""Encoders: I420 to H264 or VP8, 16 kHz sound to Opus; tuned for low delay and little work."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol, TypeAlias

import av
import numpy as np
from av.video.frame import PictureType

from livetalk.types import CHUNK_SAMPLES, FPS, SAMPLE_RATE, Int16Array, Picture

VideoCodec: TypeAlias = Literal["h264", "vp8"]

VIDEO_CLOCK = 90_000
"""RTP ticks a second of any video"""
AUDIO_CLOCK = 48_000
"""RTP ticks a second of Opus, whatever rate it encodes (RFC 7587)"""
OPUS_LOOKAHEAD_S = 0.0025
"""how far decoded sound lags its timestamps in Opus' restricted low-delay mode (RFC 6716, 2.1.4)"""
KEY_FRAME_S = 60
"""a key frame at the latest after this long; those that viewers need come on request"""
CRF = 26
"""x264's constant quality, capped by the bitrate; idle pictures then cost next to nothing"""
ADAPTIVE_QUANTIZATION = 0
"""x264's aq-mode, off: on a face it costs a seventh of the encoding time and takes bits from the mouth"""


@dataclass(frozen=True, slots=True)
class EncoderLimits:
    """What the pictures and the sound may take."""

    video_bitrate: int
    """bit/s"""
    audio_bitrate: int
    """bit/s"""
    height: int | None
    """pixels to scale pictures to; None keeps them as they are"""


class VideoEncoder(Protocol):
    """Turns pictures into one codec's packets, one for one."""

    def encode(self, picture: Picture, tick: int, key: bool) -> bytes:
        """Encode the picture of a tick; `key` makes it a key frame."""


class PyavVideoEncoder:
    """x264 superfast baseline, or libvpx realtime."""

    def __init__(self, codec: VideoCodec, width: int, height: int, limits: EncoderLimits) -> None:
        scale = (limits.height or height) / height
        self._size = (round(width * scale / 2) * 2, round(height * scale / 2) * 2)
        self._scaled = self._size != (width, height)
        self._codec = _open(codec, self._size, limits.video_bitrate)

    def encode(self, picture: Picture, tick: int, key: bool) -> bytes:
        """Encode the picture of a tick; `key` makes it a key frame."""
        frame = av.VideoFrame.from_numpy_buffer(picture, format="yuv420p")
        if self._scaled:
            frame = frame.reformat(width=self._size[0], height=self._size[1], interpolation="AREA")
        frame.pts = tick * (VIDEO_CLOCK // FPS)
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        return _encode(self._codec, frame)


def _encode(codec: av.CodecContext, frame: Any) -> bytes:
    """The one packet of a frame that fits the codec as it is.

    PyAV's own `encode` sends sound through a filter graph with threads of its own, and asks for a
    second packet; each step gives the interpreter away, and among many sessions waits to get it back.
    """
    packet: Any = next(codec._send_frame_and_recv(frame), b"")  # type: ignore[attr-defined]
    return bytes(packet)


def _open(codec: VideoCodec, size: tuple[int, int], bitrate: int) -> av.VideoCodecContext:
    context = av.VideoCodecContext.create("libx264" if codec == "h264" else "libvpx", "w")
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(FPS)
    context.time_base = Fraction(1, VIDEO_CLOCK)
    context.gop_size = KEY_FRAME_S * FPS
    context.thread_count = 1
    if codec == "h264":
        context.profile = "Baseline"
        context.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": str(CRF),
            "aq-mode": str(ADAPTIVE_QUANTIZATION),
            "maxrate": str(bitrate),
            "bufsize": str(bitrate // 2),
        }
    else:
        context.bit_rate = bitrate
        context.options = {
            "deadline": "realtime",
            "cpu-used": "-12",
            "lag-in-frames": "0",
            "error-resilient": "1",
            "undershoot-pct": "100",
            "overshoot-pct": "15",
        }
    context.open()
    return context


class OpusEncoder:
    """One Opus packet for each 20 ms chunk. The codec takes 16 kHz as it is, so nothing resamples."""

    def __init__(self, bitrate: int) -> None:
        codec = av.AudioCodecContext.create("libopus", "w")
        codec.sample_rate = SAMPLE_RATE
        codec.layout = "mono"
        codec.format = "s16"
        codec.bit_rate = bitrate
        codec.options = {"application": "lowdelay", "frame_duration": "20", "compression_level": "5"}
        codec.open()
        self._codec = codec
        self._count = 0

    def encode(self, pcm: Int16Array) -> bytes:
        """Encode (320,) samples."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm).reshape(1, -1), "s16", "mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._count * CHUNK_SAMPLES
        self._count += 1
        return _encode(self._codec, frame)
