"""A body's frames as memory-mapped I420: decoded once, shared by every session and process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from livetalk.errors import AvatarError
from livetalk.types import Picture

OPTIONS = {"format_whitelist": "mov,matroska,avi", "protocol_whitelist": "file"}
"""containers that hold their own pictures; FFmpeg would also open lists of other files"""


def map_frames(video: Path, cache: Path, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """The frames of `video` as a read-only array of `shape` (frames, height * 3 // 2, width).

    Raises:
        AvatarError: the video cannot be read, or has other frames than `shape` says.
    """
    return map_pictures(lambda: _decode(video, shape), cache, shape)


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


def _decode(video: Path, shape: tuple[int, int, int]) -> Iterator[Picture]:
    frames, rows, width = shape
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
