"""Pictures without sound: a folder of PNGs, or raw I420, to compare or to work on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from livetalk.render.partial import closed, partial, writing
from livetalk.types import Picture, planes


class Write(Protocol):
    """Takes the next picture."""

    def __call__(self, picture: Picture, matte: Picture | None = None) -> None:
        """`matte`: how opaque each of its values is, laid out as it is; None for wholly."""


FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)
"""a third larger than the smallest, in a fifth of the time"""


@contextmanager
def png_folder(folder: Path) -> Iterator[Write]:
    """Write 00000000.png, 00000001.png ...

    Raises:
        RenderError: the folder or one of the pictures cannot be written.
    """
    numbers = itertools.count()
    with partial(folder) as part:
        with writing(folder):
            part.mkdir()

        def write(picture: Picture, matte: Picture | None = None) -> None:
            layers = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)
            if matte is not None:
                layers = np.dstack([layers, planes(matte)[0]])
            _, png = cv2.imencode(".png", layers, FAST)
            with writing(folder):
                (part / f"{next(numbers):08d}.png").write_bytes(png.tobytes())

        yield write


@contextmanager
def raw_file(path: Path) -> Iterator[Write]:
    """Write the planes Y, U, V of one picture after the other, none of how opaque they are.

    Raises:
        RenderError: the file cannot be written.
    """
    with partial(path) as part:
        with writing(path):
            file = part.open("wb")
        with closed(file, path):

            def write(picture: Picture, matte: Picture | None = None) -> None:
                with writing(path):
                    file.write(picture.tobytes())

            yield write


__all__ = ["Write", "png_folder", "raw_file"]
