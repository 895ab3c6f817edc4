"""Moves the skin of an I420 picture: two layers are warped, and laid together along their tear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.engines.viseme.warp_face import Floats
from livetalk.engines.viseme.warp_fields import invert
from livetalk.engines.viseme.warp_place import Place
from livetalk.types import Picture, planes

_FAR_PX = 4096
"""beyond any picture"""
_SUBPIXEL_BITS = 4
_NO_MAP: Floats = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class _Layers:
    """Both layers of one frame at the resolution of some planes."""

    back: tuple[Floats, Floats]
    """(rows, columns, 2), upper and lower: on the grid, where skin comes from, pixels of the plane"""
    to_grid: Floats
    """(2, 3), a pixel of the box to a point of the grid"""
    corner: tuple[int, int]
    """x, y of the box in the plane"""
    first: int
    """row of the box above which there is only the upper layer"""
    share: Floats
    """(rows, columns), from `first` on, of the lower layer; below there is only that one"""


def move(picture: Picture, rest: Picture, place: Place, weights: Floats, tear: Floats) -> None:
    """Fill the place's box of `picture` with the skin of `rest`, moved.

    Args:
        picture: I420, written to.
        rest: I420, the same picture at rest.
        place: what was prepared for this frame.
        weights: (6,), how much of each movement.
        tear: (n, 2), the edge of the lower layer where it is now, in the face's frame.
    """
    left, top, right, bottom = place.box
    (luma, chroma), (rest_luma, rest_chroma) = planes(picture), planes(rest)
    upper, lower = (
        _turned(invert(np.tensordot(weights, layer.grid, 1), place.cell), place)
        for layer in (place.upper, place.lower)
    )
    first, share = _lower_share(place, tear)
    light = _Layers((upper, lower), place.luma_to_grid, (left, top), first, share)
    _fill([luma[top:bottom, left:right]], [rest_luma], light)
    half_size = (share.shape[1] // 2, share.shape[0] // 2)
    half = np.asarray(cv2.resize(share, half_size, interpolation=cv2.INTER_AREA), np.float32)
    corner = (left // 2, top // 2)
    colour = _Layers((upper / 2, lower / 2), place.chroma_to_grid, corner, first // 2, half)
    box = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
    _fill([target[box] for target in chroma], [*rest_chroma], colour)


def _turned(field: Floats, place: Place) -> Floats:
    """A field (rows, columns, 2) of the face's frame in the picture's."""
    return np.asarray(cv2.transform(field, place.face.turn.T), np.float32)


def _lower_share(place: Place, tear: Floats) -> tuple[int, Floats]:
    """The first row of the box that the tear crosses, and what is below the tear from there on, in [0, 1].

    Both the row and the number of rows are even.
    """
    left, top, right, bottom = place.box
    far = tear[[-1, 0]] + np.array([(_FAR_PX, _FAR_PX), (-_FAR_PX, _FAR_PX)], np.float32)
    outline = place.face.to_picture(np.concatenate((tear, far))) - (left, top)
    rows = outline[: len(tear), 1]
    first = int(np.clip(np.floor(rows.min() / 2) * 2 - 2, 0, bottom - top - 2))
    last = int(np.clip(np.ceil(rows.max() / 2) * 2 + 2, first + 2, bottom - top))
    mask = np.zeros((last - first, right - left), np.uint8)
    corners = np.rint((outline - (0, first)) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
    return first, mask.astype(np.float32) * np.float32(1 / 255)


def _fill(targets: Sequence[Picture], sources: Sequence[Picture], layers: _Layers) -> None:
    """Write the box of some planes: `targets` are the boxes, `sources` the whole planes at rest."""
    rows, columns = targets[0].shape
    first, last = layers.first, layers.first + len(layers.share)
    upper = _map(layers, 0, (0, last), columns)
    lower = _map(layers, 1, (first, rows), columns)
    for target, source in zip(targets, sources, strict=True):
        above, below = (
            cv2.remap(source, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for maps in (upper, lower)
        )
        target[:first] = above[:first]
        target[last:] = below[last - first :]
        target[first:last] = cv2.blendLinear(
            above[first:last], below[: last - first], 1 - layers.share, layers.share
        )


def _map(
    layers: _Layers, layer: int, rows: tuple[int, int], columns: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]:
    """Where the pixels of some rows of the box come from, as fixed-point maps for `cv2.remap`."""
    matrix = layers.to_grid.copy()
    matrix[:, 2] += matrix[:, 1] * rows[0]
    size = (columns, rows[1] - rows[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    places = np.asarray(cv2.warpAffine(layers.back[layer], matrix, size, flags=flags), np.float32)
    left, top = layers.corner
    places[..., 0] += np.arange(left, left + columns, dtype=np.float32)
    places[..., 1] += np.arange(top + rows[0], top + rows[1], dtype=np.float32)[:, None]
    fixed, weights = cv2.convertMaps(places, _NO_MAP, cv2.CV_16SC2)
    return np.asarray(fixed, np.int16), np.asarray(weights, np.uint16)


__all__ = ["move"]
