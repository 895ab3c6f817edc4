"""Clips and photos made for tests, of the project's own avatar: a face that is found, and nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from livetalk.assets import asset

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


__all__ = ["Colours", "grey", "mira", "write_clip", "write_photo"]
