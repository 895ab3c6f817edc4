"""Edges: where a matte is partly opaque, the picture shows what was behind, too; here it shows the person."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.matte import laid_out
from livetalk.types import Float32Array, Picture, planes

SOLID = 250
"""of 255, from which on a pixel is the person's alone"""
REACH = (1 / 120, 1 / 40)
"""how far the person's colours are carried, near and far, against the picture's shorter edge"""
LEAST = 0.01
"""of what lies around, that has to be the person's for its colours to be known"""


def own_colours(picture: Picture, alpha: npt.NDArray[np.uint8]) -> Picture:
    """An I420 picture whose edges have the colours of the person beside them.

    What is wholly opaque stays as it is, and what is not opaque at all, too.
    """
    clean = picture.copy()
    weights = laid_out(alpha)
    reach = [max(2, round(min(alpha.shape) * share)) for share in REACH]
    luma, chroma = planes(clean)
    opaque, (opaque_chroma, _) = planes(weights)
    _carry(luma, opaque, reach)
    for plane in chroma:
        _carry(plane, opaque_chroma, [max(1, each // 2) for each in reach])
    return clean


def _carry(plane: Picture, opaque: Picture, reach: list[int]) -> None:
    """Change a plane, the nearest colours first."""
    edge = (opaque > 0) & (opaque < SOLID)
    solid = np.asarray(opaque >= SOLID, np.float32)
    values: Float32Array = plane.astype(np.float32)
    share = np.asarray(opaque / 255, np.float32)
    for radius in sorted(reach, reverse=True):
        side = (2 * radius + 1, 2 * radius + 1)
        around = np.asarray(cv2.blur(solid, side), np.float32)
        known = edge & (around > LEAST)
        own = np.asarray(cv2.blur(values * solid, side), np.float32)[known] / around[known]
        plane[known] = np.rint(values[known] * share[known] + own * (1 - share[known]))


__all__ = ["own_colours"]
