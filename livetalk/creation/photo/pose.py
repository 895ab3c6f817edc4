"""Where a face stands in its picture: its middle, how wide it is, which way is down for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livetalk.types import Float32Array

EYE_LEFT, EYE_RIGHT = 33, 263
"""mesh points: the outer corners of the eyes, as seen"""
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
        148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
"""mesh points around the face"""
NARROW = 0.75
"""width over height, at least: a face that looks away is no smaller for it"""


@dataclass(frozen=True, slots=True)
class Pose:
    """A frame of its own for a face: x from its middle to the right, y down to the chin, in face widths."""

    middle: Float32Array
    """(2,), pixels"""
    across: Float32Array
    """(2,), unit vector"""
    size_px: float
    """the face's width"""

    @property
    def down(self) -> Float32Array:
        """(2,), unit vector."""
        return np.array([-self.across[1], self.across[0]], np.float32)

    def place(self, points: Float32Array) -> Float32Array:
        """Points (..., 2) of the picture in the face's frame."""
        axes = np.column_stack((self.across, self.down))
        return np.asarray((points - self.middle) @ axes / self.size_px, np.float32)

    def vectors(self, moves: Float32Array) -> Float32Array:
        """Moves (..., 2) in the face's frame as the picture's, pixels."""
        return np.asarray(moves @ np.stack((self.across, self.down)) * self.size_px, np.float32)


def pose_of(mesh: Float32Array) -> Pose:
    """The frame of the face with this mesh (468, 3)."""
    flat = mesh[:, :2]
    between = flat[EYE_RIGHT] - flat[EYE_LEFT]
    across = between / np.float32(np.hypot(*between))
    upright = flat[list(OVAL)] @ np.column_stack((across, (-across[1], across[0])))
    low, high = upright.min(axis=0), upright.max(axis=0)
    width, height = high - low
    middle = (low + high) / 2 @ np.stack((across, (-across[1], across[0])))
    return Pose(middle.astype(np.float32), across.astype(np.float32), float(max(width, NARROW * height)))


__all__ = ["OVAL", "Pose", "pose_of"]
