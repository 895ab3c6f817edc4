"""A video's frames as memory-mapped I420: decoded once, shared by every session and process."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from livetalk.errors import AvatarError

OPTIONS = {"format_whitelist": "mov,matroska,avi", "protocol_whitelist": "file"}
"""containers that hold their own pictures; FFmpeg would also open lists of other files"""


def map_frames(video: Path, cache: Path, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """The frames of `video` as a read-only array of `shape` (frames, height * 3 // 2, width).

    `cache` holds them between runs; it is replaced as a whole, so that a second process never
    sees half of it.

    Raises:
        AvatarError: the video cannot be read, or has other frames than `shape` says.
    """
    size = int(np.prod(shape))
    if not cache.is_file() or cache.stat().st_size != size:
        _decode(video, cache, shape)
    mapped = np.memmap(cache, np.uint8, mode="r", shape=shape)
    return np.asarray(mapped)


def _decode(video: Path, cache: Path, shape: tuple[int, int, int]) -> None:
    frames, rows, width = shape
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache.parent, prefix=cache.name)
    except OSError as error:
        raise AvatarError(f"no frames can be kept in {cache.parent} (cache_dir): {error}") from error
    try:
        with os.fdopen(handle, "wb") as out, av.open(str(video), options=OPTIONS) as container:
            if not container.streams.video:
                raise AvatarError(f"{video} has no pictures")
            count = 0
            for frame in container.decode(video=0):
                if count == frames:
                    raise AvatarError(f"{video}: more than {frames} frames, expected {frames}")
                picture = frame.to_ndarray(format="yuv420p")
                if picture.shape != (rows, width):
                    found = f"{picture.shape[1]}x{picture.shape[0] * 2 // 3}"
                    raise AvatarError(f"{video}: a frame of {found}, expected {width}x{rows * 2 // 3}")
                out.write(picture.tobytes())
                count += 1
        if count != frames:
            raise AvatarError(f"{video}: {count} frames, expected {frames}")
        os.replace(name, cache)
    except av.FFmpegError as error:
        raise AvatarError(f"{video} cannot be decoded: {error}") from error
    finally:
        Path(name).unlink(missing_ok=True)
