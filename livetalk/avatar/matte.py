"""A matte: how opaque each pixel of a picture is; as a grey picture in videos, as weights in memory."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.types import Picture, planes

NOISE = 6
"""of 255, by which a lossy codec may miss what is wholly opaque, or not at all"""


def grey(alpha: npt.NDArray[np.uint8]) -> Picture:
    """The I420 picture whose luma is a matte (height, width), as videos carry it."""
    height, width = alpha.shape
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = alpha
    return picture


def opacity(picture: Picture) -> Picture:
    """What such a picture says of each value of the I420 picture that it belongs to, 0 to 255."""
    luma, _ = planes(picture)
    spread = (luma.astype(np.float32) - NOISE) * (255 / (255 - 2 * NOISE))
    return laid_out(np.clip(np.rint(spread), 0, 255).astype(np.uint8))


def laid_out(alpha: npt.NDArray[np.uint8]) -> Picture:
    """A matte (height, width) for the values of an I420 picture: of chroma, the mean of its four pixels."""
    height, width = alpha.shape
    weights = np.empty((height * 3 // 2, width), np.uint8)
    weights[:height] = alpha
    weights[height:].reshape(2, height // 2, width // 2)[:] = cv2.resize(
        alpha, (width // 2, height // 2), interpolation=cv2.INTER_AREA
    )
    return weights


__all__ = ["grey", "laid_out", "opacity"]
