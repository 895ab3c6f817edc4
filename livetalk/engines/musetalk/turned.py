"""A box that is turned with the head, finer than a pixel: what the networks see of a picture, and redraw.

Maps are affine, (2, 3), between places: a picture's left upper corner is (0, 0), the middle of its first
pixel (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.engines.musetalk.boxes import FACE_PX, Box

Affine = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
"""(height, width, 3), or a plane"""


@dataclass(frozen=True, slots=True)
class TurnedBox:
    """Pixels of the picture; may leave it."""

    x: float
    """of the middle"""
    y: float
    width: float
    """along the eyes"""
    height: float
    tilt: float
    """radians, clockwise"""

    @property
    def upright(self) -> Box:
        """As large, as nearly as whole pixels are, in a picture of its own in which the head is upright."""
        return Box(0, 0, round(self.width), round(self.height))

    @property
    def about(self) -> Box:
        """The whole pixels about it, in the picture."""
        corners = moved(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64), self.from_unit())
        low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
        return Box(*(int(edge) for edge in (*low, *high)))

    def from_unit(self) -> Affine:
        """From (0, 0) ... (1, 1) of the box to the picture."""
        turn = np.array([(np.cos(self.tilt), -np.sin(self.tilt)), (np.sin(self.tilt), np.cos(self.tilt))])
        axes = turn * (self.width, self.height)
        return np.column_stack((axes, np.array((self.x, self.y)) - axes.sum(axis=1) / 2))

    def from_face(self) -> Affine:
        """From the networks' picture of the face to the picture."""
        return self.from_unit() @ _scale(1 / FACE_PX, 1 / FACE_PX)

    def from_upright(self) -> Affine:
        """From `upright`'s picture to the picture."""
        return self.from_unit() @ _scale(1 / self.upright.width, 1 / self.upright.height)


def as_turned(box: Box) -> TurnedBox:
    """An upright box, seen as one that is turned by nothing."""
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    return TurnedBox(*middle, box.width, box.height, 0.0)


def moved(points: npt.NDArray[np.float64], by: Affine) -> npt.NDArray[np.float64]:
    """Points (..., 2) by a map."""
    return points @ by[:, :2].T + by[:, 2]


def inverse(of: Affine) -> Affine:
    """The way back."""
    return np.asarray(cv2.invertAffineTransform(of), np.float64)


def shifted(of: Affine, left: int, top: int) -> Affine:
    """The same map from a part of the picture that begins there."""
    return np.column_stack((of[:, :2], moved(np.array((left, top), np.float64), of)))


def of_samples(of: Affine, size: int = 1) -> Affine:
    """A map between the indices of samples, each `size` pixels wide and high on both sides."""
    middle = np.full(2, 0.5 * size)
    return np.column_stack((of[:, :2], moved(middle, of) / size - 0.5))


def cut(picture: Pixels, box: Box | TurnedBox) -> Pixels:
    """The face in a box, as large as the networks draw it; an upright one has to lie in the picture."""
    if isinstance(box, TurnedBox):
        return cut_turned(picture, box)
    face = picture[box.top : box.bottom, box.left : box.right]
    return np.asarray(cv2.resize(face, (FACE_PX, FACE_PX), interpolation=cv2.INTER_LANCZOS4), np.uint8)


def cut_turned(picture: Pixels, box: TurnedBox) -> Pixels:
    """The face upright, as large as the networks draw it; the picture's edge goes on beyond it."""
    return _warped(picture, of_samples(box.from_face()), (FACE_PX, FACE_PX), cv2.BORDER_REPLICATE)


def cut_upright(picture: Pixels, box: TurnedBox, around: Box) -> Pixels:
    """A part of `upright`'s picture, black beyond the edges of the picture."""
    by = shifted(box.from_upright(), around.left, around.top)
    return _warped(picture, of_samples(by), (around.width, around.height), cv2.BORDER_CONSTANT)


def _warped(picture: Pixels, by: Affine, size: tuple[int, int], border: int) -> Pixels:
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, by, size, flags=flags, borderMode=border), np.uint8)


def _scale(x: float, y: float) -> Affine:
    return np.diag((x, y, 1.0))


__all__ = [
    "Affine",
    "TurnedBox",
    "as_turned",
    "cut",
    "cut_turned",
    "cut_upright",
    "inverse",
    "moved",
    "of_samples",
    "shifted",
]
