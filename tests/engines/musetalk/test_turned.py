"""Boxes that are turned with the head: where they lie, and what is cut out by them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.engines.musetalk.boxes import FACE_PX, Box, crop_box
from livetalk.engines.musetalk.turned import (
    TurnedBox,
    as_turned,
    cut,
    cut_turned,
    cut_upright,
    inverse,
    moved,
    of_samples,
    shifted,
)

Pixels = npt.NDArray[np.uint8]
UNIT = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)


def smooth(height: int, width: int, seed: int = 1) -> Pixels:
    coarse = np.random.default_rng(seed).integers(30, 220, (7, 7, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def spot(at: tuple[float, float], size: tuple[int, int] = (400, 300)) -> Pixels:
    """A soft light in the dark, its middle told to a fraction of a pixel."""
    columns, rows = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    light = 255 * np.exp(-((columns - at[0]) ** 2 + (rows - at[1]) ** 2) / 40)
    return np.repeat(np.rint(light).astype(np.uint8)[..., None], 3, axis=2)


def middle_of(light: Pixels) -> npt.NDArray[np.float64]:
    """Of a soft light, where a picture's corner is (0, 0)."""
    moments = cv2.moments(np.ascontiguousarray(light[..., 0]))
    return np.array((moments["m10"], moments["m01"])) / moments["m00"] + 0.5


def test_an_upright_box_is_as_large_as_it_says_and_about_its_middle() -> None:
    corners = moved(UNIT, TurnedBox(100.25, 80.5, 60, 90, 0.0).from_unit())
    assert np.allclose(corners, [(70.25, 35.5), (130.25, 35.5), (130.25, 125.5), (70.25, 125.5)])


def test_a_head_that_leans_to_the_right_of_the_picture_has_its_crown_there() -> None:
    box = TurnedBox(100, 80, 60, 90, np.radians(90))
    crown, chin = moved(np.array([(0.5, 0), (0.5, 1)]), box.from_unit())
    assert np.allclose(crown, (145, 80))
    assert np.allclose(chin, (55, 80))


def test_the_whole_pixels_about_a_box_hold_its_corners() -> None:
    box = TurnedBox(100.3, 80.7, 61.5, 90.2, 0.3)
    corners = moved(UNIT, box.from_unit())
    about = box.about
    assert (corners >= (about.left, about.top)).all()
    assert (corners <= (about.right, about.bottom)).all()
    assert (corners.min(axis=0) < (about.left + 1, about.top + 1)).all()


def test_the_way_back_leads_back() -> None:
    box = TurnedBox(100.3, 80.7, 61.5, 90.2, -0.4)
    points = np.random.default_rng(2).uniform(-50, 300, (20, 2))
    assert np.allclose(moved(moved(points, box.from_face()), inverse(box.from_face())), points)


def test_a_map_from_a_part_of_the_picture_begins_at_the_part() -> None:
    by = inverse(TurnedBox(100.3, 80.7, 61.5, 90.2, -0.4).from_face())
    assert np.allclose(moved(np.array((3.0, 4.0)), shifted(by, 20, 30)), moved(np.array((23.0, 34.0)), by))


@pytest.mark.parametrize("size", [1, 2])
def test_samples_lie_in_the_middle_of_their_pixels(size: int) -> None:
    by = np.array([(2.0, 0, 3), (0, 0.5, 7)])
    first = moved(np.zeros(2), of_samples(by, size))
    assert np.allclose((first + 0.5) * size, moved(np.full(2, size / 2), by))


def test_a_box_of_whole_pixels_that_is_turned_by_nothing_cuts_what_the_reference_cuts() -> None:
    picture, box = smooth(300, 400), Box(100, 60, 223, 199)
    one, other = cut(picture, box), cut_turned(picture, as_turned(box))
    inner = (slice(12, -12), slice(12, -12))  # the reference knows nothing of what lies beyond the box
    assert np.abs(one[inner].astype(int) - other[inner]).max() <= 1


@pytest.mark.parametrize("tilt", [0.0, 0.35, -2.0])
@pytest.mark.parametrize("off", [0.0, 0.25, 0.5])
def test_a_face_is_cut_to_a_fraction_of_a_pixel(tilt: float, off: float) -> None:
    box = TurnedBox(200 + off, 150.0, 130.0, 160.0, tilt)
    place = np.array([(0.4, 0.6)])
    ((x, y),) = moved(place, box.from_unit())
    found = middle_of(cut_turned(spot((x, y)), box))
    assert np.abs(found - place * FACE_PX).max() < 0.06


def test_what_lies_outside_the_picture_is_its_edge_that_goes_on() -> None:
    picture = smooth(300, 400)
    picture[:, :40] = (10, 120, 240)
    face = cut_turned(picture, TurnedBox(20, 150, 100, 100, 0.0))
    assert np.abs(face[:, : FACE_PX // 2].astype(int) - (10, 120, 240)).max() <= 1


def test_the_face_parser_sees_the_head_upright_and_black_beyond_the_picture() -> None:
    box = TurnedBox(40.0, 150.0, 120.0, 140.0, 0.5)
    around = crop_box(box.upright)
    ((x, y),) = moved(np.array([(0.5, 0.7)]), box.from_unit())
    seen = cut_upright(spot((x, y)), box, around)
    assert seen.shape == (around.height, around.width, 3)
    assert np.abs(middle_of(seen) + np.array(around[:2]) - (60, 98)).max() < 0.06
    bright = np.full((300, 400, 3), 255, np.uint8)
    assert cut_upright(bright, box, around)[around.height // 2, 0].max() == 0
