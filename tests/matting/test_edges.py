"""Where a matte is partly opaque, the picture shows the person alone."""

from __future__ import annotations

import numpy as np

from livetalk.matting.edges import own_colours
from livetalk.types import Picture, planes

SIZE = 480


def picture() -> tuple[Picture, np.ndarray]:
    """A person of luma 60 on the left, a wall of 200 on the right, mixed in six columns between."""
    alpha = np.clip((51 - np.arange(SIZE)) / 6, 0, 1)
    matte = np.tile(np.rint(alpha * 255), (SIZE, 1)).astype(np.uint8)
    made = np.full((SIZE * 3 // 2, SIZE), 128, np.uint8)
    made[:SIZE] = np.rint(60 * alpha + 200 * (1 - alpha))
    return made, matte


def test_an_edge_has_the_persons_colour() -> None:
    before, matte = picture()
    after = planes(own_colours(before, matte))[0]
    edge = (matte > 0) & (matte < 250)
    assert planes(before)[0][edge].mean() > 120
    assert np.abs(after[edge & (matte < 128)].astype(int) - 60).max() <= 35


def test_all_else_stays_to_the_bit() -> None:
    before, matte = picture()
    after = own_colours(before, matte)
    sure = (matte == 0) | (matte >= 250)
    assert (planes(after)[0][sure] == planes(before)[0][sure]).all()


def test_where_nobody_is_nothing_changes() -> None:
    before, matte = picture()
    assert (own_colours(before, np.zeros_like(matte)) == before).all()
    faint = np.full_like(matte, 90)
    assert (own_colours(before, faint) == before).all(), "nobody's colours are known"
