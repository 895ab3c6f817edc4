from __future__ import annotations

import numpy as np

from livetalk.pictures import fitted
from livetalk.types import Picture, planes

SIZE = 128


def grey(width: int, height: int) -> Picture:
    return np.full((height * 3 // 2, width), 128, np.uint8)


def test_a_picture_of_another_shape_gets_black_bars() -> None:
    luma, chroma = planes(fitted(grey(SIZE * 2, SIZE), (SIZE, SIZE)))
    assert set(np.unique(luma[32:96])) == {128}
    assert set(np.unique(luma[:32])) == set(np.unique(luma[96:])) == {16}
    assert set(np.unique(chroma)) == {128}


def test_a_picture_that_fits_is_left_alone() -> None:
    picture = grey(SIZE, SIZE)
    assert fitted(picture, (SIZE, SIZE)) is picture


def test_colours_stay_where_their_brightness_is() -> None:
    """Bars of one row above and one below would part the two: chroma has half the rows."""
    picture = grey(SIZE, SIZE - 2)
    luma, chroma = planes(picture)
    luma[:], chroma[:] = 200, 60
    luma, chroma = planes(fitted(picture, (SIZE, SIZE)))
    bright, coloured = luma != 16, (chroma[0] != 128).repeat(2, axis=0).repeat(2, axis=1)
    assert (bright == coloured).all()
    assert bright.sum() == SIZE * (SIZE - 2)
