"""What is seen behind an avatar that was cut out: a colour, or a picture of a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.manifest import AVATAR_ID
from livetalk.errors import InvalidRequest
from livetalk.types import COLOUR, Picture, frozen

LARGEST_PX, THUMBNAIL_PX = 2048, 256
"""of a picture's longer edge, and of its thumbnail's, at most"""
TRANSPARENT = "transparent"
"""asks for none at all, where a file can carry that"""
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class Background:
    """One of them."""

    name: str
    """as it is asked for"""
    _pixels: npt.NDArray[np.uint8] = field(repr=False, compare=False)
    """(rows, columns, 3), BGR; one pixel for a colour"""

    def thumbnail(self) -> bytes:
        """It as a small JPEG."""
        _, content = cv2.imencode(".jpg", shrunk(self._pixels, THUMBNAIL_PX))
        return content.tobytes()

    def fill(self, width: int, height: int) -> Picture:
        """As an I420 picture of this size, read-only; one of another shape is cut evenly on both sides."""
        rows, columns = self._pixels.shape[:2]
        scale = max(width / columns, height / rows)
        size = max(width, round(columns * scale)), max(height, round(rows * scale))
        scaled = cv2.resize(self._pixels, size, interpolation=cv2.INTER_AREA)
        top, left = (size[1] - height) // 2, (size[0] - width) // 2
        cut = np.ascontiguousarray(scaled[top : top + height, left : left + width])
        return frozen(np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2YUV_I420), np.uint8))


def shrunk(pixels: npt.NDArray[np.uint8], edge: int) -> npt.NDArray[np.uint8]:
    """Pixels (rows, columns, 3), the longer edge at most `edge`."""
    scale = edge / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=32)
def colour(name: str) -> Background:
    """A colour, as "#00ff00".

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch(COLOUR, name):
        raise ValueError(f"{name!r} is no colour; write it as #00ff00")
    pixel = np.array([[[int(name[at : at + 2], 16) for at in (5, 3, 1)]]], np.uint8)
    return Background(name, pixel)


class Backgrounds:
    """Those that may be asked for."""

    def __init__(self, folder: Path | None) -> None:
        """Any colour, and the pictures in `folder`, which need not be there."""
        self._folder = folder

    def names(self) -> list[str]:
        """Of the pictures, sorted."""
        return sorted(self._files())

    def get(self, name: str) -> Background | None:
        """The one of this name; "" is each avatar's own, None.

        Raises:
            InvalidRequest: there is none, or the picture is damaged.
        """
        if not name:
            return None
        if re.fullmatch(COLOUR, name):
            return colour(name)
        if name == TRANSPARENT:
            raise InvalidRequest(
                "what is played live cannot be transparent; choose a colour, as #00ff00, and key it out there"
            )
        path = self._files().get(name)
        if path is None:
            there = f", or one of these pictures: {', '.join(self.names())}" if self.names() else ""
            raise InvalidRequest(f"no background {name[:64]!r}; a colour is written as #00ff00{there}")
        try:
            pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        except (OSError, cv2.error):
            pixels = None
        if pixels is None:
            raise InvalidRequest(f"background {name} cannot be read; save the picture again as jpg or png")
        return Background(name, shrunk(np.asarray(pixels, np.uint8), LARGEST_PX))

    def _files(self) -> dict[str, Path]:
        if self._folder is None or not self._folder.is_dir():
            return {}
        found = (path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return {path.stem: path for path in found if AVATAR_ID.fullmatch(path.stem)}


__all__ = ["TRANSPARENT", "Background", "Backgrounds", "colour"]
