"""Boxes that do not tremble: one size where the face comes no nearer, and places that follow without lag.

All of a loop is known before any of it is shown, so each place is fitted to what comes before and after it:
what a live filter would pay with lag costs nothing here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

STILL = 0.15
"""by how much of the median a size may vary, from its 5th to its 95th percentile, and is one size"""
PLACE_FRAMES = 7
"""that a place is fitted to; 25 frames are a second"""
SIZE_FRAMES = 25
"""that a size is fitted to where it does vary"""
SLACK = 0.75
"""pixels"""
_DEGREE = 2
"""of the curve that is fitted: it keeps speed and acceleration"""


def lock_scale(sizes: Values, still: float = STILL) -> Values:
    """Widths and heights (frames, 2), each its median where it varies little, else a smooth course."""
    low, median, high = np.percentile(sizes, (5, 50, 95), axis=0)
    same = high - low <= still * median
    return np.where(same, median, follow(sizes, SIZE_FRAMES))


def follow(values: Values, frames: int = PLACE_FRAMES) -> Values:
    """A course (frames, k) without its tremble: a parabola through each point's neighbours.

    A. Savitzky and M. Golay, "Smoothing and differentiation of data by simplified least squares
    procedures", 1964; the first and the last points lie on the first and the last whole window's parabola.
    """
    window = min(frames, len(values) - (len(values) + 1) % 2)  # odd
    if window <= _DEGREE + 1:
        return values.copy()
    half = window // 2
    powers = np.vander(np.arange(-half, half + 1), _DEGREE + 1)
    fit = powers @ np.linalg.pinv(powers)
    """(window, window): from a window's values to the parabola's"""
    windows = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)
    smooth = np.empty_like(values)
    smooth[half : len(values) - half] = windows @ fit[half]
    smooth[:half] = fit[:half] @ values[:window]
    smooth[len(values) - half :] = fit[half + 1 :] @ values[-window:]
    return smooth


def to_pixels(values: Values, slack: float = SLACK) -> npt.NDArray[np.int64]:
    """A course (frames, k) in whole numbers, each kept until it is off by more than `slack`.

    Mere rounding flickers where a course lies between two pixels.
    """
    whole = np.rint(values).astype(np.int64)
    for number in range(1, len(values)):
        near = np.abs(values[number] - whole[number - 1]) <= slack
        whole[number, near] = whole[number - 1, near]
    return whole


__all__ = ["PLACE_FRAMES", "SIZE_FRAMES", "SLACK", "STILL", "follow", "lock_scale", "to_pixels"]
