"""Which box of each picture is redrawn, for a whole loop: MuseTalk's own, or one that does not tremble."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from livetalk.avatar.recipe import MuseTalkChoices, Steadiness
from livetalk.engines.musetalk.boxes import NOSE, Box, face_box, with_margin
from livetalk.errors import AvatarError
from livetalk.steady.scale_lock import follow, lock_scale, to_pixels
from livetalk.types import FPS, Float32Array

LEAST_PX = 32
"""edge of a face below which there is nothing to redraw"""


def face_boxes(
    landmarks: Float32Array,
    size: tuple[int, int],
    choices: MuseTalkChoices,
    steady: Steadiness,
) -> list[Box]:
    """A box for each picture of `size` (width, height) that shows (68, 2) landmarks; none leaves the picture.

    Without `steady.lock_scale` they are exactly MuseTalk's. What of a box lies outside the picture is cut
    off: MuseTalk would stretch what is left.

    Raises:
        AvatarError: hardly anything of a face lies in its picture.
    """
    shift = choices.bbox_shift if choices.version == "v10" else 0
    found = _steady(landmarks, shift, steady.smooth) if steady.lock_scale else _exact(landmarks, shift)
    if choices.version == "v15":
        found = [with_margin(box, size[1], choices.extra_margin) for box in found]
    boxes = [box.clipped(*size) for box in found]
    check_seen(boxes)
    return boxes


def _exact(landmarks: Float32Array, shift: int) -> list[Box]:
    """Each by itself; where the face's landmarks make no box, what is seen of them."""
    seen = np.concatenate((landmarks.min(axis=1).clip(0), landmarks.max(axis=1)), 1)
    return [face_box(each, extent, shift) for each, extent in zip(landmarks, seen, strict=True)]


def _steady(landmarks: Float32Array, shift: int, smooth: bool) -> list[Box]:
    """As high above the nose's landmark as the median chin is below it, so that a moving jaw moves no box."""
    points = landmarks.astype(np.float64)
    left, right = points[..., 0].min(axis=1), points[..., 0].max(axis=1)
    middle, bottom = points[:, NOSE, 1] + shift, points[..., 1].max(axis=1)
    sizes = lock_scale(np.column_stack((right - left, 2 * (bottom - middle))))
    places = np.column_stack(((left + right) / 2, middle))
    return _rounded(follow(places) if smooth else places, sizes)


def _rounded(places: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]) -> list[Box]:
    edges = to_pixels(sizes)
    corners = to_pixels(places - edges / 2)
    return [
        Box(left, max(0, top), left + width, top + height)
        for (left, top), (width, height) in zip(corners.tolist(), edges.tolist(), strict=True)
    ]


def check_seen(boxes: Sequence[Box]) -> None:
    """Refuse what is seen too little of.

    Raises:
        AvatarError: hardly anything of a face lies in its picture; says where in the loop.
    """
    for number, box in enumerate(boxes):
        if min(box.width, box.height) < LEAST_PX:
            raise AvatarError(
                f"the face is too small for MuseTalk, or too far outside the picture, {number / FPS:.1f} s "
                f"into the loop ({max(0, box.width)}x{max(0, box.height)} pixels of it are seen, at least "
                f"{LEAST_PX}x{LEAST_PX} are needed): choose another part of the clip, or a larger picture"
            )


__all__ = ["LEAST_PX", "check_seen", "face_boxes"]
