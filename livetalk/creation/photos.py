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
    whole = layers is not None and layers.ndim == 3 and layers.shape[2] == 4
    return np.asarray(found, np.uint8), np.asarray(layers) if whole else None


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
