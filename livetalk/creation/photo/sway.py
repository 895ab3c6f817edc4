"""Where head and body are moved to: one field of displacements for each movement, over the whole picture.

A frame's displacement is a weighted sum of the fields. All of it fades softly away from the person, and
to nothing at the picture's borders.
"""

from __future__ import annotations

import cv2
import numpy as np

from livetalk.creation.photo import motion
from livetalk.creation.photo.pose import OVAL, Pose
from livetalk.types import Float32Array

HEAD = (0.0, -0.15, 0.78, 0.95)
"""middle and half axes of the ellipse that moves as one with the face, hair included"""
HEAD_FADE = 1.15
"""of it, in its own half axes"""
NECK = 1.0
"""y of the point that the head leans about"""
BORDER = 0.2
"""of the picture's shorter side, at most, on which the movement dies down towards a border"""
BORDER_FACE = 0.9
"""the same in face widths"""
DEPTH_BLUR = 0.085
"""of how near the points of the face are, in face widths"""
STRAIN = 0.085
"""how much anything is stretched, at most"""


def _fade(value: Float32Array, start: float, end: float) -> Float32Array:
    """1 up to `start`, 0 from `end` on; bends nowhere sharply."""
    share = np.clip((value - start) / (end - start), 0, 1)
    faded: Float32Array = 1 - share**3 * (share * (share * 6 - 15) + 10)
    return faded


def _either(first: Float32Array, second: Float32Array) -> Float32Array:
    joined: Float32Array = 1 - (1 - first) * (1 - second)
    return joined


def fields(points: Float32Array, pose: Pose, mesh: Float32Array, size: tuple[int, int]) -> Float32Array:
    """How far what is at each point goes for each movement: (6, rows, columns, 2), pixels for each unit.

    Args:
        points: (rows, columns, 2), an even grid over the picture, pixels.
        pose: the face's.
        mesh: (468, 3).
        size: width and height of the picture.
    """
    place = pose.place(points)
    x, y = place[..., 0], place[..., 1]
    left, top, half_width, half_height = HEAD
    radius = np.hypot((x - left) / half_width, (y - top) / half_height)
    head = _fade(radius, 1, 1 + HEAD_FADE)
    below = 1 - _fade(y, 0.1, 0.9)
    body = below * _fade(y, 0.5, 3.4) * _fade(np.abs(x), 0.7, 2.4)
    moves = np.zeros((6, *place.shape), np.float32)
    moves[motion.ACROSS, ..., 0] = _either(head, 0.75 * body)
    moves[motion.ALONG, ..., 1] = _either(head, 0.5 * body)
    lean = head * _fade(y, 0.45, 1.15)
    moves[motion.ROLL, ..., 0] = lean * (NECK - y)
    moves[motion.ROLL, ..., 1] = lean * x
    depth = head * _depth(points, pose, mesh)
    moves[motion.TURN, ..., 0] = depth
    moves[motion.NOD, ..., 1] = depth
    chest = below * _fade(y, 0.9, 3.0) * _fade(np.abs(x), 1.0, 2.6)
    moves[motion.BREATH, ..., 0] = 0.35 * x * chest
    moves[motion.BREATH, ..., 1] = -_either(0.5 * head, chest)
    still = _border(points, pose, size)
    return (pose.vectors(moves) * still[..., None]).astype(np.float32)


def _depth(points: Float32Array, pose: Pose, mesh: Float32Array) -> Float32Array:
    """How much nearer than the face's outline, in face widths: the mesh's z, spread softly over the grid."""
    step = float(points[0, 1, 0] - points[0, 0, 0])
    near = (mesh[list(OVAL), 2].mean() - mesh[:, 2]) / np.float32(pose.size_px)
    cells = (mesh[:, :2] - points[0, 0]) / step
    rows, columns = points.shape[:2]
    blur = max(DEPTH_BLUR * pose.size_px / step, 0.8)
    total = np.zeros((rows, columns), np.float32)
    count = np.zeros_like(total)
    column, row = np.rint(cells).astype(int).T
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    np.add.at(total, (row[inside], column[inside]), near[inside])
    np.add.at(count, (row[inside], column[inside]), 1)
    total, count = (np.asarray(cv2.GaussianBlur(each, (0, 0), blur), np.float32) for each in (total, count))
    # where no point of the mesh is near the outline's depth, 0, comes in
    few = 468 / max((pose.size_px / step) ** 2, 1) * 0.12
    return np.maximum(total / (count + np.float32(few)), 0)


def _border(points: Float32Array, pose: Pose, size: tuple[int, int]) -> Float32Array:
    """0 at the borders of the picture, 1 well inside."""
    step = float(points[0, 1, 0] - points[0, 0, 0])
    away = np.minimum(points, np.array(size, np.float32) - 1 - points)
    width = max(min(BORDER_FACE * pose.size_px, BORDER * min(size)), 2 * step)
    still = 1 - _fade(away, step, step + width)
    quiet: Float32Array = still[..., 0] * still[..., 1]
    return quiet


def gentle(field: Float32Array, weights: Float32Array, step: int) -> Float32Array:
    """`weights` (frames, 6), all made smaller where the fields of a grid would stretch anything too much."""
    along = (np.diff(field, axis=2)[:, :-1], np.diff(field, axis=1)[:, :, :-1])
    slopes = np.stack(along, axis=-1).reshape(len(field), -1, 4) / np.float32(step)
    most = max(float(np.square(np.tensordot(each, slopes, 1)).sum(-1).max()) for each in weights[::4])
    return weights * np.float32(min(1, STRAIN / max(np.sqrt(most), 1e-9)))


__all__ = ["fields", "gentle"]
