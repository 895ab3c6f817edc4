"""Lip landmarks, set right by drawn lips whose line is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.engines.viseme import warp_points as points
from livetalk.engines.viseme.lip_line import settle
from livetalk.types import Float32Array
from tests.engines.viseme.drawn_face import DARK, DrawnFace

FACE = DrawnFace()
CORNERS = (points.OUTER_UPPER[0], points.OUTER_UPPER[-1])


def pictures(faces: list[DrawnFace], end: float = 44, low: float = 3) -> npt.NDArray[np.uint8]:
    """I420, a dark line between the lips, `end` to either side, `low` below where the mesh has it."""
    drawn = []
    for face in faces:
        image = face.draw()
        places = np.rint(face.place(np.linspace(-end, end, 30), low) * 16).astype(np.int32)
        thickness = max(1, round(3 * face.scale))
        cv2.polylines(image, [places], False, DARK, thickness, cv2.LINE_AA, 4)
        drawn.append(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8))
    return np.stack(drawn)


def meshed(faces: list[DrawnFace], width: float = 1.0) -> Float32Array:
    """Their landmarks, but for lips that are said to be narrower by `width`."""
    lips = [*points.OUTER_UPPER, *points.OUTER_LOWER, *points.INNER_UPPER, *points.INNER_LOWER]
    meshes = []
    for face in faces:
        mesh, upright = face.mesh(), replace(face, x=0.0, y=0.0, roll=0.0, scale=1.0).mesh()[lips]
        mesh[lips] = face.place(width * upright[:, 0], upright[:, 1])
        meshes.append(mesh)
    return points.select(np.stack(meshes))


def in_face(face: DrawnFace, landmarks: Float32Array, some: tuple[int, ...]) -> Float32Array:
    """u, v of some points, in the pixels of `DrawnFace`."""
    along, down = (face.place(*axis)[0] - (face.x, face.y) for axis in ((1, 0), (0, 1)))
    turn = np.stack((along, down)) / face.scale**2
    return np.asarray((points.of(landmarks, some) - (face.x, face.y)) @ turn.T, np.float32)


@pytest.mark.parametrize(
    "face", [FACE, replace(FACE, roll=25.0), replace(FACE, scale=0.4), replace(FACE, scale=1.6)]
)
def test_corners_go_to_where_the_line_ends(face: DrawnFace) -> None:
    settled = settle(pictures([face]), meshed([face], 0.9))[0]
    left, right = in_face(face, settled, CORNERS)
    assert (left[0], right[0]) == pytest.approx((-44, 44), abs=3)
    assert (left[1], right[1]) == pytest.approx((3, 3), abs=2)
    inner = in_face(face, settled, (points.INNER_UPPER[0], points.INNER_UPPER[-1]))
    assert -44 < inner[0, 0] < -36
    assert 36 < inner[1, 0] < 44


@pytest.mark.parametrize("low", [-4.0, 0.0, 3.0])
def test_lips_meet_where_the_line_is(low: float) -> None:
    settled = settle(pictures([FACE], 40, low), meshed([FACE]))[0]
    for contour in (points.INNER_UPPER, points.INNER_LOWER):
        assert in_face(FACE, settled, contour)[:, 1] == pytest.approx(low, abs=1.5)


def test_a_line_that_goes_on_and_on_does_not_carry_the_corners_away() -> None:
    settled = settle(pictures([FACE], 75), meshed([FACE]))[0]
    assert np.abs(in_face(FACE, settled, CORNERS)[:, 0]).max() < 40 + 0.13 * 80


def test_lips_without_a_line_stay_as_they_are() -> None:
    face = np.asarray(cv2.cvtColor(FACE.draw(), cv2.COLOR_BGR2YUV_I420), np.uint8)
    landmarks = meshed([FACE], 0.9)
    assert settle(face[None], landmarks) == pytest.approx(landmarks, abs=0.5)


def test_lips_that_stand_open_stay_where_they_are_though_the_teeth_are_in_shadow() -> None:
    open_face = replace(FACE, gap=14.0)
    settled = settle(pictures([open_face], 30, -5), meshed([open_face]))[0]
    upper, lower = (
        in_face(open_face, settled, contour)[5, 1] for contour in (points.INNER_UPPER, points.INNER_LOWER)
    )
    assert (upper, lower) == pytest.approx((-7, 7), abs=0.7)


def test_the_creases_beside_a_smile_are_no_line_between_lips() -> None:
    smile = replace(FACE, gap=14.0)
    landmarks = meshed([smile])
    assert settle(pictures([smile], 60, -5), landmarks) == pytest.approx(landmarks, abs=0.1)


def test_all_frames_are_shifted_alike() -> None:
    faces = [replace(FACE, x=180.0 + 3 * frame) for frame in range(8)]
    landmarks = meshed(faces, 0.9)
    shifts = settle(pictures(faces), landmarks) - landmarks
    assert np.abs(shifts[0]).max() > 3
    for before, after in pairwise(shifts):
        assert after == pytest.approx(before, abs=0.02)


def test_what_is_no_lip_stays() -> None:
    landmarks = meshed([FACE], 0.9)
    settled = settle(pictures([FACE]), landmarks)
    rest = [points.CHIN, points.NOSE_BASE, *points.CHEEKS, *points.JAW_LINE]
    assert np.array_equal(points.of(settled[0], tuple(rest)), points.of(landmarks[0], tuple(rest)))
