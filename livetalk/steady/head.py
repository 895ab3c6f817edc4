"""How a head moves from picture to picture: place, tilt and size, finer than a pixel.

Landmarks know where a head is, and tremble; optical flow knows how it moved since the last picture, hardly
trembles, and drifts. The course x of each value (x, y, tilt, log of the size) is the one that least disagrees
with both: the minimum of sum((x[t] - landmarks[t])^2) + stiffness * sum((x[t+1] - x[t] - flow[t])^2), a
tridiagonal system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.types import Float32Array

STILL = (168, 6, 197, 195, 5, 33, 133, 362, 263, 130, 359, 8, 9, 151, 10, 67, 297, 109, 338, 103, 332)
"""mesh points that bone holds: the bridge of the nose, the corners of the eyes, the brow"""
TRACKED = 60
"""features in the patch about them"""
LEAST_TRACKED = 8
WINDOW = (21, 21)
"""pixels about a feature that are compared"""
FLOW_STIFFNESS, FREE_STIFFNESS = 60.0, 2.0
"""how much more a step of the flow counts than a landmark; where there is none, a step of standing still"""

Course = npt.NDArray[np.float64]
"""(frames, 4): x, y, tilt in radians clockwise, log of the size"""


@dataclass(frozen=True, slots=True)
class HeadCourse:
    """Where a head is in each frame, as a map from its own frame to the picture."""

    course: Course

    def to_head(self, points: Float32Array) -> Float32Array:
        """(frames, n, 2 or 3) of the pictures, in the head's own frame: sizes of the head, upright."""
        return self._turned(points, back=True)

    def to_picture(self, points: Float32Array) -> Float32Array:
        """The other way."""
        return self._turned(points, back=False)

    def _turned(self, points: Float32Array, back: bool) -> Float32Array:
        x, y, tilt, size = (column[:, None] for column in self.course.T)
        scale = np.exp(size)
        turned = points.astype(np.float64)
        u, v = turned[..., 0].copy(), turned[..., 1].copy()
        if back:
            u, v = (u - x) / scale, (v - y) / scale
            turned[..., 0] = u * np.cos(tilt) + v * np.sin(tilt)
            turned[..., 1] = v * np.cos(tilt) - u * np.sin(tilt)
            turned[..., 2:] /= scale[..., None]
        else:
            turned[..., 0] = (u * np.cos(tilt) - v * np.sin(tilt)) * scale + x
            turned[..., 1] = (u * np.sin(tilt) + v * np.cos(tilt)) * scale + y
            turned[..., 2:] *= scale[..., None]
        return turned.astype(np.float32)


def by_landmarks(meshes: Float32Array) -> Course:
    """The course as the meshes (frames, 468, 3) tell it: their mean laid onto each, by least squares."""
    still = meshes[:, list(STILL), :2].astype(np.float64)
    middles = still.mean(axis=1)
    shape = (still - middles[:, None]).mean(axis=0)
    shape /= np.sqrt((shape**2).sum() / len(shape))
    around = still - middles[:, None]
    # a similarity is a complex factor: Umeyama's solution in two dimensions
    factor = (around @ (1, 1j) * np.conj(shape @ (1, 1j))).sum(axis=1) / (np.abs(shape @ (1, 1j)) ** 2).sum()
    return np.column_stack((middles, np.angle(factor), np.log(np.abs(factor))))


class Flow:
    """Follows a head by sparse optical flow (Lucas and Kanade, in pyramids), picture by picture."""

    def __init__(self) -> None:
        self._last: npt.NDArray[np.uint8] | None = None
        self._features: Float32Array | None = None
        self._middle = np.zeros(2, np.float32)
        self.steps: list[npt.NDArray[np.float64] | None] = []
        """of each picture after the first: how (dx, dy, tilt, log size) changed; None where it cannot tell"""

    def see(self, luma: npt.NDArray[np.uint8], mesh: Float32Array | None) -> None:
        """Take the next picture's luma, and the mesh in it where there is one."""
        if self._last is not None:
            self.steps.append(self._step(luma))
        self._last = luma.copy()
        self._features = None if mesh is None else _features(luma, mesh)
        if mesh is not None:
            self._middle = mesh[list(STILL), :2].mean(axis=0)

    def _step(self, luma: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64] | None:
        if self._features is None or len(self._features) < LEAST_TRACKED:
            return None
        assert self._last is not None
        there, found = _followed(self._last, luma, self._features)
        back, again = _followed(luma, self._last, there)
        close = np.linalg.norm(back - self._features, axis=-1).ravel() < 0.5
        good = close & found & again
        if good.sum() < LEAST_TRACKED:
            return None
        before, after = self._features[good].reshape(-1, 2), there[good].reshape(-1, 2)
        matrix, _ = cv2.estimateAffinePartial2D(
            before - self._middle, after - self._middle, ransacReprojThreshold=1.0
        )
        if matrix is None:
            return None
        factor = complex(matrix[0, 0], matrix[1, 0])
        return np.array([*matrix[:, 2], np.angle(factor), np.log(abs(factor))])


def follow(meshes: Float32Array, steps: Sequence[npt.NDArray[np.float64] | None]) -> HeadCourse:
    """The head's course, of landmarks and, where there are any, steps of the flow."""
    told = by_landmarks(meshes)
    count = len(told)
    stiffness = np.full(count - 1, FREE_STIFFNESS)
    moved = np.zeros((count - 1, 4))
    for place, step in enumerate(steps[: count - 1]):
        if step is not None:
            stiffness[place], moved[place] = FLOW_STIFFNESS, step
    return HeadCourse(_settled(told, moved, stiffness))


def _settled(told: Course, moved: Course, stiffness: npt.NDArray[np.float64]) -> Course:
    """The course that least disagrees; Thomas' way through the tridiagonal system."""
    count = len(told)
    diagonal = np.ones(count)
    diagonal[:-1] += stiffness
    diagonal[1:] += stiffness
    right = told.copy()
    right[:-1] -= stiffness[:, None] * moved
    right[1:] += stiffness[:, None] * moved
    for row in range(1, count):
        share = stiffness[row - 1] / diagonal[row - 1]
        diagonal[row] -= share * stiffness[row - 1]
        right[row] += share * right[row - 1]
    course = np.empty_like(right)
    course[-1] = right[-1] / diagonal[-1]
    for row in range(count - 2, -1, -1):
        course[row] = (right[row] + stiffness[row] * course[row + 1]) / diagonal[row]
    return course


def _followed(
    one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], places: Float32Array
) -> tuple[Float32Array, npt.NDArray[np.bool_]]:
    """Where (n, 1, 2) places of one picture are in the other, and which were found."""
    there, found, _ = cv2.calcOpticalFlowPyrLK(one, other, places, np.empty_like(places), winSize=WINDOW)
    return np.asarray(there, np.float32), np.asarray(found).ravel() == 1


def _features(luma: npt.NDArray[np.uint8], mesh: Float32Array) -> Float32Array | None:
    mask = np.zeros_like(luma)
    hull = cv2.convexHull(mesh[list(STILL), :2].astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 255)
    size = float(np.ptp(mesh[:, 1]))
    found = cv2.goodFeaturesToTrack(luma, TRACKED, 0.01, max(2.0, size / 40), mask=mask)
    return None if found is None else np.asarray(found, np.float32)


__all__ = ["Course", "Flow", "HeadCourse", "by_landmarks", "follow"]
