"""How a body's pictures repeat: round and round where its end fits its beginning, else there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array

SMALL_PX = 64
"""of the pictures that are compared"""
FITS = 1.5
"""how many times a usual step between pictures the seam may be"""
SHORTEST_SHARE = 0.7
"""of a clip that is kept, to end where it fits"""
LEAST_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Loop:
    """What of a body is repeated, and how."""

    kind: Literal["cycle", "pingpong"]
    frames: int
    seam: float
    """from the last picture to the first, in usual steps between pictures"""


def loop_of(
    pictures: npt.NDArray[np.uint8], meshes: Float32Array, wanted: Literal["auto", "cycle", "pingpong"]
) -> Loop:
    """The best loop of I420 pictures and the face's meshes in them; `wanted` settles what kind."""
    count = len(pictures)
    if wanted == "pingpong" or count < LEAST_FRAMES:
        return Loop("cycle" if wanted == "cycle" else "pingpong", count, 0.0)
    looks = np.stack([_look(picture) for picture in pictures])
    seen, moved = _apart(looks[1:], looks[:-1]), _apart(meshes[1:], meshes[:-1])
    usual = max(float(np.percentile(seen, 75)), 0.2), max(float(np.percentile(moved, 75)), 0.2)
    first = int(count * SHORTEST_SHARE)
    seams = np.maximum(
        _apart(looks[first:], looks[:1]) / usual[0], _apart(meshes[first:], meshes[:1]) / usual[1]
    )
    best = int(seams.argmin())
    frames, seam = first + best + 1, float(seams[best])
    if wanted == "cycle" or seam <= FITS:
        return Loop("cycle", frames, seam)
    return Loop("pingpong", count, seam)


def _look(picture: npt.NDArray[np.uint8]) -> Float32Array:
    luma = picture[: picture.shape[0] * 2 // 3]
    return np.asarray(cv2.resize(luma, (SMALL_PX, SMALL_PX), interpolation=cv2.INTER_AREA), np.float32)


def _apart(one: Float32Array, other: Float32Array) -> Float32Array:
    """(n,): mean distances."""
    apart: Float32Array = np.abs(one - other).reshape(len(one), -1).mean(axis=1)
    return apart


__all__ = ["FITS", "Loop", "loop_of"]
