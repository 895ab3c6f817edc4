"""What is seen behind an avatar that was cut out: a colour, or a picture of a folder."""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.manifest import AVATAR_ID
from livetalk.avatar.photo_formats import PHOTO_ENDINGS, photo_format
from livetalk.errors import InvalidRequest
from livetalk.types import COLOUR, Picture, frozen

LARGEST_PX, THUMBNAIL_PX = 2048, 256
"""of a picture's longer edge, and of its thumbnail's, at most"""
TRANSPARENT = "transparent"
"""asks for none at all, where a file can carry that"""
MOST_PIXELS, MOST_BYTES = 64_000_000, 64 << 20
"""of a picture, and of its file, that is decoded"""
KEPT = 4
"""pictures that were asked for last, of up to 12 MB each"""

logger = logging.getLogger(__name__)


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
        tall, wide = min(rows, max(1, round(height / scale))), min(columns, max(1, round(width / scale)))
        top, left = (rows - tall) // 2, (columns - wide) // 2
        cut = self._pixels[top : top + tall, left : left + wide]  # before it grows: a line would grow huge
        scaled = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA)
        return frozen(np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2YUV_I420), np.uint8))


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
        self._reading = threading.Lock()
        self._read_before: OrderedDict[tuple[Path, int, int], Background] = OrderedDict()

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
        with self._reading:  # one at a time: they are large
            found = self._read(name, path)
        if found is None:
            raise InvalidRequest(
                f"background {name} cannot be read; save the picture again as jpg, png or webp, of at most "
                f"{MOST_PIXELS // 1_000_000} million pixels"
            )
        return found

    def _read(self, name: str, path: Path) -> Background | None:
        """The picture of a file, from the last time where it is the same; None where it is none."""
        try:
            status = path.stat()
            version = (path, status.st_mtime_ns, status.st_size)
            found = self._read_before.pop(version, None)
            if found is None and _is_picture(path):
                pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
                if pixels is not None:
                    found = Background(name, shrunk(np.asarray(pixels, np.uint8), LARGEST_PX))
        except (OSError, cv2.error):
            return None
        if found is not None:
            self._read_before[version] = found
            while len(self._read_before) > KEPT:
                self._read_before.popitem(last=False)
        return found

    def _files(self) -> dict[str, Path]:
        if self._folder is None:
            return {}
        try:
            found = [path for path in self._folder.iterdir() if path.suffix.lower() in PHOTO_ENDINGS]
            return {path.stem: path for path in found if AVATAR_ID.fullmatch(path.stem) and path.is_file()}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            logger.warning("no backgrounds can be read from %s: %s", self._folder, error.strerror)
            return {}


def _is_picture(path: Path) -> bool:
    """Whether a file is a picture of a size that may be decoded; found by its head, whatever it holds."""
    known = photo_format(path)
    if not known or path.stat().st_size > MOST_BYTES:
        return False
    most = {"max_pixels": str(MOST_PIXELS)}  # of a larger one FFmpeg tells no size
    try:
        with path.open("rb") as file, av.open(file, "r", known, most) as container:
            return any(stream.width > 0 for stream in container.streams.video)
    except (av.FFmpegError, ValueError):  # another kind of file, or a damaged one
        return False


__all__ = ["TRANSPARENT", "Background", "Backgrounds", "colour"]
