"""Which part of the default avatar each pixel shows, known exactly, since it was drawn."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.engines.musetalk.classes import LIPS, NECK, NOSE, SKIN
from scripts.default_avatar import hair, setting
from scripts.default_avatar.canvas import SIZE, Plane, coverage, grid, polygon
from scripts.default_avatar.lips import lips_of
from scripts.default_avatar.motion import Matrix, pose
from scripts.default_avatar.mouth import face
from scripts.default_avatar.scene import WHOLE
from scripts.default_avatar.skin import bridge, wings

_NOSE_PX = 4.0
"""how high the nose's slope is where the nose begins"""
_MOUTH, _UPPER_LIP, _LOWER_LIP = LIPS


def parts(frame: int) -> Plane:
    """(512, 512) classes of a face parser (`livetalk.engines.musetalk.classes`) of a frame of the loop.

    Eyes and brows count as skin; hair, clothes and the room as nothing.
    """
    lips, now, place = lips_of(np.zeros(6)), pose(frame), grid(WHOLE)
    upper = np.vstack((lips.upper_outer, lips.upper_inner[::-1]))
    lower = np.vstack((lips.lower_inner, lips.lower_outer[::-1]))
    layers = (
        (setting.neck()[..., 3], now.neck, NECK),
        (setting.clothes()[..., 3], now.body, 0),
        (face(lips, WHOLE)[..., 3], now.head, SKIN),
        (bridge(*place) + wings(*place) > _NOSE_PX, now.head, NOSE),
        (coverage(polygon(upper), WHOLE), now.head, _UPPER_LIP),
        (coverage(polygon(lower), WHOLE), now.head, _LOWER_LIP),
        (coverage(polygon(lips.inner()), WHOLE), now.head, _MOUTH),
        (hair.front()[..., 3], now.front_hair, 0),
    )
    labels = np.zeros((SIZE, SIZE), np.uint8)
    for layer, matrix, label in layers:
        labels[_covered(layer, matrix)] = label
    return labels


def _covered(layer: npt.NDArray[np.generic], matrix: Matrix) -> npt.NDArray[np.bool_]:
    """(512, 512): where a layer of the fine sheet is opaque by half, once `matrix` has moved it."""
    share = layer.astype(np.float32) / np.float32(max(layer.max(), 1))
    small = cv2.resize(share, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.warpAffine(small, matrix, (SIZE, SIZE)) > 0.5)


__all__ = ["parts"]
