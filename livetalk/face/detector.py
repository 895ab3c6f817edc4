"""Where faces are, anywhere in a picture: MediaPipe's BlazeFace of full range.

The network looks at a grid of 48 x 48 places, and says of each how sure it is of a face there, where its
box and six points of it are. Layout and scale as in MediaPipe's face_detection_full_range graph
(one anchor a cell in its middle; x, y, width, height in pixels of the network's picture).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from livetalk.face.network import Network, sure
from livetalk.face.region import WIDEN, Colours, Region, tilt
from livetalk.types import Float32Array

FILE = "face/face_detection_full_range_sparse.tflite"
LEAST = 0.6
"""how sure it must be, as MediaPipe asks of this network"""
OVERLAP = 0.3
"""of two boxes that are one face, as intersection over union"""
ROOM = 1.6
"""about a picture in which nobody was found, in its longer edges"""
_CELLS = 48
_VALUES = 16


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that was found; pixels of the picture."""

    box: Float32Array
    """(4,): left, top, right, bottom"""
    eyes: Float32Array
    """(2, 2): the left and the right one, as seen"""
    sure: float
    """0 to 1"""

    @property
    def area(self) -> float:
        """Pixels."""
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))

    @property
    def middle(self) -> Float32Array:
        """(2,), of the box."""
        middle: Float32Array = (self.box[:2] + self.box[2:]) / np.float32(2)
        return middle

    @property
    def region(self) -> Region:
        """What the mesh's network looks at."""
        edge = float((self.box[2:] - self.box[:2]).max()) * WIDEN
        return Region(float(self.middle[0]), float(self.middle[1]), edge, tilt(*self.eyes))


class Detector:
    """Finds faces; one thread at a time."""

    def __init__(self, models: Path) -> None:
        """Read the network below `models`.

        Raises:
            ModelError: it is missing or damaged.
        """
        self._network = Network(models / FILE)
        cells = (np.arange(_CELLS) + 0.5) / _CELLS
        self._anchors = np.stack(np.meshgrid(cells, cells), -1).reshape(-1, 1, 2)

    def find(self, picture: Colours) -> list[Detection]:
        """All faces, the largest first; one that fills the picture is found with more room about it."""
        return self._find(picture, 1) or self._find(picture, ROOM)

    def _find(self, picture: Colours, room: float) -> list[Detection]:
        """All faces in a square that is so many times as large as the picture."""
        height, width = picture.shape[:2]
        edge = room * max(width, height)
        whole = Region((width - 1) / 2, (height - 1) / 2, edge, 0)
        values, scores = self._network(whole.cut(picture, self._network.size_px) * 2 - 1)
        sureness = sure(scores)
        likely = sureness > LEAST
        points = values.reshape(-1, _VALUES // 2, 2)[likely] / self._network.size_px
        points[:, [0, *range(2, 8)]] += self._anchors[likely]
        corner = np.array([width - edge, height - edge]) / 2
        half = points[:, 1] / 2
        boxes = np.hstack((points[:, 0] - half, points[:, 0] + half)) * edge + np.tile(corner, 2)
        eyes = points[:, 2:4] * edge + corner
        sized = np.column_stack((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]))
        kept = cv2.dnn.NMSBoxes(sized.tolist(), sureness[likely].tolist(), LEAST, OVERLAP)
        found = [
            Detection(
                boxes[each].astype(np.float32), eyes[each].astype(np.float32), float(sureness[likely][each])
            )
            for each in np.ravel(kept).astype(int)
        ]
        return sorted(found, key=lambda face: face.area, reverse=True)


__all__ = ["FILE", "Detection", "Detector"]
