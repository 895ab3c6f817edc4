from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.engines.musetalk.blend import blend, resize_face
from livetalk.engines.musetalk.boxes import FACE_PX, Box, crop_box
from livetalk.engines.musetalk.paste import Face, paste, prepare
from livetalk.types import Picture, planes

GOLDENS = Path(__file__).parent / "goldens"
Bgr = npt.NDArray[np.uint8]


def i420(picture: Bgr) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)


def smooth(height: int, width: int, seed: int) -> Bgr:
    """A picture without fine detail, so that half-size colours can show it."""
    coarse = np.random.default_rng(seed).integers(30, 220, (5, 5, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def soft_mask(around: Box) -> Bgr:
    rows, columns = np.mgrid[: around.height, : around.width] / (around.height - 1) - 0.5
    return np.asarray(np.clip(600 * (0.45 - np.hypot(rows, columns)), 0, 255), np.uint8)


@pytest.mark.parametrize(
    "box",
    [
        Box(100, 60, 220, 200),
        Box(101, 61, 220, 199),
        Box(-30, 20, 70, 130),
        Box(250, 180, 340, 290),
        Box(40, -25, 120, 60),
    ],
    ids=["inside", "odd edges", "left", "right and bottom", "top"],
)
def test_a_face_is_laid_as_the_reference_does_it(box: Box) -> None:
    frame, face = smooth(240, 320, 1), smooth(FACE_PX, FACE_PX, 2)
    around = crop_box(box)
    mask = soft_mask(around)
    expected = i420(blend(frame, resize_face(face, box), box, mask, around))
    picture = i420(frame)
    paste(picture, Face(i420(face)), prepare(box, mask, around, (320, 240)))
    difference = np.abs(picture.astype(int) - expected)
    assert np.percentile(difference, 99.9) <= 6
    assert difference.max() <= 16, "colours at an odd edge lie half in, half out"
    assert difference.mean() < 0.3
    assert np.abs(expected.astype(int) - i420(frame)).max() > 20, "the face is seen"


def test_what_the_mask_does_not_reach_stays_to_the_bit() -> None:
    frame = smooth(240, 320, 1)
    box = Box(101, 61, 220, 199)
    around = crop_box(box)
    place = prepare(box, soft_mask(around), around, (320, 240))
    picture = i420(frame)
    paste(picture, Face(i420(smooth(FACE_PX, FACE_PX, 2))), place)
    for now, before, half in zip(
        (planes(picture)[0], *planes(picture)[1]),
        (planes(i420(frame))[0], *planes(i420(frame))[1]),
        (1, 2, 2),
        strict=True,
    ):
        changed = np.argwhere(now != before) * half
        assert (changed >= (place.inner.top, place.inner.left)).all()
        assert (changed < (place.inner.bottom, place.inner.right)).all()


def test_a_face_of_no_share_leaves_the_picture_as_it_is_and_half_a_share_is_between() -> None:
    frame, face = smooth(240, 320, 1), i420(smooth(FACE_PX, FACE_PX, 2))
    box = Box(100, 60, 220, 200)
    around = crop_box(box)
    place = prepare(box, soft_mask(around), around, (320, 240))
    pictures = []
    for share in (0.0, 0.5, 1.0):
        picture = i420(frame)
        paste(picture, Face(face, share), place)
        pictures.append(picture.astype(int))
    none, half, whole = pictures
    assert np.array_equal(none, i420(frame))
    assert np.abs(half - (none + whole) / 2).max() <= 2


def test_an_empty_mask_and_a_box_outside_the_picture_change_nothing() -> None:
    frame = smooth(240, 320, 1)
    for box, level in ((Box(100, 60, 220, 200), 0), (Box(400, 300, 500, 400), 255)):
        around = crop_box(box)
        mask = np.full((around.height, around.width), level, np.uint8)
        picture = i420(frame)
        paste(picture, Face(i420(smooth(FACE_PX, FACE_PX, 2))), prepare(box, mask, around, (320, 240)))
        assert np.array_equal(picture, i420(frame))
