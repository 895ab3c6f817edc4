from __future__ import annotations

import numpy as np
import pytest

from livetalk.enhancement.align import FACE_PX, POINTS, TEMPLATE, Alignment, Matrix, align
from livetalk.types import MESH_POINTS, Float32Array
from tests.engines.musetalk.mira import mesh


def mesh_of(five: Matrix) -> Float32Array:
    """A mesh whose five points lie there."""
    made = np.zeros((MESH_POINTS, 3), np.float32)
    for pair, point in zip(POINTS, five, strict=True):
        made[pair, :2] = point
    return made


def test_a_face_that_lies_as_the_template_stays() -> None:
    found = align(mesh_of(TEMPLATE))
    assert found.matrix == pytest.approx(np.array(((1, 0, 0), (0, 1, 0))), abs=1e-3)
    assert found.scale == pytest.approx(1)


@pytest.mark.parametrize("degrees", [-40, 0, 25])
@pytest.mark.parametrize("size", [0.3, 1.0, 2.5])
def test_a_face_is_laid_upright_wherever_and_however_large_it_is(degrees: float, size: float) -> None:
    turn = np.deg2rad(degrees)
    around = size * np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    five = TEMPLATE @ around.T + (700, -30)
    found = align(mesh_of(five))
    assert found.scale == pytest.approx(1 / size, rel=1e-4)
    assert found.to_square(five.astype(np.float32)) == pytest.approx(TEMPLATE, abs=1e-2)


def test_the_way_back_is_the_way_there_turned_round() -> None:
    found = align(mesh())
    points = np.array(((10, 20), (300, 5), (99, 400)), np.float32)
    there = found.to_square(points).astype(np.float32)
    assert Alignment(found.back).to_square(there) == pytest.approx(points, abs=1e-3)


def test_a_real_face_comes_near_the_template_and_fits_the_square() -> None:
    found = align(mesh())
    square = found.to_square(mesh()[:, :2])
    five = found.to_square(mesh()[POINTS, :2].mean(axis=1))
    assert np.hypot(*(five - TEMPLATE).T).max() < 25
    assert square.min() > 50
    assert square.max() < FACE_PX - 20
