"""An MP4 file: H264 pictures, and the recording's own sound as AAC."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace

from livetalk.audio.clip import resample
from livetalk.render.partial import closed, partial, writing
from livetalk.render.recording import Recording
from livetalk.render.stills import Write
from livetalk.types import FPS, Picture

CRF = 18
"""x264's constant quality that few people can tell from the original"""
PRESET = "fast"
KEY_FRAME_S = 2
"""players can jump this finely"""
CHANNEL_BITRATE = 96_000
"""bit/s of AAC for each channel"""
RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
"""Hz that are kept; other sound is resampled to the first"""


@contextmanager
def mp4_file(path: Path, recording: Recording, size: tuple[int, int], note: str, crf: int) -> Iterator[Write]:
    """Write pictures of `size` (width, height); `note` becomes the file's comment.

    Raises:
        RenderError: the file cannot be written.
    """
    with partial(path) as part:
        with writing(path):
            # FFmpeg reads names with a colon as protocols
            container = av.open(f"file:{part.absolute()}", "w", "mp4", options={"movflags": "+faststart"})
        with closed(container, path):
            container.metadata["comment"] = note
            clip = _Clip(container, recording, size, crf)

            def write(picture: Picture) -> None:
                with writing(path):
                    clip.write(picture)

            yield write
            with writing(path):
                clip.finish()


class _Clip:
    """Muxes each picture with its sound close by, so that players need not search."""

    def __init__(
        self, container: OutputContainer, recording: Recording, size: tuple[int, int], crf: int
    ) -> None:
        self._container = container
        self._pictures = container.add_stream("libx264", rate=FPS)
        self._pictures.width, self._pictures.height = size
        self._pictures.pix_fmt = "yuv420p"
        codec = self._pictures.codec_context
        codec.gop_size = KEY_FRAME_S * FPS
        codec.colorspace, codec.color_range = Colorspace.ITU601, ColorRange.MPEG
        codec.options = {"preset": PRESET, "crf": str(crf)}
        rate = recording.rate if recording.rate in RATES else RATES[0]
        layout = "mono" if recording.channels == 1 else "stereo"
        self._sound = container.add_stream("aac", rate=rate, layout=layout)
        self._sound.bit_rate = CHANNEL_BITRATE * self._sound.channels
        self._frames = resample(recording.frames(), "fltp", layout, rate)
        self._shown = 0
        self._heard = 0

    def write(self, picture: Picture) -> None:
        """Add a picture and its 40 ms of sound."""
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
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


__all__ = ["CRF", "mp4_file"]
