"""Lip landmarks set right by the picture: the dark line between the lips, and where it ends.

A mesh's mouth ends before the picture's does, the more so on drawn and on turned faces; an opening
that ends there looks cut into the lip. What is found is one shift for the whole avatar, in its own
measures, so that it adds no tremble.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.engines.viseme import warp_points as points
from livetalk.types import Float32Array, planes

Floats = npt.NDArray[np.floating]

_SAMPLED_FRAMES = 12
"""that the shift is the median of"""
_STEPS = 100
"""of the looked-at patch to a mouth's width"""
_HALF_WIDTH, _HALF_HEIGHT = 70, 24
"""of the patch, in steps"""
_VALLEY = 6
"""steps from the line's middle to skin or lip that is surely brighter"""
_SLOPE = 2
"""steps up or down that the line may go in one step along"""
_PULL = 0.0025
"""how dear a step away from the landmarks is, squared, against the line's own contrast of 1"""
_CONTRAST = 4.0
"""grey levels: a line must be darker than that, and at twice as much it is trusted in full"""
_FAINT = 0.35
"""of the line's contrast: where it gets fainter it ends"""
_FARTHEST, _NEAREST = 0.12, -0.03
"""by which a corner may be moved outwards, in mouth widths"""
_INSET = 0.03
"""from the line's end to where the lips begin to part, in mouth widths"""
_PARTED = 0.03
"""lips as far apart as this have one line between them, at twice as far they have none, in mouth widths"""
_SMILING = 0.04
"""twice as far, and the line's ends are no longer sure; at three times they are creases beside a smile"""
_INNER = 11


@dataclass(frozen=True, slots=True)
class Shift:
    """Where the lips lie, against their landmarks; in mouth widths along and across the mouth."""

    corners: Float32Array
    """(2, 2), of the outer left and right corner"""
    ends: Float32Array
    """(2, 2), of the inner ones"""
    line: Float32Array
    """(11,), across: of the inner contours' points"""


def settle(pictures: npt.NDArray[np.uint8], landmarks: Float32Array) -> Float32Array:
    """Landmarks (frames, 60, 2) of I420 pictures with the lips' corners and line where they are seen."""
    some = np.unique(np.linspace(0, len(landmarks) - 1, _SAMPLED_FRAMES).astype(int))
    found = [find(planes(pictures[frame])[0], landmarks[frame]) for frame in some]
    shift = Shift(
        *(
            np.median([getattr(each, name) for each in found], axis=0).astype(np.float32)
            for name in ("corners", "ends", "line")
        )
    )
    return np.stack([_shifted(frame, shift) for frame in landmarks])


def find(luma: npt.NDArray[np.uint8], landmarks: Float32Array) -> Shift:
    """The shift that one picture's lips ask for."""
    frame = _frame(landmarks)
    inner = [_local(landmarks, contour, frame) for contour in (points.INNER_UPPER, points.INNER_LOWER)]
    middle, gap = (inner[0] + inner[1]) / 2, inner[1][:, 1] - inner[0][:, 1]
    columns = np.arange(-_HALF_WIDTH, _HALF_WIDTH + 1) / _STEPS
    order = np.maximum.accumulate(middle[:, 0])
    expected = np.interp(columns, order, middle[:, 1])
    valley, contrast = _valley(_patch(luma, frame))
    path = _follow(valley, expected * _STEPS + _HALF_HEIGHT)
    strength = valley[path, np.arange(len(path))]
    sure = float(np.clip(contrast / _CONTRAST - 1, 0, 1) * np.clip(3 - gap.max() / _SMILING, 0, 1))
    line = (path - _HALF_HEIGHT) / _STEPS
    shut = np.clip(2 - gap / _PARTED, 0, 1)
    across = shut * (np.interp(middle[:, 0], columns, line) - middle[:, 1])
    ends = _ends(strength, columns, (order[0], order[-1]))
    seen = np.column_stack((ends, np.interp(ends, columns, line)))
    outer = _local(landmarks, (points.OUTER_UPPER[0], points.OUTER_UPPER[-1]), frame)
    inward = np.array([(_INSET, 0), (-_INSET, 0)])
    parted = seen + inward - middle[[0, -1]]
    return Shift(*((sure * each).astype(np.float32) for each in (seen - outer, parted, _smooth(across))))


def _frame(landmarks: Float32Array) -> tuple[Floats, Floats]:
    """The mouth's middle (2,), and its directions along and across (2, 2), as long as it is wide."""
    left, right = (points.of(landmarks, point) for point in (points.OUTER_UPPER[0], points.OUTER_UPPER[-1]))
    along = right - left
    return (left + right) / 2, np.array([along, (-along[1], along[0])])


def _local(landmarks: Float32Array, some: tuple[int, ...], frame: tuple[Floats, Floats]) -> Floats:
    origin, turn = frame
    place: Floats = (points.of(landmarks, some) - origin) @ turn.T / (turn[0] @ turn[0])
    return place


def _patch(luma: npt.NDArray[np.uint8], frame: tuple[Floats, Floats]) -> Floats:
    """The mouth upright, softened."""
    origin, turn = frame
    columns, rows = turn / _STEPS
    corner = origin - _HALF_WIDTH * columns - _HALF_HEIGHT * rows
    size = (2 * _HALF_WIDTH + 1, 2 * _HALF_HEIGHT + 1)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = np.column_stack((columns, rows, corner))
    upright = cv2.warpAffine(luma, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(upright.astype(np.float32), (0, 0), 1.5), np.float32)


def _valley(patch: Floats) -> tuple[Floats, float]:
    """How much darker each place is than what is above and below it, and what 1 is: as the line mostly is."""
    padded = np.pad(patch, ((_VALLEY, _VALLEY), (0, 0)), mode="edge")
    sides = np.minimum(padded[: -2 * _VALLEY], padded[2 * _VALLEY :])
    depth = sides - patch
    middle = depth[:, _HALF_WIDTH - 30 : _HALF_WIDTH + 31].max(axis=0)
    contrast = float(np.median(middle))
    return np.minimum(depth / max(contrast, 1.0), 1.5), contrast


def _follow(valley: Floats, expected: Floats) -> npt.NDArray[np.int64]:
    """The row of the line in each column: the strongest valley that is near and does not leap."""
    rows, columns = valley.shape
    gain = valley - _PULL * (np.arange(rows)[:, None] - expected) ** 2
    best, came = gain[:, 0], np.zeros((rows, columns), np.int64)
    for column in range(1, columns):
        steps = [np.full(rows, -np.inf) for _ in range(2 * _SLOPE + 1)]
        for index, step in enumerate(range(-_SLOPE, _SLOPE + 1)):
            inside = slice(max(step, 0), rows + min(step, 0))
            origin = slice(max(-step, 0), rows + min(-step, 0))
            steps[index][inside] = best[origin] - 0.05 * step * step
        chosen = np.argmax(steps, axis=0)
        came[:, column] = np.arange(rows) - (chosen - _SLOPE)
        best = np.max(steps, axis=0) + gain[:, column]
    path = np.zeros(columns, np.int64)
    path[-1] = best.argmax()
    for column in range(columns - 1, 0, -1):
        path[column - 1] = came[path[column], column]
    return path


def _ends(strength: Floats, columns: Floats, inner: tuple[float, float]) -> Floats:
    """Where the line gets faint to the left and to the right, (2,), from the inner corners outwards."""
    ends = []
    for side, corner in ((-1, inner[0]), (1, inner[1])):
        outwards = columns[::side] * side
        there = strength[::side]
        beyond = outwards > side * corner - 0.02
        faint = np.flatnonzero(there[beyond] < _FAINT)
        end = outwards[beyond][faint[0]] if len(faint) else outwards[-1]
        ends.append(side * float(np.clip(end, 0.5 + _NEAREST, 0.5 + _FARTHEST)))
    return np.array(ends)


def _smooth(values: Floats) -> Floats:
    padded = np.pad(values, 1, mode="edge")
    smooth: Floats = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return smooth


def _shifted(landmarks: Float32Array, shift: Shift) -> Float32Array:
    """One frame's landmarks with its lips shifted: corners whole, what lies between them by its share."""
    origin, turn = _frame(landmarks)
    moved = landmarks.copy()
    contours = (
        (points.OUTER_UPPER, shift.corners, np.zeros(_INNER)),
        (points.OUTER_LOWER, shift.corners, np.zeros(_INNER)),
        (points.INNER_UPPER, shift.ends, shift.line),
        (points.INNER_LOWER, shift.ends, shift.line),
    )
    for contour, ends, line in contours:
        place = _local(landmarks, contour, (origin, turn))
        share = np.clip(place[:, 0] / max(abs(place[0, 0]), abs(place[-1, 0])), -1, 1)
        near = np.where(share < 0, share**2, 0)[:, None] * ends[0]
        near += np.where(share > 0, share**2, 0)[:, None] * ends[1]
        near[:, 1] += (1 - share**2) * line
        moved[points.rows(contour)] = origin + (place + near) @ turn
    return moved


__all__ = ["Shift", "find", "settle"]
