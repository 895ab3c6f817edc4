"""The fields of displacements, and how far they are let go."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.creation.photo import motion, sway
from livetalk.creation.photo.pose import pose_of
from livetalk.creation.photo.warp import Grid
from livetalk.types import Float32Array
from tests.creation.photo.drawn import Drawn


def fields_of(drawn: Drawn, grid: Grid) -> Float32Array:
    mesh = drawn.mesh()
    return sway.fields(grid.points, pose_of(mesh), mesh, (drawn.width, drawn.height))


def stretch(field: Float32Array, weights: Float32Array, cell: int) -> float:
    """How much anything is stretched at most, in any frame."""
    moved = np.tensordot(weights, field, 1)
    across = np.diff(moved, axis=2)[:, :-1] / cell
    down = np.diff(moved, axis=1)[:, :, :-1] / cell
    return float(np.sqrt(np.square(across).sum(-1) + np.square(down).sum(-1)).max())


def test_a_face_that_fills_the_picture_is_moved_less_for_not_being_stretched() -> None:
    drawn, grid = Drawn(y=180, size=330), Grid(482, 362, 12)
    field, curves = fields_of(drawn, grid), motion.curves(np.random.default_rng(0))
    assert stretch(field, curves, grid.cell) > 1.2 * sway.STRAIN
    gentle = sway.gentle(field, curves, grid.cell)
    assert stretch(field, gentle, grid.cell) == pytest.approx(sway.STRAIN, rel=0.05)
    np.testing.assert_allclose(gentle / gentle.max(), curves / curves.max(), atol=1e-5)


def test_movements_that_stretch_nothing_much_are_left_as_they_are() -> None:
    grid = Grid(482, 362, 6)
    curves = motion.curves(np.random.default_rng(0)) * np.float32(1 / 3)
    np.testing.assert_array_equal(sway.gentle(fields_of(Drawn(), grid), curves, grid.cell), curves)


def test_the_head_moves_as_one_and_what_is_far_from_it_not_at_all() -> None:
    drawn, grid = Drawn(width=962, height=722, x=480, y=300), Grid(962, 722, 6)
    across = fields_of(drawn, grid)[motion.ACROSS]
    face = grid.at(across, drawn.place(np.linspace(-0.5, 0.5, 9), np.linspace(-0.6, 0.4, 9)))
    np.testing.assert_allclose(face, np.broadcast_to((drawn.size, 0), face.shape), atol=0.02 * drawn.size)
    assert not across[:, :10].any()
    assert not across[:, -10:].any()


def test_a_leaning_head_goes_sideways_along_its_own_axis() -> None:
    drawn, grid = Drawn(width=962, height=722, x=480, y=360, roll=30), Grid(962, 722, 6)
    middle = drawn.place(0, 0)
    along = grid.at(fields_of(drawn, grid)[motion.ACROSS], middle)[0] / drawn.size
    np.testing.assert_allclose(along, (np.cos(np.pi / 6), np.sin(np.pi / 6)), atol=0.03)
