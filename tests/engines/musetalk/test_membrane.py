"""Poisson blending: light is matched at the edge, detail and movement are left alone."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.engines.musetalk.boxes import FACE_PX
from livetalk.engines.musetalk.membrane import SMALL_PX, Edge, edge_of, matched, small
from livetalk.types import Picture, planes

Values = npt.NDArray[np.float64]


def face(seed: int = 1) -> Picture:
    coarse = np.random.default_rng(seed).integers(60, 190, (9, 9, 3)).astype(np.uint8)
    shown = cv2.resize(coarse, (FACE_PX, FACE_PX), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2YUV_I420), np.uint8)


def seen() -> npt.NDArray[np.uint8]:
    """Half of the face, round, its edge soft."""
    rows, columns = np.mgrid[:SMALL_PX, :SMALL_PX] / (SMALL_PX - 1) * 2 - 1
    share = np.clip(4 * (0.7 - np.hypot(columns, (rows - 0.3) * 1.3)) + 0.5, 0, 1)
    return np.asarray(np.rint(255 * share), np.uint8)


def lit(picture: Picture, luma: Values, chroma: float = 0.0) -> Picture:
    other = picture.copy()
    bright, colours = planes(other)
    bright[...] = np.clip(np.rint(bright + luma), 0, 255)
    colours[...] = np.clip(np.rint(colours + chroma), 0, 255)
    return other


def within(picture: Picture) -> Values:
    """The luma of what is seen."""
    share = cv2.resize(seen(), (FACE_PX, FACE_PX))
    return planes(picture)[0][share > 60].astype(np.float64)


@pytest.fixture(scope="module")
def edge() -> Edge:
    return edge_of(small(face()), seen())


ROWS, COLUMNS = np.mgrid[:FACE_PX, :FACE_PX] / FACE_PX - 0.5
SHADES = {
    "flat": 25.0 + 0 * ROWS,
    "from the left": 12 + 40 * COLUMNS,
    "saddle": 60 * (ROWS**2 - COLUMNS**2),
    "darker": -30.0 - 15 * ROWS,
}


@pytest.mark.parametrize("shade", SHADES.values(), ids=SHADES)
def test_a_light_that_falls_evenly_or_slanting_is_taken_away(edge: Edge, shade: Values) -> None:
    found = matched(lit(face(), shade, chroma=8), edge)
    error = within(found) - within(face())
    assert np.sqrt((error**2).mean()) < 0.7
    colours = planes(found)[1].astype(int) - planes(face())[1]
    assert np.abs(colours[:, 60:100, 40:90]).max() <= 1


def test_a_face_that_fits_stays_as_it_is_to_the_bit(edge: Edge) -> None:
    own = face()
    assert np.array_equal(matched(own, edge), own)
    assert np.array_equal(own, face())


def test_what_is_drawn_within_the_edge_stays_drawn(edge: Edge) -> None:
    drawn = lit(face(), SHADES["flat"])
    cv2.ellipse(drawn[:FACE_PX], (128, 166), (24, 10), 0, 0, 360, (20,), -1)
    kept = matched(drawn, edge)
    mouth = planes(kept)[0][160:172, 110:146]
    assert np.all(mouth < 5)
    assert kept[200, 128] == pytest.approx(int(face()[200, 128]), abs=2)


def test_a_jaw_that_has_moved_is_not_taken_for_a_shade(edge: Edge) -> None:
    dropped = face()
    dropped[215:256, 80:176] = np.clip(dropped[215:256, 80:176].astype(int) - 60, 0, 255)
    plain = np.abs(within(matched(dropped, edge)) - within(dropped))
    assert np.median(plain) <= 2
    everywhere = np.full((SMALL_PX, SMALL_PX), 128, np.uint8)
    assert (
        np.median(np.abs(within(matched(dropped, edge_of(small(face()), everywhere))) - within(dropped))) <= 1
    )


def test_where_there_is_no_edge_nothing_is_matched() -> None:
    for level in (0, 255):
        nowhere = np.full((SMALL_PX, SMALL_PX), level, np.uint8)
        drawn = lit(face(), SHADES["flat"])
        assert np.array_equal(matched(drawn, edge_of(small(face()), nowhere)), drawn)
