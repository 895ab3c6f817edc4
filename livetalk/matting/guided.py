"""Guided filter: a coarse matte takes the edges of the picture that it belongs to.

K. He, J. Sun, X. Tang, "Guided Image Filtering", ECCV 2010, equations 5, 6 and 8, of a grey guide.
"""

from __future__ import annotations

import cv2
import numpy as np

from livetalk.types import Float32Array

EPSILON = 1e-4
"""the guide's variance, of a range of 0 to 1, below which it has no edge"""


def guided(guide: Float32Array, matte: Float32Array, radius: int) -> Float32Array:
    """A matte (height, width) whose edges lie where those of the guide do; both from 0 to 1."""

    def mean(values: Float32Array) -> Float32Array:
        side = 2 * radius + 1
        return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    mean_guide, mean_matte = mean(guide), mean(matte)
    covariance = mean(guide * matte) - mean_guide * mean_matte
    variance = mean(guide * guide) - mean_guide * mean_guide
    slope: Float32Array = np.asarray(covariance / (variance + EPSILON), np.float32)
    offset: Float32Array = mean_matte - slope * mean_guide
    fitted: Float32Array = mean(slope) * guide + mean(offset)
    return np.clip(fitted, 0, 1)


__all__ = ["guided"]
