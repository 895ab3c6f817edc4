"""Where a face lies in the square that restoring networks were trained on.

FFHQ's alignment (T. Karras et al., 2019) at 512 pixels, by the five points that facexlib's
FaceRestoreHelper, which GFPGAN uses, lays on it: both eyes, the nose's tip, the corners of the mouth. The
eyes are the middles of their corners, which stay where they are in a blink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array

FACE_PX = 512
"""edge of the square"""
TEMPLATE = np.array(
    (
        (192.98138, 239.94708),
        (318.90277, 240.1936),
        (256.63416, 314.01935),
        (201.26117, 371.41043),
        (313.08905, 371.15118),
    )
)
"""(5, 2): the eye that is seen on the left, the other one, the nose's tip, the mouth's corners, left first"""
POINTS = np.array(((33, 133), (362, 263), (1, 4), (61, 61), (291, 291)))
"""(5, 2), of the mesh: each of the five lies in the middle of two"""

Matrix = npt.NDArray[np.float64]
"""(2, 3): x, y to x, y; whole numbers are the middles of pixels"""


@dataclass(frozen=True, slots=True)
class Alignment:
    """From a picture's pixels to those of the square, and back."""

    matrix: Matrix
    """from the picture to the square"""

    @property
    def scale(self) -> float:
        """Pixels of the square to one of the picture."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def back(self) -> Matrix:
        """From the square to the picture."""
        turn = np.linalg.inv(self.matrix[:, :2])
        return np.column_stack((turn, -turn @ self.matrix[:, 2]))

    def to_square(self, points: Float32Array) -> Matrix:
        """Points (n, 2) of the picture in the square."""
        return points @ self.matrix[:, :2].T + self.matrix[:, 2]


def align(mesh: Float32Array) -> Alignment:
    """The shift, turn and size that lay a face's five points best onto the template, by least squares.

    Args:
        mesh: (468, 3), pixels.
    """
    points = mesh[POINTS, :2].mean(axis=1, dtype=np.float64)
    here, there = (each @ (1, 1j) for each in (points, TEMPLATE))
    around = here - here.mean()
    # a similarity is a complex factor: Umeyama's solution in two dimensions
    factor = (np.conj(around) * (there - there.mean())).sum() / (np.abs(around) ** 2).sum()
    shift = there.mean() - factor * here.mean()
    return Alignment(
        np.array(((factor.real, -factor.imag, shift.real), (factor.imag, factor.real, shift.imag)))
    )


__all__ = ["FACE_PX", "POINTS", "TEMPLATE", "Alignment", "Matrix", "align"]
