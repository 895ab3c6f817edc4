"""Footage: a body's pictures and the face in each, what every engine prepares an avatar from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array


@dataclass(frozen=True, slots=True)
class Footage:
    """A loop of 25 pictures a second that shows one face all the time."""

    pictures: npt.NDArray[np.uint8]
    """(frames, height * 3 // 2, width), I420, read-only, mapped from a file"""
    meshes: Float32Array
    """(frames, 468, 3): the face's mesh in each, steadied; x, y in pixels, z on the same scale"""

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pictures.shape[2])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pictures.shape[1] * 2 // 3)


__all__ = ["Footage"]
