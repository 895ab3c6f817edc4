"""Where the face is: from landmarks to the box that is redrawn, and the larger one that is blended."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

FACE_PX = 256
"""edge of the picture that the networks draw"""
CROP_EXPAND = 1.5
EXTRA_MARGIN_PX = 10
"""below the chin, for v1.5"""
NOSE = 29
"""the landmark (iBUG 68) that becomes the middle of the box's height"""


class Box(NamedTuple):
    """Pixels; may leave the picture."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels."""
        return self.bottom - self.top

    def clipped(self, width: int, height: int) -> Box:
        """What of it lies in a picture."""
        return self.common(Box(0, 0, width, height))

    def common(self, other: Box) -> Box:
        """What lies in both; nothing does where an edge comes before its opposite."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def moved(self, x: int, y: int) -> Box:
        """Seen from another origin."""
        return Box(self.left - x, self.top - y, self.right - x, self.bottom - y)


def face_box(
    landmarks: npt.NDArray[np.floating[Any]], detection: npt.NDArray[np.floating[Any]], shift: int = 0
) -> Box:
    """The box of (68, 2) landmarks; the detector's (4,) where they make none.

    The box is as high above the nose's landmark as it is below it; `shift` moves that landmark down.
    """
    points = landmarks.astype(np.int32)
    points[NOSE, 1] += shift
    middle, bottom = int(points[NOSE, 1]), int(points[:, 1].max())
    left, right = int(points[:, 0].min()), int(points[:, 0].max())
    top = max(0, 2 * middle - bottom)
    if bottom <= top or right <= left or left < 0:
        return Box(*(int(edge) for edge in detection))
    return Box(left, top, right, bottom)


def with_margin(box: Box, frame_height: int, margin: int = EXTRA_MARGIN_PX) -> Box:
    """Room for a chin that falls."""
    return box._replace(bottom=min(box.bottom + margin, frame_height))


def crop_box(box: Box, expand: float = CROP_EXPAND) -> Box:
    """The square about a face that is blended."""
    x, y = (box.left + box.right) // 2, (box.top + box.bottom) // 2
    half = int(max(box.width, box.height) // 2 * expand)
    return Box(x - half, y - half, x + half, y + half)


__all__ = ["CROP_EXPAND", "EXTRA_MARGIN_PX", "FACE_PX", "NOSE", "Box", "crop_box", "face_box", "with_margin"]
