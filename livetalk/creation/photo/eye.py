"""An open eye cut out of a photo: an upright patch of it, and where its lashes and its lower lid are.

The mesh tells roughly where the lids meet the eye, off by up to a tenth of its width on drawn faces; the
edges that a blink needs are looked for in the pixels beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array, Picture, planes

Floats = npt.NDArray[np.floating]

LEFT = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133))
RIGHT = ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263))
"""mesh points of the upper and the lower lid's edge, from the left to the right as seen"""
BROWS = ((46, 53, 52, 65, 55), (285, 295, 282, 283, 276))
"""mesh points under the brow, left to right, of the left and of the right eye"""
LEAST_PX = 10
"""width of an eye that can blink"""
OPEN = 0.2
"""height over width, at least"""
ALIKE = 0.5
"""width of the one eye over the other's, at least: else the face looks away"""
PATCH = 96
"""pixels that an eye's width has in its patch, at least"""
ASIDE, ABOVE, BELOW = 0.3, 0.75, 0.5
"""what the patch shows beyond the eye's corners and its axis, in eye widths"""


@dataclass(frozen=True, slots=True)
class Eye:
    """A patch of a photo with an eye lying level in it; all curves are rows of the patch, one a column."""

    patch: Float32Array
    """(rows, columns, 3): Y, U, V"""
    matrix: Float32Array
    """(2, 3): from the patch's pixels to the photo's"""
    width: float
    """of the eye, pixels of the patch"""
    upper: Float32Array
    """edge of the upper lid, from the mesh"""
    lower: Float32Array
    """of the lower one"""
    brow: Float32Array
    """lower edge of the brow"""

    @property
    def scale(self) -> float:
        """Pixels of the photo for one of the patch."""
        return float(np.hypot(*self.matrix[:, 0]))

    @property
    def share(self) -> Float32Array:
        """Of each column: 0 at the eye's left corner, 1 at its right one."""
        columns = np.arange(self.patch.shape[1], dtype=np.float32)
        share: Float32Array = columns / np.float32(self.width) - np.float32(ASIDE)
        return share

    def into(self, points: Float32Array) -> Float32Array:
        """Points (n, 2) of the photo in the patch."""
        return _solved(self.matrix, points)


def eyes_of(picture: Picture, mesh: Float32Array) -> tuple[Eye, ...]:
    """Both eyes where they are open and large enough, else none."""
    corners = [mesh[[eye[0][0], eye[0][-1]], :2] for eye in (LEFT, RIGHT)]
    widths = [float(np.hypot(*(right - left))) for left, right in corners]
    if min(widths) < max(LEAST_PX, ALIKE * max(widths)):
        return ()
    if any(_opening(mesh, *eye) < OPEN for eye in (LEFT, RIGHT)):
        return ()
    height, width = planes(picture)[0].shape
    reach = mesh[[*LEFT[0], *RIGHT[0], *BROWS[0], *BROWS[1]], :2]
    if (reach < 0).any() or (reach > np.array([width, height]) - 1).any():
        return ()
    return tuple(_cut(picture, mesh, *each) for each in ((*LEFT, BROWS[0]), (*RIGHT, BROWS[1])))


def _opening(mesh: Float32Array, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    """Mean height of the eye's middle over its width."""
    flat = mesh[:, :2]
    heights = np.linalg.norm(flat[list(lower[3:6])] - flat[list(upper[3:6])], axis=1)
    return float(heights.mean() / np.hypot(*(flat[upper[-1]] - flat[upper[0]])))


def _cut(
    picture: Picture,
    mesh: Float32Array,
    upper: tuple[int, ...],
    lower: tuple[int, ...],
    brow: tuple[int, ...],
) -> Eye:
    flat = mesh[:, :2].astype(np.float64)
    left, right = flat[upper[0]], flat[upper[-1]]
    long = float(np.hypot(*(right - left)))
    finer = max(1.0, PATCH / long)
    across = (right - left) / long / finer
    down = np.array([-across[1], across[0]])
    wide = long * finer
    start = left - ASIDE * wide * across - ABOVE * wide * down
    matrix = np.column_stack((across, down, start))
    size = (round((1 + 2 * ASIDE) * wide), round((ABOVE + BELOW) * wide))
    columns = np.arange(size[0])
    curves = []
    for points in (upper, lower, brow):
        placed = _solved(matrix, flat[list(points)])
        placed = placed[np.argsort(placed[:, 0])]
        curves.append(np.interp(columns, placed[:, 0], placed[:, 1]).astype(np.float32))
    return Eye(_patch(picture, matrix, size), matrix.astype(np.float32), wide, *curves)


def _solved(matrix: Floats, points: Floats) -> Float32Array:
    placed: Float32Array = np.linalg.solve(matrix[:, :2], (points - matrix[:, 2]).T).T.astype(np.float32)
    return placed


def _patch(picture: Picture, matrix: Floats, size: tuple[int, int]) -> Float32Array:
    """(rows, columns, 3) of what the matrix shows, the photo's edge carried on beyond it."""
    luma, chroma = planes(picture)
    halved = np.column_stack((matrix[:, :2], matrix[:, 2] - 0.5)) / 2
    cut = [
        cv2.warpAffine(
            plane.astype(np.float32),
            each,
            size,
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for plane, each in ((luma, matrix), (chroma[0], halved), (chroma[1], halved))
    ]
    return np.stack(cut, axis=-1)


__all__ = ["LEFT", "RIGHT", "Eye", "eyes_of"]
