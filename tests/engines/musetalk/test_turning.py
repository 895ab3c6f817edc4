"""Turned boxes of a loop: held to the head, wherever it goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from livetalk.avatar.recipe import MuseTalkChoices, Steadiness
from livetalk.engines.musetalk.framing import face_boxes
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.turned import TurnedBox, as_turned, inverse, moved
from livetalk.engines.musetalk.turning import turned_boxes
from livetalk.errors import AvatarError
from livetalk.types import Float32Array
from tests.engines.musetalk import mira

SIZE = (512, 512)
USUAL, STEADY = MuseTalkChoices(), Steadiness()
Values = npt.NDArray[np.float64]


def nodding(frames: int = 60, degrees: float = 8.0, middle: float = 0.0) -> tuple[Float32Array, Values]:
    """Mira's mesh, swaying and leaning from side to side, and her tilt in each picture."""
    time = np.arange(frames)
    tilt = np.radians(middle + degrees * np.sin(time / 9))
    sway = 20 * np.column_stack((np.sin(time / 14), np.cos(time / 11)))
    mesh, heart = mira.mesh(), mira.mesh()[:, :2].mean(axis=0)
    meshes = np.repeat(mesh[None], frames, axis=0)
    for number, angle in enumerate(tilt):
        turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
        meshes[number, :, :2] = (mesh[:, :2] - heart) @ turn.T + heart + sway[number]
    return meshes, tilt


def boxes_of(
    meshes: Float32Array, choices: MuseTalkChoices = USUAL, steady: Steadiness = STEADY
) -> list[TurnedBox]:
    return turned_boxes(landmarks(meshes), meshes, SIZE, choices, steady)


def slip(boxes: Sequence[TurnedBox], meshes: Float32Array) -> float:
    """How far the nose's bridge moves in the box from one picture to the next, pixels of the picture."""
    seen = np.stack(
        [
            moved(mesh[[168, 6, 33, 263], :2].astype(np.float64), inverse(box.from_unit()))
            * (box.width, box.height)
            for box, mesh in zip(boxes, meshes, strict=True)
        ]
    )
    return float(np.sqrt((np.diff(seen, axis=0) ** 2).sum(axis=-1).mean()))


def test_a_box_goes_and_turns_with_the_head_and_nothing_slips_in_it() -> None:
    meshes, tilt = nodding()
    boxes = boxes_of(meshes)
    turned = np.array([box.tilt for box in boxes])
    assert np.allclose(turned - turned.mean(), tilt - tilt.mean(), atol=1e-3)
    assert slip(boxes, meshes) < 0.02
    upright = [as_turned(box) for box in face_boxes(landmarks(meshes), SIZE, USUAL, STEADY)]
    assert slip(upright, meshes) > 0.6


def test_a_head_that_leans_all_the_time_has_level_eyes_in_its_box() -> None:
    meshes, _ = nodding(20, degrees=0.0, middle=25.0)
    straight, _ = nodding(20, degrees=0.0)
    for box, mesh in zip(boxes_of(meshes), meshes, strict=True):
        eyes = moved(mesh[[33, 263], :2].astype(np.float64), inverse(box.from_unit())) * box.height
        assert abs(eyes[1, 1] - eyes[0, 1]) < 1.0
        assert eyes[1, 0] > eyes[0, 0]
    leaning, upright = boxes_of(meshes)[0], boxes_of(straight)[0]
    assert leaning.tilt - upright.tilt == pytest.approx(np.radians(25), abs=1e-3)
    assert (leaning.width, leaning.height) == pytest.approx((upright.width, upright.height), abs=0.1)


def test_the_box_of_an_upright_head_is_the_upright_box_but_for_its_fractions() -> None:
    mesh = mira.mesh()
    eyes = mesh[[362, 263], :2].mean(axis=0) - mesh[[33, 133], :2].mean(axis=0)
    level = np.arctan2(eyes[1], eyes[0])
    turn = np.array([(np.cos(level), np.sin(level)), (-np.sin(level), np.cos(level))])
    mesh[:, :2] = (mesh[:, :2] - 256) @ turn.T + 256
    meshes = np.repeat(mesh[None], 9, axis=0)
    (box, *_), (upright, *_) = (
        boxes_of(meshes),
        face_boxes(landmarks(meshes), SIZE, USUAL, STEADY),
    )
    expected = as_turned(upright)
    found = (box.x, box.y, box.width, box.height, box.tilt)
    wanted = (expected.x, expected.y, expected.width, expected.height, 0.0)
    assert np.abs(np.subtract(found, wanted)).max() <= 1
    assert abs(box.tilt) < 1e-4


def test_a_margin_lowers_the_chins_side_alone_and_along_the_head() -> None:
    meshes, _ = nodding(20, degrees=0.0, middle=30.0)
    (less, *_), (more, *_) = (boxes_of(meshes, MuseTalkChoices(extra_margin=each)) for each in (0, 24))
    ends = np.array([(0.5, 0), (0.5, 1)])
    before, after = (moved(ends, box.from_unit()) for box in (less, more))
    assert np.allclose(before[0], after[0], atol=0.01)
    down = after[1] - before[1]
    assert np.linalg.norm(down) == pytest.approx(24, abs=0.01)
    assert np.arctan2(-down[0], down[1]) == pytest.approx(less.tilt, abs=1e-3)


def test_a_shift_of_version_10_moves_the_middle_and_the_crowns_side_by_twice_as_much() -> None:
    meshes, _ = nodding(20, degrees=0.0, middle=30.0)
    usual, shifted, later = (
        boxes_of(meshes, MuseTalkChoices(version=version, bbox_shift=shift, extra_margin=0))[0]
        for version, shift in (("v10", 0), ("v10", 7), ("v15", 7))
    )
    crown, chin = np.array([(0.5, 0.0)]), np.array([(0.5, 1.0)])
    assert np.allclose(moved(chin, usual.from_unit()), moved(chin, shifted.from_unit()), atol=0.01)
    by = moved(crown, shifted.from_unit()) - moved(crown, usual.from_unit())
    assert np.linalg.norm(by) == pytest.approx(14, abs=0.01)
    assert later == usual


def test_a_locked_box_is_of_one_size_and_an_open_jaw_moves_it_not() -> None:
    meshes, _ = nodding()
    points = landmarks(meshes)
    points[::2, 4:13] += 8 * (points[::2, 8:9] - points[::2, 27:28]) / 150
    locked = turned_boxes(points, meshes, SIZE, USUAL, STEADY)
    assert len({(box.width, box.height) for box in locked}) == 1
    assert slip(locked, meshes) < 0.02
    free = turned_boxes(points, meshes, SIZE, USUAL, Steadiness(lock_scale=False))
    assert np.diff([box.height for box in free]).std() > 8


def test_landmarks_of_whole_pixels_tremble_and_the_box_does_not() -> None:
    meshes, _ = nodding()
    whole = np.trunc(landmarks(meshes)).astype(np.float32)
    steady = turned_boxes(whole, meshes, SIZE, USUAL, STEADY)
    assert slip(steady, meshes) < 0.15
    each_its_own = turned_boxes(whole, meshes, SIZE, USUAL, Steadiness(smooth=False))
    assert slip(each_its_own, meshes) > 0.4


def test_a_face_that_is_hardly_seen_is_refused_with_its_second() -> None:
    meshes, _ = nodding(60)
    meshes[50:, :, 1] += 500
    with pytest.raises(AvatarError, match=r"too far outside the picture, 2\.0 s into the loop"):
        boxes_of(meshes, steady=Steadiness(smooth=False))
    with pytest.raises(AvatarError, match="too small for MuseTalk"):
        boxes_of(meshes[:1] / np.float32(12))
