"""The face found in every picture of a body; short gaps are bridged, long ones refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.errors import AvatarError
from livetalk.face.tracker import Tracker
from livetalk.steady.head import Flow
from livetalk.types import FPS, MESH_POINTS, Float32Array

LONGEST_GAP = 10
"""pictures without a face that are bridged: a hand that passes, a quick turn"""

Steps = Sequence[npt.NDArray[np.float64] | None]


class Found:
    """What was found in a body's pictures."""

    def __init__(self, meshes: Float32Array, bridged: Sequence[int], steps: Steps, faces: int) -> None:
        self.meshes = meshes
        """(frames, 468, 3)"""
        self.bridged = bridged
        """frames whose mesh was guessed from those around them"""
        self.steps = steps
        """the head's movements by optical flow, one fewer than frames"""
        self.faces = faces
        """seen at once"""


def find_face(
    pictures: npt.NDArray[np.uint8], models: Path, face: int, tell: Callable[[float], None]
) -> Found:
    """Follow one face through I420 pictures (frames, rows, width).

    Args:
        pictures: the body.
        models: folder of the networks.
        face: 1 is the largest.
        tell: told how much is done.

    Raises:
        AvatarError: there is no such face, or none for too long; says at which second.
        ModelError: a network is missing or damaged.
    """
    tracker, flow = Tracker(models, face), Flow()
    height = pictures.shape[1] * 2 // 3
    meshes = np.full((len(pictures), MESH_POINTS, 3), np.nan, np.float32)
    for frame, picture in enumerate(pictures):
        mesh = tracker.follow(np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2RGB_I420), np.uint8))
        if mesh is not None:
            meshes[frame] = mesh.points
        flow.see(picture[:height], None if mesh is None else mesh.points)
        tell((frame + 1) / len(pictures))
    missing = np.isnan(meshes[:, 0, 0])
    if missing.all():
        raise AvatarError(_none(tracker.most, face))
    _check_gaps(missing)
    return Found(_bridged(meshes, missing), np.flatnonzero(missing).tolist(), flow.steps, tracker.most)


def _none(seen: int, face: int) -> str:
    if 0 < seen < face:
        return f"only {seen} face{'s were' if seen > 1 else ' was'} seen at once, there is no face {face}"
    return "no face was found; it should be seen from the front, larger, and in good light"


def _check_gaps(missing: npt.NDArray[np.bool_]) -> None:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False])).astype(int)))
    for begin, end in edges.reshape(-1, 2):
        if end - begin > LONGEST_GAP:
            raise AvatarError(
                f"no face is seen from second {begin / FPS:.1f} to {end / FPS:.1f} of the part; choose a "
                "part (start, seconds) without that"
            )


def _bridged(meshes: Float32Array, missing: npt.NDArray[np.bool_]) -> Float32Array:
    """Missing ones between their neighbours, in even steps; at an end, the nearest."""
    if not missing.any():
        return meshes
    seen = np.flatnonzero(~missing)
    flat = meshes.reshape(len(meshes), -1)
    where = np.interp(np.arange(len(meshes)), seen, np.arange(len(seen)))
    below = np.floor(where).astype(int)
    above = np.minimum(below + 1, len(seen) - 1)
    share = (where - below)[:, None]
    filled = flat[seen[below]] * (1 - share) + flat[seen[above]] * share
    bridged: Float32Array = filled.reshape(meshes.shape).astype(np.float32)
    return bridged


__all__ = ["Found", "find_face"]
