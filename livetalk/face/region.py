"""A turned square about a face: what the mesh's network looks at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array

Colours = npt.NDArray[np.uint8]
"""(height, width, 3), RGB"""

WIDEN = 1.5
"""of the square, against what it holds: as the network was trained"""


@dataclass(frozen=True, slots=True)
class Region:
    """Where a square lies in a picture."""

    x: float
    y: float
    """of its middle, pixels"""
    edge: float
    """pixels"""
    angle: float
    """radians, by which the head leans clockwise"""

    def cut(self, picture: Colours, size_px: int) -> Float32Array:
        """The square upright, (size_px, size_px, 3) in [0, 1]; black beyond the picture."""
        upright = cv2.warpAffine(
            picture,
            self.matrix(size_px),
            (size_px, size_px),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        return np.asarray(upright, np.float32) / np.float32(255)

    def matrix(self, size_px: int) -> npt.NDArray[np.float64]:
        """(2, 3): from a pixel of the square, size_px wide, to the picture's."""
        scale = self.edge / size_px
        across = np.array([np.cos(self.angle), np.sin(self.angle)]) * scale
        down = np.array([-across[1], across[0]])
        middle = (size_px - 1) / 2
        return np.column_stack((across, down, (self.x, self.y) - middle * (across + down)))


def tilt(left: Float32Array, right: Float32Array) -> float:
    """By how much a head with eyes at `left` and `right` (2,) leans clockwise, radians."""
    return float(np.arctan2(right[1] - left[1], right[0] - left[0]))


def around(points: Float32Array, left: Float32Array, right: Float32Array) -> Region:
    """The square about points (n, 2) of a face whose eyes are at `left` and `right` (2,)."""
    angle = tilt(left, right)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    upright = points @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = (low + high) / 2 @ turn
    return Region(float(x), float(y), float((high - low).max()) * WIDEN, angle)


__all__ = ["WIDEN", "Colours", "Region", "around", "tilt"]
