"""Photos read: upright as they say, scaled, as I420."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.creation.clip import size_for
from livetalk.creation.limits import Limits
from livetalk.creation.source import Source, photos_in, probe
from livetalk.errors import AvatarError
from livetalk.types import Picture

BACKDROP = (226, 230, 232)
"""BGR"""


def read_photo(path: Path, shorter: int) -> Picture:
    """A photo, its shorter edge at most `shorter` pixels.

    Raises:
        AvatarError: it is damaged.
    """
    found, layers = _decoded(path)
    if layers is not None:
        found = _on_backdrop(layers)
    return np.asarray(cv2.cvtColor(_shrunk(found, shorter), cv2.COLOR_BGR2YUV_I420), np.uint8)


def read_opacity(path: Path, shorter: int) -> npt.NDArray[np.uint8]:
    """How opaque each pixel (height, width) of the same photo is, 0 to 255.

    Raises:
        AvatarError: it is damaged.
    """
    found, layers = _decoded(path)
    if layers is None:
        return np.full(_shrunk(found, shorter).shape[:2], 255, np.uint8)
    opacity = layers[..., 3] * (255 / np.float32(np.iinfo(layers.dtype).max))
    return np.asarray(_shrunk(np.rint(opacity).astype(np.uint8), shorter), np.uint8)


def _decoded(path: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8 | np.uint16] | None]:
    """BGR, upright; and BGR with opacity (rows, columns, 4) where a photo has that."""
    content = np.frombuffer(path.read_bytes(), np.uint8)
    try:
        found = cv2.imdecode(content, cv2.IMREAD_COLOR)
        layers = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise AvatarError(f"{path.name} cannot be decoded; save it again as a jpg or png") from error
    if found is None:
        raise AvatarError(f"{path.name} is damaged; save it again as a jpg or png")
    if layers is None or layers.ndim != 3 or layers.shape[2] != 4:
        return np.asarray(found, np.uint8), None
    return np.asarray(found, np.uint8), _turned_as(found, np.asarray(layers))


def _turned_as(
    found: npt.NDArray[np.generic], layers: npt.NDArray[np.uint8 | np.uint16]
) -> npt.NDArray[np.uint8 | np.uint16]:
    """The layers as their photo was turned, or mirrored: OpenCV does what EXIF says to colours alone."""
    ways = [np.rot90(each, turns) for each in (layers, layers[:, ::-1]) for turns in range(4)]
    thin = tuple(slice(None, None, max(1, edge // 64)) for edge in found.shape[:2])

    def off(way: npt.NDArray[np.uint8 | np.uint16]) -> float:
        levels = way[thin][..., :3] * (255 / np.float32(np.iinfo(way.dtype).max))
        return float(np.abs(levels - found[thin].astype(np.float32)).mean())

    return np.ascontiguousarray(min((way for way in ways if way.shape[:2] == found.shape[:2]), key=off))


def _shrunk(pixels: npt.NDArray[np.uint8], shorter: int) -> npt.NDArray[np.uint8]:
    size = size_for(pixels.shape[1], pixels.shape[0], shorter)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _on_backdrop(layers: npt.NDArray[np.uint8 | np.uint16]) -> npt.NDArray[np.uint8]:
    """BGR and opacity (rows, columns, 4) on a plain wall: below what is transparent lies any colour."""
    scaled = layers / np.float32(np.iinfo(layers.dtype).max)
    opacity = scaled[..., 3:]
    laid = 255 * scaled[..., :3] * opacity + np.array(BACKDROP, np.float32) * (1 - opacity)
    return np.rint(laid).astype(np.uint8)


def read_photos(source: Source, shorter: int, most: int, limits: Limits) -> Iterator[Picture]:
    """The photos of a folder, each one a picture of the body, at most so many.

    Raises:
        AvatarError: one is damaged, or of another size than the first.
    """
    shape: tuple[int, ...] | None = None
    for path in photos_in(source.path)[:most]:
        if probe(path, limits).kind != "photo":
            raise AvatarError(f"{path.name} is not a photo, whatever its name says")
        picture = read_photo(path, shorter)
        if shape not in (None, picture.shape):
            raise AvatarError(f"{path.name} is of another size than the first photo; make them all alike")
        shape = picture.shape
        yield picture


__all__ = ["BACKDROP", "read_opacity", "read_photo", "read_photos"]
