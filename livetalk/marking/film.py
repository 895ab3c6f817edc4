"""A film's luma, picture by picture, for the detector."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange

from livetalk.errors import MarkError
from livetalk.marking.watermark import Luma


def luma_of(path: Path) -> Iterator[tuple[Luma, bool]]:
    """The luma planes of a video or picture file, levels 16 to 235, each with whether it is a key frame.

    Raises:
        MarkError: it cannot be read, or holds no pictures.
    """
    try:
        with av.open(f"file:{path.absolute()}") as container:
            if not container.streams.video:
                raise MarkError(f"{path} holds no pictures")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                if frame.format.name != "yuv420p":
                    frame = frame.reformat(format="yuv420p", dst_color_range=ColorRange.MPEG)
                plane = frame.planes[0]
                rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
                yield rows[:, : plane.width], frame.key_frame
    except (OSError, av.FFmpegError) as error:
        raise MarkError(f"{path} cannot be read: {error.strerror or error}") from error


__all__ = ["luma_of"]
