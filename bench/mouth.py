"""How open the mouth is, in pictures of an unknown face: what moves in speech and not at rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.decode import BLOCK_PX, Array

_SMOOTH_S = 1.0
"""slower movement than this is the body's, and is taken out"""
_SHARE = 0.35
"""squares that move at least this much of what the liveliest does belong to the mouth"""
_REACH = 0.2
"""of the picture's width: squares further from the liveliest one are left out"""


@dataclass(frozen=True, slots=True)
class Mouth:
    """What was found."""

    openness: Array
    """(pictures,), in no unit, rising as the mouth opens"""
    box_px: tuple[int, int, int, int]
    """left, top, right, bottom"""


def find_mouth(
    blocks: Array, times_s: npt.NDArray[np.float64], speaking: npt.NDArray[np.bool_]
) -> Mouth | None:
    """Find the mouth in (n, rows, columns) brightness and follow it.

    `speaking` says in which of the n pictures there is sound. Squares are chosen by how much more
    they move in speech than at rest, faster than the body does; the mouth's opening is the strongest
    common movement (first principal component) of the chosen, its sign such that it is higher in
    speech. None when nothing moves more in speech than at rest.
    """
    if speaking.sum() < 2 or (~speaking).sum() < 2:
        return None
    fast = remove_slow(blocks.reshape(len(blocks), -1), times_s)
    livelier = fast[speaking].std(axis=0) - fast[~speaking].std(axis=0)
    chosen = _near_liveliest(livelier.reshape(blocks.shape[1:]))
    if not chosen.any():
        return None
    moving = fast[:, chosen.ravel()]
    _, _, components = np.linalg.svd(moving[speaking], full_matrices=False)
    raw = blocks.reshape(len(blocks), -1)[:, chosen.ravel()]
    opening = raw[speaking].mean(axis=0) - raw[~speaking].mean(axis=0)
    sign = 1.0 if components[0] @ opening >= 0 else -1.0
    return Mouth(np.asarray(moving @ components[0] * sign, np.float32), _box(chosen))


def _near_liveliest(livelier: Array) -> npt.NDArray[np.bool_]:
    top = float(livelier.max())
    if top <= 0:
        return np.zeros(livelier.shape, np.bool_)
    row, column = np.unravel_index(int(livelier.argmax()), livelier.shape)
    rows, columns = np.indices(livelier.shape)
    near = np.hypot(rows - row, columns - column) <= _REACH * livelier.shape[1]
    return np.asarray((livelier >= _SHARE * top) & near)


def _box(chosen: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(chosen)
    left, top = int(columns.min()), int(rows.min())
    right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
    return left * BLOCK_PX, top * BLOCK_PX, right * BLOCK_PX, bottom * BLOCK_PX


def remove_slow(values: Array, times_s: npt.NDArray[np.float64]) -> Array:
    """(n, k) values less their mean over the second around each; symmetric, so nothing moves in time."""
    first = np.searchsorted(times_s, times_s - _SMOOTH_S / 2, side="left")
    last = np.searchsorted(times_s, times_s + _SMOOTH_S / 2, side="right")
    sums = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    means = (sums[last] - sums[first]) / (last - first)[:, None]
    return np.asarray(values - means, np.float32)
