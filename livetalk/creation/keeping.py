"""A body's pictures kept on disk while they are worked on: a long clip is larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from livetalk.errors import AvatarError
from livetalk.types import Picture

Pictures: TypeAlias = npt.NDArray[np.uint8]
"""(frames, height * 3 // 2, width), I420, read-only"""
SUFFIX = ".i420"


def keep_pictures(pictures: Iterable[Picture], file: Path, tell: Callable[[int], None]) -> Pictures:
    """Write I420 pictures into a file and map it; tell how many are there.

    Raises:
        AvatarError: their size changes on the way.
    """
    count, shape = 0, (0, 0)
    with file.open("wb") as raw:
        for picture in pictures:
            if count and picture.shape != shape:
                raise AvatarError("the size of its pictures changes on the way; convert it first")
            shape = (picture.shape[0], picture.shape[1])
            raw.write(picture.tobytes())
            count += 1
            tell(count)
    return np.memmap(file, np.uint8, mode="r", shape=(count, *shape))


__all__ = ["SUFFIX", "Pictures", "keep_pictures"]
