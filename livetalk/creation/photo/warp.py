"""A picture bent by a field of displacements, and where its points go: both from the same numbers.

The field is kept on a coarse grid, each value the middle of its cell, and goes straight from one value to
the next. It says for a place of the new picture where in the old one that is shown there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from livetalk.types import Float32Array, Picture, planes

STEPS = 12
"""of the search for where a point goes; each is nearer by as much as the field is flat"""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells that cover a picture."""

    width: int
    height: int
    """of the picture, pixels"""
    cell: int
    """pixels"""

    @property
    def points(self) -> Float32Array:
        """(rows, columns, 2): x, y of the cells' middles, pixels."""
        rows, columns = -(-self.height // self.cell), -(-self.width // self.cell)
        middle = (self.cell - 1) / 2
        x, y = np.arange(columns) * self.cell + middle, np.arange(rows) * self.cell + middle
        return np.stack(np.meshgrid(x, y), -1).astype(np.float32)

    def spread(self, field: Float32Array) -> Float32Array:
        """(height, width, 2): a field (rows, columns, 2) at every pixel."""
        rows, columns = field.shape[:2]
        size = (columns * self.cell, rows * self.cell)
        spread = cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(spread[: self.height, : self.width], np.float32)

    def at(self, field: Float32Array, points: Float32Array) -> Float32Array:
        """The same at points (n, 2), as exactly as numbers go."""
        rows, columns = field.shape[:2]
        cells = (points - (self.cell - 1) / 2) / self.cell
        cells = np.clip(cells, 0, np.array([columns, rows]) - 1)
        first = np.minimum(cells.astype(int), np.array([columns, rows]) - 2)
        x, y = first.T
        right, down = (cells - first).T[..., None]
        upper = field[y, x] * (1 - right) + field[y, x + 1] * right
        lower = field[y + 1, x] * (1 - right) + field[y + 1, x + 1] * right
        value: Float32Array = (upper * (1 - down) + lower * down).astype(np.float32)
        return value

    def moved(self, field: Float32Array, points: Float32Array) -> Float32Array:
        """Where points (n, 2) of the old picture are in the bent one."""
        where = points
        for _ in range(STEPS):
            where = points - self.at(field, where)
        return where


def bend(picture: Picture, field: Float32Array, grid: Grid) -> Picture:
    """The I420 picture bent; what the field leaves alone stays as it is to the bit."""
    bent = picture.copy()
    rows, columns = _touched(field, grid)
    if rows.stop <= rows.start:
        return bent
    source: Float32Array = np.ascontiguousarray(grid.spread(field)[rows, columns])
    source[..., 0] += np.arange(columns.start, columns.stop, dtype=np.float32)
    source[..., 1] += np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
    luma, chroma = planes(picture)
    new_luma, new_chroma = planes(bent)
    new_luma[rows, columns] = _sampled(luma, source)
    halved = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = np.asarray((halved - 0.5) / 2, np.float32)
    half = (slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2))
    for old, new in zip(chroma, new_chroma, strict=True):
        new[half] = _sampled(old, coarse)
    return bent


def _sampled(plane: Picture, source: Float32Array) -> Picture:
    """A plane at places, with a kernel that takes next to nothing from what is sharp."""
    return np.asarray(
        cv2.remap(
            plane, source, np.empty(0, np.float32), cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT_101
        ),
        np.uint8,
    )


def _touched(field: Float32Array, grid: Grid) -> tuple[slice, slice]:
    """Rows and columns of pixels, from even to even, that the field moves."""
    rows, columns = np.nonzero(field.any(axis=-1))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    limits = ((rows, grid.height), (columns, grid.width))
    top, left = (max(int(found.min()) - 1, 0) * grid.cell // 2 * 2 for found, _ in limits)
    down, right = (min((int(found.max()) + 2) * grid.cell, edge) // 2 * 2 for found, edge in limits)
    return slice(top, down), slice(left, right)


__all__ = ["Grid", "bend"]
