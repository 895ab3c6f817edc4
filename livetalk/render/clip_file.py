"""A clip as a file: pictures and the recording's own sound, in the container that its name asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from livetalk.audio.clip import resample
from livetalk.render.partial import closed, partial, writing
from livetalk.render.recording import Recording
from livetalk.render.stills import Write
from livetalk.types import FPS, Picture, planes

CRF = 18
"""x264's constant quality that few people can tell from the original"""
VP9_COARSER = 6
"""by how much libvpx counts the same quality higher"""
KEY_FRAME_S = 2
"""players can jump this finely"""
CHANNEL_BITRATE = 96_000
"""bit/s of each channel, where sound is compressed"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of clip is made of."""

    container: str
    video: str
    audio: str
    rates: tuple[int, ...]
    """Hz that its sound keeps; other sound is resampled to the first"""
    options: Mapping[str, str]
    """of the container"""
    opaque: str
    """format of its pixels"""
    transparent: str
    """the same with how opaque they are, "" where it has none"""


AAC_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
KINDS = {
    ".mp4": Kind("mp4", "libx264", "aac", AAC_RATES, {"movflags": "+faststart"}, "yuv420p", ""),
    ".webm": Kind("webm", "libvpx-vp9", "libopus", (48_000,), {}, "yuv420p", "yuva420p"),
    ".mov": Kind("mov", "prores_ks", "aac", AAC_RATES, {}, "yuv422p10le", "yuva444p10le"),
}
"""by how a file's name ends"""


@contextmanager
def clip_file(
    path: Path,
    recording: Recording,
    size: tuple[int, int],
    note: str,
    crf: int = CRF,
    *,
    transparent: bool = False,
) -> Iterator[Write]:
    """Write pictures of `size` (width, height); `note` becomes the file's comment.

    `transparent` keeps how opaque they are; `crf` is a quality as x264 counts it, ProRes has its own.

    Raises:
        RenderError: the file cannot be written.
    """
    kind = KINDS[path.suffix.lower()]
    with partial(path) as part:
        with writing(path):
            # FFmpeg reads names with a colon as protocols
            container = av.open(f"file:{part.absolute()}", "w", kind.container, options=dict(kind.options))
        with closed(container, path):
            container.metadata["comment"] = note
            clip = _Clip(container, kind, recording, size, _coding(kind, crf, transparent))

            def write(picture: Picture, matte: Picture | None = None) -> None:
                with writing(path):
                    clip.write(picture, matte)

            yield write
            with writing(path):
                clip.finish()


@dataclass(frozen=True, slots=True)
class _Coding:
    """How pictures are coded."""

    pixels: str
    """their format"""
    options: Mapping[str, str]
    """of the encoder"""
    transparent: bool


def _coding(kind: Kind, crf: int, transparent: bool) -> _Coding:
    if kind.video == "libx264":
        options = {"preset": "fast", "crf": str(crf)}
    elif kind.video == "libvpx-vp9":  # its frames that are not shown cannot be transparent
        fast = {"deadline": "realtime", "cpu-used": "6", "row-mt": "1", "auto-alt-ref": "0"}
        options = {"crf": str(min(63, crf + VP9_COARSER)), "b": "0", **fast}
    else:
        options = {"profile": "4444", "alpha_bits": "16"} if transparent else {"profile": "hq"}
    return _Coding(kind.transparent if transparent else kind.opaque, options, transparent)


class _Clip:
    """Muxes each picture with its sound close by, so that players need not search."""

    def __init__(
        self,
        container: OutputContainer,
        kind: Kind,
        recording: Recording,
        size: tuple[int, int],
        coding: _Coding,
    ) -> None:
        self._container = container
        self._pictures = cast(VideoStream, container.add_stream(kind.video, rate=FPS))
        self._pictures.width, self._pictures.height = size
        self._pictures.pix_fmt = coding.pixels
        self._coding = coding
        codec = self._pictures.codec_context
        codec.gop_size = KEY_FRAME_S * FPS
        codec.colorspace, codec.color_range = Colorspace.ITU601, ColorRange.MPEG
        codec.options = dict(coding.options)
        rate = recording.rate if recording.rate in kind.rates else kind.rates[0]
        layout = "mono" if recording.channels == 1 else "stereo"
        self._sound = cast(AudioStream, container.add_stream(kind.audio, rate=rate, layout=layout))
        self._sound.bit_rate = CHANNEL_BITRATE * self._sound.channels
        self._frames = resample(recording.frames(), _SAMPLES[kind.audio], layout, rate)
        self._shown = 0
        self._heard = 0

    def write(self, picture: Picture, matte: Picture | None) -> None:
        """Add a picture, how opaque it is, and its 40 ms of sound."""
        frame = _frame(picture, matte if self._coding.transparent else None)
        if frame.format.name != self._coding.pixels:
            frame = frame.reformat(format=self._coding.pixels)
        frame.pts, frame.time_base = self._shown, Fraction(1, FPS)
        self._container.mux(self._pictures.encode(frame))
        self._shown += 1
        self._hear(self._shown / FPS)

    def finish(self) -> None:
        """Add what the encoders hold back, and the rest of the sound."""
        self._hear(math.inf)
        self._container.mux(self._pictures.encode(None))
        self._container.mux(self._sound.encode(None))

    def _hear(self, until_s: float) -> None:
        rate = self._sound.rate
        while self._heard < until_s * rate and (frame := next(self._frames, None)):
            frame.pts, frame.time_base = self._heard, Fraction(1, rate)
            self._container.mux(self._sound.encode(frame))
            self._heard += frame.samples


_SAMPLES = {"aac": "fltp", "libopus": "flt"}
"""how encoders take them"""


def _frame(picture: Picture, matte: Picture | None) -> av.VideoFrame:
    if matte is None:
        return av.VideoFrame.from_ndarray(picture, format="yuv420p")
    luma, (u, v) = planes(picture)
    height, width = luma.shape
    frame = av.VideoFrame(width, height, "yuva420p")
    for plane, values in zip(frame.planes, (luma, u, v, planes(matte)[0]), strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = values
        plane.update(rows.tobytes())
    return frame


__all__ = ["CRF", "KINDS", "clip_file"]
