"""Encoders: I420 to H264 or VP8, 16 kHz sound to Opus; tuned for low delay and little work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, cast

import av
import numpy as np
from av.video.frame import PictureType

from livetalk.errors import EncoderError
from livetalk.pictures import fitted
from livetalk.protocols import VideoCodec
from livetalk.types import CHUNK_SAMPLES, FPS, SAMPLE_RATE, VIDEO_CLOCK, Int16Array, Picture

KEY_FRAME_S = 60
"""a key frame at the latest after this long; those that readers need come on request"""
CRF = 26
"""x264's constant quality, capped by the bitrate; idle pictures then cost next to nothing"""
VP8_QUALITY = 0.6
"""libvpx' constant quality that looks like 1 of x264's"""
ADAPTIVE_QUANTIZATION = 0
"""x264's aq-mode, off: on a face it costs a seventh of the encoding time and takes bits from the mouth"""
SOFTWARE = frozenset({"libx264", "libvpx"})


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Which encoder makes H264, and how well."""

    h264: str = "libx264"
    """an encoder of FFmpeg"""
    crf: int = CRF
    """constant quality, 0 to 51, less is better; of hardware the nearest that it has"""


@dataclass(frozen=True, slots=True)
class VideoStream:
    """What one encoder makes."""

    codec: VideoCodec
    bitrate: int
    """bit/s, the most that it takes"""
    size: tuple[int, int]
    """(width, height)"""
    fast: bool = False
    """less work for a machine that does not keep up"""


class VideoEncoder(Protocol):
    """Turns pictures into one codec's packets, one for one."""

    name: str
    """FFmpeg's"""

    def encode(self, picture: Picture, tick: int, key: bool) -> bytes:
        """Encode the picture of a tick; `key` makes it a key frame.

        Raises:
            EncoderError: it failed, or held the picture back.
        """


class PyavVideoEncoder:
    """One of FFmpeg's encoders; scales what is not of its stream's size."""

    def __init__(self, stream: VideoStream, options: EncoderOptions) -> None:
        """Open it.

        Raises:
            EncoderError: this machine does not have it.
        """
        self.name = encoder_name(stream, options)
        self._size = stream.size
        self._codec = _open(self.name, stream, options.crf)

    def encode(self, picture: Picture, tick: int, key: bool) -> bytes:
        """Encode the picture of a tick; `key` makes it a key frame."""
        frame = av.VideoFrame.from_numpy_buffer(fitted(picture, self._size), format="yuv420p")
        if frame.format.name != self._codec.pix_fmt:
            frame = frame.reformat(format=self._codec.pix_fmt)
        frame.pts = tick * (VIDEO_CLOCK // FPS)
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        return _encode(self._codec, frame)


def encoder_name(stream: VideoStream, options: EncoderOptions) -> str:
    """FFmpeg's name of the encoder that makes a stream."""
    return options.h264 if stream.codec == "h264" else "libvpx"


def _encode(codec: av.CodecContext, frame: Any) -> bytes:
    """The one packet of a frame that fits the codec as it is.

    PyAV's own `encode` sends sound through a filter graph with threads of its own, and asks for a
    second packet; each step gives the interpreter away, and among many sessions waits to get it back.
    """
    try:
        packet: Any = next(codec._send_frame_and_recv(frame), None)  # type: ignore[attr-defined]
    except av.FFmpegError as error:
        raise EncoderError(f"{codec.name} failed: {error}") from error
    if packet is None:
        raise EncoderError(f"{codec.name} holds frames back")
    return bytes(packet)


def _open(name: str, stream: VideoStream, crf: int) -> av.VideoCodecContext:
    if name not in av.codecs_available:
        raise EncoderError(f"{name} is not in this build of FFmpeg")
    context = cast(av.VideoCodecContext, av.CodecContext.create(name, "w"))
    context.width, context.height = stream.size
    context.pix_fmt = "nv12" if name in NV12 else "yuv420p"
    context.framerate = Fraction(FPS)
    context.time_base = Fraction(1, VIDEO_CLOCK)
    context.gop_size = KEY_FRAME_S * FPS
    context.thread_count = 1
    context.max_b_frames = 0
    if name != "libx264":
        context.bit_rate = stream.bitrate
    if stream.codec == "h264":
        context.profile = PROFILES.get(name, "Baseline")
    context.options = {
        key: value.format(
            crf=crf, cq=round(crf * VP8_QUALITY), rate=stream.bitrate, buffer=stream.bitrate // 2
        )
        for key, value in (OPTIONS[name] | (FAST.get(name, {}) if stream.fast else {})).items()
    }
    try:
        context.open()
    except av.FFmpegError as error:
        raise EncoderError(f"{name} cannot be opened: {error}") from error
    return context


OPTIONS: Mapping[str, dict[str, str]] = {
    "libx264": {
        "preset": "superfast",
        "tune": "zerolatency",
        "crf": "{crf}",
        "aq-mode": str(ADAPTIVE_QUANTIZATION),
        "maxrate": "{rate}",
        "bufsize": "{buffer}",
    },
    "libvpx": {
        "deadline": "realtime",
        "cpu-used": "-12",
        "lag-in-frames": "0",
        "error-resilient": "1",
        "crf": "{cq}",
        "qmin": "4",
        "qmax": "34",  # or key frames on request would be seen: the rate control starves them
        "undershoot-pct": "100",
        "overshoot-pct": "15",
    },
    "h264_nvenc": {
        "preset": "p3",
        "tune": "ull",
        "rc": "vbr",
        "cq": "{crf}",
        "maxrate": "{rate}",
        "bufsize": "{buffer}",
        "zerolatency": "1",
        "delay": "0",
        "forced-idr": "1",
    },
    "h264_videotoolbox": {"realtime": "1", "prio_speed": "1", "maxrate": "{rate}", "bufsize": "{buffer}"},
    "h264_qsv": {
        "preset": "veryfast",
        "async_depth": "1",
        "look_ahead": "0",
        "forced_idr": "1",
        "maxrate": "{rate}",
        "bufsize": "{buffer}",
    },
    "h264_amf": {"usage": "ultralowlatency", "quality": "speed", "maxrate": "{rate}", "bufsize": "{buffer}"},
}
"""FFmpeg's encoder -> its options: no frame held back, a quality or a bitrate, a cap"""
FAST: Mapping[str, dict[str, str]] = {
    "libx264": {"preset": "ultrafast", "x264-params": "no-deblock=0:deblock=0,0"},
    "libvpx": {"cpu-used": "-16"},
}
"""for a machine that is late, half of the work; the preset alone would let the edges of blocks be seen"""
PROFILES: Mapping[str, str] = {
    "h264_videotoolbox": "Constrained Baseline",
    "h264_amf": "Constrained Baseline",
    "h264_nvenc": "Baseline",
}
NV12 = frozenset({"h264_qsv"})
"""encoders that take no other pixel format"""


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
