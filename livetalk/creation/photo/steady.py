"""A photo made fit to be moved by parts of a pixel: as sharp in one frame as in the next.

Grain of a pixel's size is lost half-way between two pixels and there again on the next one, so that a
moving picture seems to pump. The finest of it is taken out beforehand, where something moves.
"""

from __future__ import annotations

import cv2
import numpy as np

from livetalk.types import Float32Array, Picture, planes

KEPT = 0.85
"""of the frequencies that pixels can show"""
TAPS = 4
"""pixels that the filter reaches to each side"""
MOVED_PX = 0.4
"""from which movement on a place is filtered wholly"""


def steady(picture: Picture, reach: Float32Array) -> Picture:
    """The I420 picture without what is too fine for moving.

    Args:
        picture: left as it is.
        reach: (height, width), how far each place goes at most, pixels.
    """
    fit = picture.copy()
    luma, new = planes(picture)[0], planes(fit)[0]
    kernel = _kernel()
    smooth = cv2.sepFilter2D(luma, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT_101)
    share = np.clip(reach / np.float32(MOVED_PX), 0, 1)
    new[...] = np.clip(np.rint(luma + share * (smooth - luma)), 0, 255).astype(np.uint8)
    return fit


def _kernel() -> Float32Array:
    """(2 * TAPS + 1,): a sinc under a raised cosine."""
    x = np.arange(-TAPS, TAPS + 1)
    kernel = np.sinc(KEPT * x) * np.cos(np.pi * x / (2 * TAPS + 2)) ** 2
    return np.asarray(kernel / kernel.sum(), np.float32)


__all__ = ["steady"]
