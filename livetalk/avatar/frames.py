"""A body's frames as memory-mapped I420: decoded once, shared by every session and process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from livetalk.errors import AvatarError
from livetalk.types import Picture

CONTAINERS = "mov,matroska,avi"
"""that hold their own pictures; FFmpeg would also open lists of other files"""
OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}


def map_frames(
    videos: Sequence[tuple[Path, int]],
    cache: Path,
    size: tuple[int, int],
    turned: Callable[[Picture], Picture] | None = None,
) -> npt.NDArray[np.uint8]:
    """The frames of videos, one after the other, as a read-only array (frames, height * 3 // 2, width).

    Args:
        videos: files, and how many frames each has.
        cache: holds them between runs.
        size: width and height.
        turned: what each is kept as; None for as it is.

    Raises:
        AvatarError: a video cannot be read, or has other frames than was said.
    """
    shape = (sum(count for _, count in videos), size[1] * 3 // 2, size[0])

    def decoded() -> Iterator[Picture]:
        for video, count in videos:
            pictures = decode(video, count, size)
            yield from pictures if turned is None else map(turned, pictures)

    return map_pictures(decoded, cache, shape)


def map_pictures(
    make: Callable[[], Iterator[Picture]], cache: Path, shape: tuple[int, int, int]
) -> npt.NDArray[np.uint8]:
    """The I420 pictures that `make` yields as a read-only array of `shape`.

    `cache` holds them between runs; it is replaced as a whole, so that a second process never
    sees half of it.

    Raises:
        AvatarError: the cache cannot be written or read; and what `make` raises.
    """
    size = int(np.prod(shape))
    try:
        if not cache.is_file() or cache.stat().st_size != size:
            _keep(make(), cache)
        mapped = np.memmap(cache, np.uint8, mode="r", shape=shape)
    except OSError as error:
        raise AvatarError(f"no frames can be kept in {cache.parent} (cache_dir): {error}") from error
    return np.asarray(mapped)


def _keep(pictures: Iterator[Picture], cache: Path) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=cache.parent, prefix=cache.name)
    try:
        with os.fdopen(handle, "wb") as out:
            for picture in pictures:
                out.write(picture.tobytes())
        os.replace(name, cache)
    finally:
        Path(name).unlink(missing_ok=True)


def decode(video: Path, frames: int, size: tuple[int, int]) -> Iterator[Picture]:
    """The I420 pictures of a video.

    Raises:
        AvatarError: it cannot be read, or has more or fewer than `frames`, or of another size.
    """
    width, rows = size[0], size[1] * 3 // 2
    count = 0
    try:
        with av.open(str(video), options=OPTIONS) as container:
            if not container.streams.video:
                raise AvatarError(f"{video} has no pictures")
            for frame in container.decode(video=0):
                if count == frames:
                    raise AvatarError(f"{video}: more than {frames} frames, expected {frames}")
                picture = frame.to_ndarray(format="yuv420p")
                if picture.shape != (rows, width):
                    found = f"{picture.shape[1]}x{picture.shape[0] * 2 // 3}"
                    raise AvatarError(f"{video}: a frame of {found}, expected {width}x{rows * 2 // 3}")
                yield np.asarray(picture, np.uint8)
                count += 1
    except av.FFmpegError as error:
        raise AvatarError(f"{video} cannot be decoded: {error}") from error
    if count != frames:
        raise AvatarError(f"{video}: {count} frames, expected {frames}")
