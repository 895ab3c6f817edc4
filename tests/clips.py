"""Clips and photos made for tests, of the project's own avatar: a face that is found, and nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from livetalk.assets import asset
from livetalk.avatar.matte import opacity as matte_of
from livetalk.types import planes

Colours = npt.NDArray[np.uint8]
"""(rows, columns, 3), RGB"""


@cache
def mira(count: int = 25) -> tuple[Colours, ...]:
    """The first frames of the default avatar's body, 512x512, at 25 a second."""
    frames: list[Colours] = []
    with av.open(str(asset("data") / "avatars" / "default" / "body.mp4")) as container:
        for frame in container.decode(video=0):
            frames.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            if len(frames) == count:
                break
    return tuple(frames)


@cache
def opacity(count: int = 25) -> tuple[npt.NDArray[np.uint8], ...]:
    """How opaque she is in each of them, (512, 512), 0 to 255: exactly, for she was drawn."""
    with av.open(str(asset("data") / "avatars" / "default" / "matte.mp4")) as container:
        frames = islice(container.decode(video=0), count)
        return tuple(planes(matte_of(np.asarray(frame.to_ndarray(), np.uint8)))[0] for frame in frames)


def before(wall: Colours, count: int = 25) -> list[Colours]:
    """The frames before another wall (512, 512, 3)."""
    shown = []
    for colours, alpha in zip(mira(count), opacity(count), strict=True):
        share = alpha[..., None] / np.float32(255)
        shown.append(np.asarray(np.rint(colours * share + wall * (1 - share)), np.uint8))
    return shown


def green_wall() -> Colours:
    """As walls are: lit unevenly, and noisy."""
    y, x = np.mgrid[0:512, 0:512] / 512
    lit = np.stack([30 + 20 * x, 165 + 40 * x - 25 * y, 55 + 12 * y], -1)
    noise = np.random.default_rng(1).normal(0, 4, lit.shape)
    return np.asarray(np.clip(np.rint(lit + noise), 0, 255), np.uint8)


def write_transparent(path: Path, frames: Iterable[Colours], mattes: Iterable[npt.NDArray[np.uint8]]) -> Path:
    """A clip that says how opaque its pixels are: WebM (VP9), or a mov of PNGs."""
    webm = path.suffix == ".webm"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9" if webm else "png", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt = "yuva420p" if webm else "rgba"
        stream.options = {"auto-alt-ref": "0", "crf": "20", "b": "0", "cpu-used": "6"} if webm else {}
        for number, (colours, alpha) in enumerate(zip(frames, mattes, strict=True)):
            if number == 0:
                stream.height, stream.width = colours.shape[:2]
            layers = np.ascontiguousarray(np.dstack([colours, alpha]))
            frame = av.VideoFrame.from_ndarray(layers, format="rgba").reformat(format=stream.pix_fmt)
            frame.time_base, frame.pts = Fraction(1, 25), number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_clip(
    path: Path,
    frames: Iterable[Colours],
    fps: int = 25,
    *,
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of RGB pictures.

    `times` are seconds at which they begin, where they do not come evenly; `options` are the container's.
    """
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, colours in enumerate(frames):
            if number == 0:
                stream.height, stream.width = colours.shape[:2]
            frame = av.VideoFrame.from_ndarray(colours, format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (number / fps if times is None else times[number]))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_photo(path: Path, colours: Colours) -> Path:
    """A photo, of the kind that its name ends with."""
    cv2.imwrite(str(path), cv2.cvtColor(colours, cv2.COLOR_RGB2BGR))
    return path


def grey(level: int, width: int = 320, height: int = 240) -> Colours:
    """A picture of nothing."""
    return np.full((height, width, 3), level, np.uint8)


__all__ = [
    "Colours",
    "before",
    "green_wall",
    "grey",
    "mira",
    "opacity",
    "write_clip",
    "write_photo",
    "write_transparent",
]
