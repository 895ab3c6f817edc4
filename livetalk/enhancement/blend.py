"""A face cut out of a picture for the network, and what the network changed laid back into it.

The change is laid back, not the face: what the network leaves as it is stays to the bit, as do grain and
detail that are finer than the network's square, and nothing has an edge. It is laid into I420 as it is, so
beyond the face nothing goes through another kind of colours.
"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np

from livetalk.enhancement.align import FACE_PX, Alignment, Matrix
from livetalk.enhancement.network import Face
from livetalk.types import Float32Array, Picture, planes

GREY = (132, 133, 135)
"""RGB, beyond the picture's edges: what facexlib's FaceRestoreHelper has there"""
MASK_PX = 128
"""edge of the mask while it is drawn; it is soft, so a quarter is fine enough"""
SOFT = 3.0
"""deviation of the mask's edge in its own pixels; it reaches three of them to both sides"""
RIM = 4
"""pixels of the mask along the square's edges that fall to nothing"""
REACH = 3
"""pixels about the mask that blurring and interpolating touch"""
_Levels = TypeVar("_Levels", Face, Float32Array)
_BITS = 4
"""fractions of a pixel that the mask is drawn in, as a power of two"""
_YUV = np.array(
    ((65.481, 128.553, 24.966), (-37.797, -74.203, 112.0), (112.0, -93.786, -18.214)), np.float32
) / np.float32(255)
"""BT.601, limited range, of RGB levels"""


def cut(picture: Picture, alignment: Alignment) -> Face:
    """The aligned face of an I420 picture."""
    colours = cv2.cvtColor(picture, cv2.COLOR_YUV2RGB_I420)
    face = cv2.warpAffine(
        _without_finer(np.asarray(colours, np.uint8), 1 / alignment.scale),
        alignment.matrix,
        (FACE_PX, FACE_PX),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=GREY,
    )
    return np.asarray(face, np.uint8)


def change_of(face: Face, restored: Float32Array) -> Float32Array:
    """What the network changed, (512, 512, 3): levels of Y, U, V."""
    change: Float32Array = (restored - face) @ _YUV.T
    return change


def mask_of(mesh: Float32Array, alignment: Alignment) -> Float32Array:
    """How much of each pixel of the square is face, (512, 512), 0 to 1: the mesh's outline, softened."""
    points = alignment.to_square(mesh[:, :2]).astype(np.float32)
    outline = (cv2.convexHull(points)[:, 0] + 0.5) * (MASK_PX / FACE_PX) - 0.5
    small = np.zeros((MASK_PX, MASK_PX), np.float32)
    cv2.fillConvexPoly(small, np.rint(outline * 2**_BITS).astype(np.int32), 1.0, shift=_BITS)
    soft = cv2.GaussianBlur(small, (0, 0), SOFT, borderType=cv2.BORDER_CONSTANT)
    ramp = np.clip((np.arange(MASK_PX) + np.float32(0.5)) / RIM, 0, 1)
    ramp = np.minimum(ramp, ramp[::-1])
    whole = cv2.resize(soft * ramp * ramp[:, None], (FACE_PX, FACE_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, np.float32)


def laid(picture: Picture, change: Float32Array, mask: Float32Array, alignment: Alignment) -> Picture:
    """An I420 picture with a change (512, 512, 3) added where it lies, weighed by a mask (512, 512)."""
    made = picture.copy()
    left, top, right, bottom = _bounds(mask, alignment, (picture.shape[1], picture.shape[0] * 2 // 3))
    if left >= right or top >= bottom:
        return made
    back = alignment.back.copy()
    back[:, 2] -= (left, top)
    there = cv2.warpAffine(
        _without_finer(change * mask[..., None], alignment.scale),
        back,
        (right - left, bottom - top),
        flags=cv2.INTER_CUBIC,
    )
    luma, chroma = planes(made)
    _add(luma[top:bottom, left:right], np.asarray(there[..., 0], np.float32))
    halved = cv2.resize(there[..., 1:], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    colours = np.asarray(halved, np.float32).transpose(2, 0, 1)
    _add(chroma[:, top // 2 : bottom // 2, left // 2 : right // 2], colours)
    return made


def _add(levels: Picture, change: Float32Array) -> None:
    levels[:] = np.rint(levels + change).clip(0, 255)


def _without_finer(levels: _Levels, smaller: float) -> _Levels:
    """What a picture so many times smaller can show; the rest would shimmer in it."""
    if smaller <= 1:
        return levels
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), 0.5 * np.sqrt(smaller**2 - 1)), levels.dtype)


def _bounds(mask: Float32Array, alignment: Alignment, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in the picture of all that may change there; even, as chroma has it."""
    seen = [np.flatnonzero(mask.any(axis=axis)) for axis in (0, 1)]
    if not len(seen[0]):
        return 0, 0, 0, 0
    reach = REACH * max(1.0, alignment.scale)
    (left, right), (top, bottom) = ((each[0] - reach, each[-1] + reach) for each in seen)
    corners: Matrix = np.array(((left, top), (right, top), (left, bottom), (right, bottom)), np.float64)
    there = corners @ alignment.back[:, :2].T + alignment.back[:, 2]
    low = (np.floor(there.min(axis=0) / 2) * 2).clip(0, size)
    high = (np.ceil(there.max(axis=0) / 2) * 2).clip(0, size)
    first, upper, last, lower = np.concatenate((low, high)).astype(int).tolist()
    return first, upper, last, lower


__all__ = ["change_of", "cut", "laid", "mask_of"]
