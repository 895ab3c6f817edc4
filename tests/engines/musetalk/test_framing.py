"""Boxes of a loop: MuseTalk's own, and those that do not tremble."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livetalk.avatar.recipe import MuseTalkChoices, Steadiness
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.framing import LEAST_PX, face_boxes
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.errors import AvatarError
from livetalk.types import Float32Array
from tests.engines.musetalk import mira

GOLDENS = Path(__file__).parent / "goldens"
EXACT = Steadiness(lock_scale=False, smooth=False)
SIZE = (512, 512)


def moving(frames: int = 40, tremble_px: float = 0.0) -> Float32Array:
    """Mira's landmarks, swaying by a few pixels."""
    time = np.arange(frames)[:, None, None]
    sway = 6 * np.sin(time / 6 + np.array([0, 1]))
    noise = np.random.default_rng(1).normal(0, tremble_px, (frames, 68, 2))
    return np.asarray(landmarks(mira.mesh()) + sway + noise, np.float32)


def by_the_formula(points: Float32Array, shift: int, margin: int) -> Box:
    whole = np.trunc(points).astype(int)
    middle, bottom = whole[29, 1] + shift, whole[:, 1].max()
    return Box(
        int(whole[:, 0].min()),
        int(max(0, middle - (bottom - middle))),
        int(whole[:, 0].max()),
        int(min(bottom + margin, SIZE[1])),
    )


@pytest.mark.parametrize("shift", [0, 5, -7])
def test_with_nothing_steadied_the_boxes_are_those_of_the_reference(shift: int) -> None:
    with np.load(GOLDENS / "landmark_bbox.npz") as golden:
        points, expected = golden["keypoints68"], golden[f"bbox_shift_{shift}"]
        detections = np.nan_to_num(golden["detections"]).astype(int)
    theirs = (expected != detections).any(axis=1) & expected.any(axis=1)
    theirs &= expected[:, 3] - expected[:, 1] >= LEAST_PX
    assert theirs.sum() > 15
    choices = MuseTalkChoices(version="v10", bbox_shift=shift)
    found = face_boxes(points[theirs].astype(np.float32), (10_000, 10_000), choices, EXACT)
    assert np.array_equal(found, expected[theirs])


def test_version_15_has_a_margin_and_no_shift_and_version_10_the_reverse() -> None:
    points = moving(5)
    for choices, shift, margin in (
        (MuseTalkChoices(bbox_shift=9, extra_margin=17), 0, 17),
        (MuseTalkChoices(version="v10", bbox_shift=9, extra_margin=17), 9, 0),
    ):
        found = face_boxes(points, SIZE, choices, EXACT)
        assert found == [by_the_formula(each, shift, margin) for each in points]


def test_what_lies_outside_the_picture_is_cut_off() -> None:
    points = moving(1)
    size = (int(points[0, :, 0].max()) - 20, int(points[0, :, 1].max()) - 10)
    (box,) = face_boxes(points, size, MuseTalkChoices(), EXACT)
    assert (box.right, box.bottom) == size
    (left,) = face_boxes(points - (points[0, :, 0].min() + 5, 0), SIZE, MuseTalkChoices(), EXACT)
    assert left.left == 0


@pytest.mark.parametrize("steady", [EXACT, Steadiness()])
def test_a_face_that_is_hardly_seen_is_refused_with_its_second(steady: Steadiness) -> None:
    points = moving(60)
    points[50:] += (0, 400)
    with pytest.raises(AvatarError, match=r"too far outside the picture, 2\.0 s into the loop"):
        face_boxes(points, SIZE, MuseTalkChoices(), steady)
    with pytest.raises(AvatarError, match="too small for MuseTalk"):
        face_boxes(points[:1] / np.float32(8), SIZE, MuseTalkChoices(), steady)


def test_a_locked_face_is_of_one_size_and_hangs_on_the_nose() -> None:
    points = moving(40, tremble_px=1.0)
    boxes = face_boxes(points, SIZE, MuseTalkChoices(extra_margin=0), Steadiness())
    assert len({(box.width, box.height) for box in boxes}) == 1
    true = moving(40)
    for box, each in zip(boxes, true, strict=True):
        assert abs((box.top + box.bottom) / 2 - each[29, 1]) < 1.5
        assert abs((box.left + box.right) / 2 - (each[:, 0].min() + each[:, 0].max()) / 2) < 1.5


def test_a_jaw_that_moves_moves_no_locked_box() -> None:
    points = np.repeat(moving(1), 30, axis=0)
    points[::2, 4:13, 1] += 8
    steady = face_boxes(points, SIZE, MuseTalkChoices(), Steadiness())
    exact = face_boxes(points, SIZE, MuseTalkChoices(), EXACT)
    assert len(set(steady)) == 1
    assert len(set(exact)) == 2


def test_tremble_is_less_than_half_of_what_it_was() -> None:
    points = moving(100, tremble_px=1.5)
    course = {}
    for name, steady in (("before", EXACT), ("after", Steadiness())):
        boxes = np.array(face_boxes(points, SIZE, MuseTalkChoices(), steady), float)
        course[name] = np.diff(boxes, 2, axis=0).std()
    assert course["after"] < course["before"] / 2


def test_where_only_the_size_is_locked_the_place_is_each_pictures_own() -> None:
    points = moving(40, tremble_px=2.0)
    boxes = face_boxes(points, SIZE, MuseTalkChoices(version="v10"), Steadiness(smooth=False))
    middles = [(box.top + box.bottom) / 2 for box in boxes]
    assert np.abs(np.array(middles) - points[:, 29, 1]).max() <= 1
