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
