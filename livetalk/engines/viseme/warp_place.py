"""One frame made ready for warping: its fields on a coarse grid, and the line that tears them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livetalk.engines.viseme.warp_face import CONTOUR_POINTS, Face, Floats, measure
from livetalk.engines.viseme.warp_fields import displacements, smoothstep
from livetalk.types import frozen

_CELLS = 20
"""of the grid, in a face length"""
_BESIDE = np.array([3.5, 2.0, 1.3, 0.8, 0.4, 0.15], np.float32)
"""where the tear is followed beyond the corners, in half mouth widths"""
_BORDER_CELLS = 6
"""over which the fields end at the edge of the grid"""

LIPS = slice(len(_BESIDE), len(_BESIDE) + CONTOUR_POINTS)
"""the part of a tear that is the edge of a lip"""


@dataclass(frozen=True, slots=True)
class Layer:
    """What moves with one lip."""

    grid: Floats
    """(6, rows, columns, 2), the fields of `warp_fields`, read-only"""
    tear: Floats
    """(n, 2), the edge along which the layer is torn from the other one, left to right"""
    tear_moves: Floats
    """(6, n, 2), the fields on it"""


@dataclass(frozen=True, slots=True)
class Place:
    """The fields of one frame, in the face's frame, pixels."""

    face: Face
    cell: float
    """pixels between points of the grid"""
    upper: Layer
    lower: Layer
    kept_moves: Floats
    """(6, 33, 2), the upper layer's fields on the lower lip's edge: so moves the picture's own inner mouth"""
    box: tuple[int, int, int, int]
    """left, top, right, bottom of what may change, luma pixels, all even"""
    luma_to_grid: Floats
    """(2, 3), a luma pixel of the box to a point of the grid"""
    chroma_to_grid: Floats


def prepare(landmarks: Floats, size: tuple[int, int], bared: bool = False) -> Place:
    """Make ready one frame's landmarks (60, 2), in a picture of `size` (width, height); see `Face.bared`."""
    face = measure(landmarks, bared)
    low, high = _extent(face)
    cell = face.length / _CELLS
    columns, rows = (int(count) for count in np.ceil((high - low) / cell) + 1)
    grid = np.dstack(np.meshgrid(low[0] + cell * np.arange(columns), low[1] + cell * np.arange(rows)))
    upper, lower = (_layer(face, grid.astype(np.float32), is_lower) for is_lower in (False, True))
    far = low + cell * np.array([columns - 1, rows - 1])
    outline = face.to_picture(np.array([low, (far[0], low[1]), far, (low[0], far[1])], np.float32))
    first = np.maximum(np.floor(outline.min(axis=0) / 2) * 2, 0).astype(int)
    last = np.minimum(np.ceil(outline.max(axis=0) / 2) * 2, size).astype(int)
    linear = face.turn / cell
    shift = linear @ (first - face.origin) - low / cell
    return Place(
        face=face,
        cell=cell,
        upper=upper,
        lower=lower,
        kept_moves=frozen(displacements(face, face.lower, lower=False)),
        box=(int(first[0]), int(first[1]), int(last[0]), int(last[1])),
        luma_to_grid=np.column_stack((linear, shift)).astype(np.float32),
        # a chroma sample sits in the middle of its four luma samples: luma = 2 * chroma + 0.5
        chroma_to_grid=np.column_stack((2 * linear, shift + linear @ (0.5, 0.5))).astype(np.float32),
    )


def _extent(face: Face) -> tuple[Floats, Floats]:
    """The first and last u, v that any movement reaches."""
    wide = 2.6 * face.half_width
    margin = 0.1 * face.length
    left = min(float(face.jaw[:, 0].min()) - margin, -wide)
    right = max(float(face.jaw[:, 0].max()) + margin, wide)
    low = np.array([left, face.nose - 0.4 * face.length], np.float32)
    return low, np.array([right, face.chin + 0.62 * face.length], np.float32)


def _layer(face: Face, grid: Floats, lower: bool) -> Layer:
    lip = face.lower if lower else face.upper
    beside = _BESIDE * face.half_width
    left = np.column_stack((lip[0, 0] - beside, np.full_like(beside, lip[0, 1])))
    right = np.column_stack((lip[-1, 0] + beside[::-1], np.full_like(beside, lip[-1, 1])))
    tear = np.concatenate((left, lip, right))
    rows, columns = grid.shape[:2]
    window = np.repeat(np.minimum.outer(_ramp(rows), _ramp(columns)), 2, axis=1)
    moves = displacements(face, np.concatenate((grid.reshape(-1, 2), tear)), lower)
    # u and v side by side: numpy is slow where its innermost axis is short
    on_grid = moves[:, : rows * columns].reshape(len(moves), rows, 2 * columns) * window
    return Layer(
        frozen(on_grid.reshape(len(moves), rows, columns, 2)),
        frozen(tear),
        frozen(moves[:, rows * columns :]),
    )


def _ramp(count: int) -> Floats:
    """(count,), from 0 at both ends up to 1."""
    inward = np.minimum(np.arange(count), np.arange(count)[::-1])
    return smoothstep((inward / _BORDER_CELLS).astype(np.float32))


__all__ = ["LIPS", "Layer", "Place", "prepare"]
