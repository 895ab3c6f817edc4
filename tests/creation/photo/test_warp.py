"""Pixels and points bent by one field."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.creation.photo.warp import Grid, bend
from livetalk.types import Float32Array

GRID = Grid(90, 62, 8)


def some_field() -> Float32Array:
    points = GRID.points / 20
    field = np.stack((np.sin(points[..., 1]), np.cos(points[..., 0])), -1)
    return (2 * field).astype(np.float32)


def test_the_field_at_a_point_is_what_it_is_at_the_pixel() -> None:
    field = some_field()
    spread = GRID.spread(field)
    assert spread.shape == (62, 90, 2)
    pixels = np.array([(0, 0), (89, 61), (17, 30), (44, 5)], np.float32)
    x, y = pixels.astype(int).T
    np.testing.assert_allclose(GRID.at(field, pixels), spread[y, x], atol=1e-4)


def test_a_moved_point_shows_what_was_at_the_point() -> None:
    field = some_field()
    points = np.random.default_rng(0).uniform(10, 50, (40, 2)).astype(np.float32)
    there = GRID.moved(field, points)
    np.testing.assert_allclose(there + GRID.at(field, there), points, atol=1e-3)
    assert np.abs(there - points).max() > 1


@pytest.mark.parametrize("offset", [(4, 0), (0, 6), (-4, 2)])
def test_a_shift_moves_luma_and_chroma_together(offset: tuple[int, int]) -> None:
    picture = np.full((62 * 3 // 2, 90), 90, np.uint8)
    picture[24:34, 40:50] = 200
    chroma = picture[62:].reshape(2, 31, 45)
    chroma[:, 12:17, 20:25] = 160
    field = np.broadcast_to(np.array(offset, np.float32), GRID.points.shape)
    bent = bend(picture, -field, GRID)
    x, y = offset
    assert (bent[24 + y + 1 : 34 + y - 1, 40 + x + 1 : 50 + x - 1] == 200).all()
    moved = bent[62:].reshape(2, 31, 45)
    np.testing.assert_array_equal(moved[:, 12 + y // 2 : 17 + y // 2, 20 + x // 2 : 25 + x // 2], 160)


def test_a_picture_that_nothing_moves_in_stays_as_it_is() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (93, 90)).astype(np.uint8)
    field = np.zeros_like(GRID.points)
    np.testing.assert_array_equal(bend(picture, field, GRID), picture)
    field[1, 1] = 0.5
    bent = bend(picture, field, GRID)
    assert (bent != picture).any()
    np.testing.assert_array_equal(bent[30:62], picture[30:62])
