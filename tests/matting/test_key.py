"""A wall of one strong colour is what is not opaque."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.matting.edges import own_colours
from livetalk.matting.key import Key, find_key
from livetalk.types import Picture
from tests.clips import Colours, before, green_wall, mira, opacity

BLUE = (20, 50, 190)


def i420(colours: Colours) -> Picture:
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2YUV_I420), np.uint8)


def plain(colour: tuple[int, int, int]) -> Colours:
    return np.full((512, 512, 3), colour, np.uint8)


def key_of(picture: Picture) -> Key:
    found = find_key(picture)
    assert found is not None
    return found


def wrong(matte: npt.NDArray[np.uint8]) -> float:
    """Mean distance from the truth, of 255."""
    return float(np.abs(matte.astype(int) - opacity(1)[0]).mean())


@pytest.mark.parametrize(
    "wall", [plain((0, 177, 64)), plain(BLUE), green_wall()], ids=["green", "blue", "lit"]
)
def test_a_person_before_a_wall_is_as_opaque_as_she_is(wall: Colours) -> None:
    picture = i420(before(wall, 1)[0])
    matte = key_of(picture).matte(picture)
    assert wrong(matte) < 2.5
    truth = opacity(1)[0]
    assert matte[truth == 255].mean() > 252
    assert matte[truth == 0].mean() < 2


def test_the_walls_light_goes_from_the_edges() -> None:
    """Before grey, what was cut out of a green wall is as green as what was never before one."""
    wall, grey = plain((0, 177, 64)), plain((128, 128, 128))
    picture = i420(before(wall, 1)[0])
    key = key_of(picture)
    clean = own_colours(key.without_spill(picture), key.matte(picture))
    seen = cv2.cvtColor(clean, cv2.COLOR_YUV2RGB_I420).astype(int)
    truth = before(grey, 1)[0].astype(int)
    edge = (opacity(1)[0] > 60) & (opacity(1)[0] < 255)

    def greenness(colours: npt.NDArray[np.int_]) -> float:
        return float((colours[..., 1] - np.maximum(colours[..., 0], colours[..., 2]))[edge].mean())

    assert greenness(before(wall, 1)[0].astype(int)) > greenness(truth) + 15
    assert greenness(seen) < greenness(truth) + 8


def test_a_room_is_no_wall_of_one_colour() -> None:
    assert find_key(i420(mira(1)[0])) is None


@pytest.mark.parametrize("colour", [(128, 128, 128), (250, 250, 250), (10, 10, 10), (150, 140, 130)])
def test_a_wall_without_a_strong_colour_is_none(colour: tuple[int, int, int]) -> None:
    assert find_key(i420(before(plain(colour), 1)[0])) is None


def test_yellow_is_not_green() -> None:
    wall = plain((0, 177, 64))
    wall[200:400, 200:400] = (220, 200, 40)
    picture = i420(wall)
    assert key_of(picture).matte(picture)[220:380, 220:380].min() >= 250
