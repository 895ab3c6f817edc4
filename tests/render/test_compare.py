from __future__ import annotations

import math

import numpy as np
import pytest

from livetalk.render.compare import Comparison
from livetalk.types import Picture


def picture(*dots: tuple[int, int, int]) -> Picture:
    made = np.full((96, 64), 100, np.uint8)
    for row, column, level in dots:
        made[row, column] = level
    return made


def test_pictures_that_are_alike_are_the_same_to_the_bit() -> None:
    comparison = Comparison()
    for _ in range(3):
        comparison.add(picture((5, 5, 7)), picture((5, 5, 7)), picture())
    assert comparison.mean == 0
    assert comparison.psnr_db == math.inf
    assert str(comparison) == "all 3 pictures are the same to the bit"


def test_differences_are_measured_in_the_box_around_all_that_was_drawn() -> None:
    comparison = Comparison()
    comparison.add(picture((10, 10, 90)), picture((11, 13, 120)), picture())
    assert comparison.mean == pytest.approx((10 + 20) / 8)
    assert comparison.psnr_db == pytest.approx(10 * math.log10(255**2 / ((10**2 + 20**2) / 8)))


def test_the_worst_picture_is_named_with_its_time() -> None:
    comparison = Comparison()
    for level in (90, 50, 80):
        comparison.add(picture((10, 10, 90)), picture((10, 10, level)), picture())
    assert (comparison.worst, comparison.worst_mean, comparison.different) == (1, 40, 2)
    assert "most in picture 1 (0.04 s), by 40.00" in str(comparison)


def test_a_difference_in_colour_alone_counts_as_one() -> None:
    comparison = Comparison()
    comparison.add(picture((70, 3, 99)), picture(), picture())
    assert comparison.different == 1
    assert comparison.mean == 0
