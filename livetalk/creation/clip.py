"""A clip's pictures: the chosen part at 25 a second, upright, scaled, in the colours that encoders expect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from math import ceil

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from livetalk.avatar.frames import CONTAINERS
from livetalk.avatar.recipe import Recipe
from livetalk.creation.limits import Limits
from livetalk.creation.source import SHORTEST_PX, Source, main_video
from livetalk.errors import AvatarError
from livetalk.types import FRAME_S, Picture, planes

LARGEST_PX = 2048
"""of a bundle's longer edge"""
LEAST_PICTURES = 10
"""that a body can be made of"""
MISSING_S = 1.0
"""by which a clip may end before it says"""
SLACK_S = 1e-6
"""of times, against rounding"""
HD_PX = 720
"""of the shorter edge, from which on pictures that do not tell their colours are taken for those of HD"""
OPACITY_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these leave out how opaque a WebM's pixels are"""
_COLOURS = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}
"""by the matrix_coefficients of ITU-T H.273"""


def size_for(width: int, height: int, shorter: int) -> tuple[int, int]:
    """A size of even edges, the shorter one at most `shorter`, never larger than (width, height).

    Raises:
        AvatarError: no body can be as small, or as narrow.
    """
    scale = min(1.0, shorter / min(width, height), LARGEST_PX / max(width, height))
    size = round(width * scale) // 2 * 2, round(height * scale) // 2 * 2
    if min(size) < SHORTEST_PX:
        raise AvatarError(f"its pictures are {width}x{height}, too small or too narrow: cut out the person")
    return size


def read_clip(source: Source, recipe: Recipe, limits: Limits) -> Iterator[Picture]:
    """The I420 pictures of the recipe's part of a clip.

    Raises:
        AvatarError: the clip is damaged, cut, shorter than its part's beginning, or its size changes.
    """
    count = 0
    for count, picture in enumerate(paced(source, recipe, limits, _scaled), 1):  # noqa: B007
        yield picture
    asked = min(recipe.seconds, (source.seconds or 0) - recipe.start_s)
    if count * FRAME_S < asked - MISSING_S:
        raise AvatarError(
            f"the clip is cut: it speaks of {source.seconds:.1f} s, its pictures end at "
            f"{recipe.start_s + count * FRAME_S:.1f} s; send the whole file, or choose a part before that"
        )
    if count < LEAST_PICTURES:
        long = "" if source.seconds is None else f" of the clip's {source.seconds:.1f} s"
        raise AvatarError(
            f"only {count * FRAME_S:.2f} s of pictures from second {recipe.start_s:g} on; choose another "
            f"part{long}, or send a photo"
        )


def paced(
    source: Source, recipe: Recipe, limits: Limits, scaled: Callable[[av.VideoFrame, int], Picture]
) -> Iterator[Picture]:
    """Each tick shows the latest picture that had begun by its middle; `scaled` makes it of a frame.

    Raises:
        AvatarError: the clip is damaged, or its size changes.
    """
    due, end = recipe.start_s, recipe.start_s + recipe.seconds
    held: av.VideoFrame | None = None
    for time_s, frame in _decoded(source, recipe.start_s, limits):
        ticks = ceil((min(time_s - FRAME_S / 2, end - SLACK_S) - due) / FRAME_S)
        if held is not None and ticks > 0:
            yield from repeat(scaled(held, recipe.size), ticks)
            due += ticks * FRAME_S
        held = frame
        if due >= end - SLACK_S:
            return
    if held is not None:
        yield scaled(held, recipe.size)


def _decoded(source: Source, start_s: float, limits: Limits) -> Iterator[tuple[float, av.VideoFrame]]:
    try:
        with (
            source.path.open("rb") as file,
            av.open(file, "r", options={"format_whitelist": CONTAINERS}) as container,
        ):
            stream = main_video(container)
            stream.thread_type = "AUTO"
            begin_s = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
            if start_s > 1:
                container.seek(int((start_s + begin_s) * av.time_base), backward=True)
            for frame in _frames(container, stream, source):
                if frame.time is None:
                    raise AvatarError(
                        "its pictures do not say when they are shown (0 a second); convert it first"
                    )
                if frame.width * frame.height > limits.clip_pixels:
                    raise AvatarError("its pictures grow too large on the way; convert it first")
                yield frame.time - begin_s, frame
    except av.FFmpegError as error:
        raise AvatarError(
            f"the clip cannot be decoded ({error.strerror or error}); convert it to mp4"
        ) from error


def _frames(container: InputContainer, stream: VideoStream, source: Source) -> Iterator[av.VideoFrame]:
    decoder = OPACITY_DECODERS.get(source.codec) if source.transparent else None
    if decoder is None:
        yield from container.decode(stream)
        return
    context = av.CodecContext.create(decoder, "r")
    assert isinstance(context, av.VideoCodecContext)
    for packet in container.demux(stream):
        yield from context.decode(packet)


def _scaled(frame: av.VideoFrame, shorter: int) -> Picture:
    width, height = size_for(frame.width, frame.height, shorter)
    told = _COLOURS.get(int(frame.colorspace))
    guessed = Colorspace.ITU709 if min(frame.width, frame.height) >= HD_PX else Colorspace.ITU601
    scaled = frame.reformat(
        width,
        height,
        "yuv420p",
        src_colorspace=told or guessed,
        dst_colorspace=Colorspace.ITU601,
        src_color_range=ColorRange.JPEG if frame.color_range == 2 else ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation="AREA",
    )
    return turned(np.asarray(scaled.to_ndarray(), np.uint8), frame.rotation)


def turned(picture: Picture, degrees: int) -> Picture:
    """An I420 picture turned counterclockwise, by quarters: phones store clips lying, and say so."""
    quarters = round(degrees / 90) % 4
    if quarters == 0:
        return picture
    luma, chroma = planes(picture)
    upright = np.rot90(luma, quarters)
    parts = [upright, *(np.rot90(plane, quarters) for plane in chroma)]
    flat = np.concatenate([part.ravel() for part in parts])
    return flat.reshape(upright.shape[0] * 3 // 2, upright.shape[1])


__all__ = ["LEAST_PICTURES", "paced", "read_clip", "size_for", "turned"]
