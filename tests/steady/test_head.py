from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.steady.head import STILL, Course, Flow, HeadCourse, by_landmarks, follow
from livetalk.types import Float32Array

FRAMES = 60


def head() -> Float32Array:
    """A mesh of points that lie anywhere about a middle."""
    return np.random.default_rng(3).normal(0, 40, (468, 3)).astype(np.float32)


def walk() -> Course:
    """A head that comes, goes and leans."""
    step = np.arange(FRAMES)
    return np.column_stack(
        (
            200 + 20 * np.sin(step / 9),
            150 + 10 * np.cos(step / 7),
            0.1 * np.sin(step / 8),
            0.05 * np.cos(step / 11),
        )
    )


def meshes_of(course: Course) -> Float32Array:
    return HeadCourse(course).to_picture(np.broadcast_to(head(), (len(course), 468, 3)))


def steps_of(course: Course) -> list[npt.NDArray[np.float64] | None]:
    return [*np.diff(course, axis=0)]


def test_a_heads_own_frame_and_the_pictures_lead_into_each_other() -> None:
    course = HeadCourse(walk())
    points = meshes_of(walk())
    own = course.to_head(points)
    assert np.abs(own - head()).max() < 1e-3
    assert np.abs(course.to_picture(own) - points).max() < 1e-3


def test_landmarks_tell_how_a_head_moved() -> None:
    told = by_landmarks(meshes_of(walk()))
    moved = np.diff(told, axis=0)
    still = meshes_of(walk())[:, list(STILL), :2].mean(axis=1)
    assert np.abs(told[:, :2] - still).max() < 1e-2
    assert np.abs(moved[:, 2:] - np.diff(walk(), axis=0)[:, 2:]).max() < 1e-4


def test_flow_takes_the_tremble_out_of_landmarks() -> None:
    true = by_landmarks(meshes_of(walk()))
    noise = np.random.default_rng(4).normal(0, 1.5, (FRAMES, 468, 3)).astype(np.float32)
    noisy = meshes_of(walk()) + noise
    alone = by_landmarks(noisy)
    followed = follow(noisy, steps_of(true)).course

    def tremble(course: Course) -> float:
        return float(np.diff(course - true, axis=0)[:, :2].std())

    assert tremble(followed) < 0.3 * tremble(alone)


def test_flow_that_drifts_is_held_by_landmarks() -> None:
    true = by_landmarks(meshes_of(walk()))
    drifting = [None if step is None else step + np.array([0.5, 0, 0, 0]) for step in steps_of(true)]
    followed = follow(meshes_of(walk()), drifting).course
    assert np.abs(followed - true)[:, 0].max() < 5, "alone it would be off by 29 pixels"


def test_pictures_whose_flow_is_not_known_go_by_landmarks() -> None:
    true = by_landmarks(meshes_of(walk()))
    steps = [step if place % 3 else None for place, step in enumerate(steps_of(true))]
    followed = follow(meshes_of(walk()), steps).course
    assert np.abs(followed - true)[:, :2].max() < 2


def textured() -> npt.NDArray[np.uint8]:
    grain = np.random.default_rng(5).integers(0, 255, (60, 80)).astype(np.uint8)
    return np.asarray(cv2.resize(grain, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)


def mesh_in_the_middle() -> Float32Array:
    mesh = np.random.default_rng(6).uniform(-100, 100, (468, 3)).astype(np.float32)
    mesh[:, :2] += (320, 240)
    return mesh


@pytest.mark.parametrize(("shift", "tilt"), [((1.3, -0.7), 0.0), ((0.25, 0.25), 0.01), ((0.0, 0.0), -0.02)])
def test_flow_measures_a_movement_to_a_tenth_of_a_pixel(shift: tuple[float, float], tilt: float) -> None:
    mesh = mesh_in_the_middle()
    middle = mesh[list(STILL), :2].mean(axis=0)
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), -np.degrees(tilt), 1.0)
    turn[:, 2] += np.array(shift)
    moved = cv2.warpAffine(textured(), turn, (640, 480), flags=cv2.INTER_CUBIC)
    flow = Flow()
    flow.see(textured(), mesh)
    flow.see(np.asarray(moved, np.uint8), mesh)
    (step,) = flow.steps
    assert step is not None
    assert step[:2] == pytest.approx(shift, abs=0.1)
    assert step[2] == pytest.approx(tilt, abs=0.002)


def test_flow_says_so_where_it_cannot_tell() -> None:
    flow = Flow()
    empty = np.full((480, 640), 90, np.uint8)
    flow.see(empty, mesh_in_the_middle())
    flow.see(empty, None)
    flow.see(textured(), None)
    assert flow.steps == [None, None]
