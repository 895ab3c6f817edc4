"""What a face parser would see, drawn from the mesh: skin, eyes, nose, lips, mouth and neck.

The mesh's outline is the face without ears and hair, up to the forehead's middle; it knows of no hand or
microphone before the face, and of no beard. The classes are the face parser's (`masks.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.classes import LABELS_PX, LIPS, NECK, NOSE, SKIN
from livetalk.types import Float32Array

Labels = npt.NDArray[np.uint8]

LEFT_EYE_LABEL, RIGHT_EYE_LABEL = 4, 5
MOUTH, UPPER_LIP, LOWER_LIP = LIPS
OUTLINE = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""of the face, from the forehead's middle to the side that is seen on the right, and around"""
_JAW = OUTLINE[12:25]
"""from below one ear to below the other"""
_LEFT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_RIGHT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
_NOSE_POINTS = (168, 193, 417, 122, 351, 129, 358, 102, 331, 64, 294, 98, 327, 97, 326, 2)
"""its convex hull: from between the eyes, where it is narrow, to its wings"""
_UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
_LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
_UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_PARTS: tuple[tuple[int, Sequence[int]], ...] = (
    (SKIN, OUTLINE),
    (LEFT_EYE_LABEL, _LEFT_EYE),
    (RIGHT_EYE_LABEL, _RIGHT_EYE),
    (UPPER_LIP, (*_UPPER_OUTER, *reversed(_UPPER_INNER))),
    (LOWER_LIP, (*_LOWER_OUTER, *reversed(_LOWER_INNER))),
    (MOUTH, (*_UPPER_INNER, *reversed(_LOWER_INNER))),
)
"""one over the other"""
_NECK_INWARDS = 0.1
"""of the jaw's width, on each side"""
_FRACTION_BITS = 4


def draw_labels(mesh: Float32Array, around: Box) -> Labels:
    """(512, 512) classes of the crop box `around`, of a face whose mesh is (468, 3)."""
    scale = np.array([LABELS_PX / around.width, LABELS_PX / around.height])
    points = (mesh[:, :2] - (around.left, around.top) + 0.5) * scale - 0.5
    labels = np.zeros((LABELS_PX, LABELS_PX), np.uint8)
    _fill(labels, _neck(points[[*_JAW]]), NECK)
    for label, part in _PARTS:
        _fill(labels, points[[*part]], label)
    nose = cv2.convexHull(points[[*_NOSE_POINTS]].astype(np.float32))
    _fill(labels, np.asarray(nose, np.float64).reshape(-1, 2), NOSE)
    return labels


def _neck(jaw: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """From the jaw straight down, a little narrower than it."""
    right, left = jaw[0, 0], jaw[-1, 0]
    inwards = _NECK_INWARDS * (right - left)
    return np.concatenate((jaw, [(left + inwards, LABELS_PX), (right - inwards, LABELS_PX)]))


def _fill(labels: Labels, outline: npt.NDArray[np.float64], label: int) -> None:
    exact = np.rint(outline * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.fillPoly(labels, [exact], (label,), shift=_FRACTION_BITS)


__all__ = ["OUTLINE", "draw_labels"]
