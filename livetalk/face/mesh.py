"""The mesh of a face: 468 points on its skin, from MediaPipe's face landmark network.

Which point is where is fixed: 1 is the nose's tip, 152 the chin, 33 and 263 the outer corners of the eyes
that are seen on the left and on the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livetalk.face.network import Network, sure
from livetalk.face.region import Colours, Region, around
from livetalk.types import MESH_POINTS, Float32Array

FILE = "face/face_landmark.tflite"
LEFT_EYE, RIGHT_EYE = 33, 263


@dataclass(frozen=True, slots=True)
class Mesh:
    """A face's points."""

    points: Float32Array
    """(468, 3): x, y in pixels of the picture, z towards the camera negative, on the same scale"""
    sure: float
    """0 to 1, of that there is a face"""

    @property
    def region(self) -> Region:
        """Where to look for it in the next picture."""
        flat = self.points[:, :2]
        return around(flat, flat[LEFT_EYE], flat[RIGHT_EYE])


class Mesher:
    """Lays the mesh over a face; one thread at a time."""

    def __init__(self, models: Path) -> None:
        """Read the network below `models`.

        Raises:
            ModelError: it is missing or damaged.
        """
        self._network = Network(models / FILE)

    def fit(self, picture: Colours, region: Region) -> Mesh:
        """The mesh of the face in `region`; where there is none it says so in `sure`."""
        size_px = self._network.size_px
        values, score = self._network(region.cut(picture, size_px))
        points = values.reshape(MESH_POINTS, 3)
        matrix = region.matrix(size_px)
        scale = region.edge / size_px
        flat = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        placed = np.column_stack((flat, points[:, 2] * scale)).astype(np.float32)
        return Mesh(placed, float(sure(score)[0]))


__all__ = ["FILE", "LEFT_EYE", "RIGHT_EYE", "Mesh", "Mesher"]
