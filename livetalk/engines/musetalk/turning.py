"""Which turned box of each picture is redrawn, for a whole loop: it is held to the head, finer than a pixel.

MuseTalk's box is measured in each picture with the head upright; where it lies on the head is fitted to a
second of pictures, and the head itself moves it. So what a picture's landmarks tell by themselves moves
nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livetalk.avatar.recipe import MuseTalkChoices, Steadiness
from livetalk.engines.musetalk.boxes import NOSE
from livetalk.engines.musetalk.framing import check_seen
from livetalk.engines.musetalk.turned import TurnedBox
from livetalk.steady.head import HeadCourse, by_landmarks
from livetalk.steady.scale_lock import SIZE_FRAMES, follow, lock_scale
from livetalk.types import Float32Array

Values = npt.NDArray[np.float64]

_EYES = ((33, 133), (362, 263))
"""the corners of each, of the mesh"""


def turned_boxes(
    landmarks: Float32Array,
    meshes: Float32Array,
    size: tuple[int, int],
    choices: MuseTalkChoices,
    steady: Steadiness,
) -> list[TurnedBox]:
    """A box for each picture of `size` (width, height) that shows (68, 2) landmarks, of a mesh (468, 3).

    Raises:
        AvatarError: hardly anything of a face lies in its picture.
    """
    head = upright_course(meshes)
    places, sizes = _on_head(head.to_head(landmarks).astype(np.float64), choices)
    if steady.lock_scale:
        sizes = lock_scale(sizes)
    if steady.smooth:
        places = follow(places, SIZE_FRAMES)
    margin = choices.extra_margin if choices.version == "v15" else 0
    lowered = places + np.array((0, margin / 2))
    middles = head.to_picture(lowered[:, None].astype(np.float32))[:, 0]
    boxes = [
        TurnedBox(float(x), float(y), float(width), float(height) + margin, float(tilt))
        for (x, y), (width, height), tilt in zip(middles, sizes, head.course[:, 2], strict=True)
    ]
    check_seen([box.about.clipped(*size) for box in boxes])
    return boxes


def upright_course(meshes: Float32Array) -> HeadCourse:
    """Where the head is in each picture, in pixels of the picture, its eyes level."""
    course = by_landmarks(meshes)
    left, right = (meshes[:, list(eye), :2].mean(axis=(0, 1)) for eye in _EYES)
    course[:, 2] += np.arctan2(*(right - left)[::-1])
    course[:, 3] = 0.0
    return HeadCourse(course)


def _on_head(points: Values, choices: MuseTalkChoices) -> tuple[Values, Values]:
    """The middles (n, 2) of MuseTalk's boxes, where the nose's landmark is, and their sizes."""
    shift = choices.bbox_shift if choices.version == "v10" else 0
    left, right = points[..., 0].min(axis=1), points[..., 0].max(axis=1)
    middle, bottom = points[:, NOSE, 1] + shift, points[..., 1].max(axis=1)
    places = np.column_stack(((left + right) / 2, middle))
    return places, np.column_stack((right - left, 2 * (bottom - middle)))


__all__ = ["turned_boxes", "upright_course"]
