from __future__ import annotations

import cv2
import numpy as np
import pytest

from livetalk.enhancement.align import FACE_PX, Alignment, align
from livetalk.enhancement.blend import change_of, cut, laid, mask_of
from livetalk.types import Float32Array, Picture, planes
from tests.engines.musetalk.mira import colours, footage, mesh

WHOLE = np.ones((FACE_PX, FACE_PX), np.float32)


@pytest.fixture(scope="module")
def picture() -> Picture:
    return np.asarray(footage(1).pictures[0], np.uint8)


def placed(size: float, degrees: float = 0.0, middle: tuple[float, float] = (256.3, 251.8)) -> Alignment:
    """A square so many times as large as in the picture, turned, about a point of it."""
    turn = np.deg2rad(degrees)
    around = size * np.array(((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))))
    return Alignment(np.column_stack((around, np.full(2, (FACE_PX - 1) / 2) - around @ middle)))


def brighter(levels: float) -> Float32Array:
    """A change of luma alone."""
    change = np.zeros((FACE_PX, FACE_PX, 3), np.float32)
    change[..., 0] = levels
    return change


def test_a_face_that_the_network_leaves_as_it_is_leaves_the_picture_to_the_bit(picture: Picture) -> None:
    alignment = align(mesh())
    face = cut(picture, alignment)
    made = laid(picture, change_of(face, face.astype(np.float32)), mask_of(mesh(), alignment), alignment)
    assert np.array_equal(made, picture)


def test_a_face_cut_and_put_back_is_the_picture(picture: Picture) -> None:
    """Laid into black, so that all that is seen went through the square: interpolation's error remains."""
    alignment = align(mesh())
    black = np.full_like(picture, 128)
    black[:512] = 16
    change = change_of(cut(picture, alignment), np.zeros((FACE_PX, FACE_PX, 3), np.float32))
    made = colours(laid(black, -change, WHOLE, alignment))
    left, top, right, bottom = (int(edge) for edge in (*mesh()[:, :2].min(0), *mesh()[:, :2].max(0)))
    off = (made.astype(float) - colours(picture))[top:bottom, left:right]
    assert 10 * np.log10(255**2 / (off**2).mean()) > 38


@pytest.mark.parametrize("degrees", [0.0, 20.0])
@pytest.mark.parametrize("size", [0.6, 1.0, 2.4])
def test_a_change_is_laid_where_it_belongs_finer_than_a_pixel(size: float, degrees: float) -> None:
    flat = np.full((512 * 3 // 2, 512), 100, np.uint8)
    spot = (288.0, 233.0)
    rows, columns = np.mgrid[:FACE_PX, :FACE_PX]
    deviation = 6 * max(1.0, size)
    change = brighter(1)
    change[..., 0] = 100 * np.exp(-((columns - spot[0]) ** 2 + (rows - spot[1]) ** 2) / (2 * deviation**2))
    alignment = placed(size, degrees)
    seen = planes(laid(flat, change, WHOLE, alignment))[0].astype(float) - 100
    there = [(seen * axis).sum() / seen.sum() for axis in (np.mgrid[:512, :512][1], np.mgrid[:512, :512][0])]
    assert there == pytest.approx(
        Alignment(alignment.back).to_square(np.array([spot], np.float32))[0], abs=0.05
    )


def test_colours_are_laid_where_the_light_is() -> None:
    flat = np.full((512 * 3 // 2, 512), 100, np.uint8)
    change = np.zeros((FACE_PX, FACE_PX, 3), np.float32)
    rows, columns = np.mgrid[:FACE_PX, :FACE_PX]
    change[...] = (80 * np.exp(-((columns - 300) ** 2 + (rows - 200) ** 2) / 800))[..., None]
    luma, chroma = planes(laid(flat, change, WHOLE, placed(1.0)))
    found = []
    for levels, step in ((luma, 1), (chroma[0], 2), (chroma[1], 2)):
        seen = levels.astype(float) - 100
        down, across = np.mgrid[: levels.shape[0], : levels.shape[1]]
        found.append([(seen * axis).sum() / seen.sum() * step + (step - 1) / 2 for axis in (across, down)])
    assert found[1] == pytest.approx(found[0], abs=0.05)
    assert found[2] == pytest.approx(found[0], abs=0.05)


def test_only_the_face_changes(picture: Picture) -> None:
    alignment = align(mesh())
    made = laid(picture, brighter(20), mask_of(mesh(), alignment), alignment)
    outline = np.zeros((512, 512), np.uint8)
    cv2.fillConvexPoly(outline, cv2.convexHull(mesh()[:, :2].astype(np.int32)), 1)
    reach = round(40 / alignment.scale)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    changed = made[:512].astype(int) - picture[:512]
    assert (changed[cv2.erode(outline, kernel) > 0] == 20).all()
    assert (changed[cv2.dilate(outline, kernel) == 0] == 0).all()
    assert np.array_equal(made[512:], picture[512:]), "luma alone was changed"


def test_the_face_has_no_edge(picture: Picture) -> None:
    flat = np.full_like(picture, 100)
    alignment = align(mesh())
    made = laid(flat, brighter(100), mask_of(mesh(), alignment), alignment)[:512].astype(int)
    steepest = max(np.abs(np.diff(made, axis=axis)).max() for axis in (0, 1))
    assert steepest <= 100 / 20 * alignment.scale


def test_a_mask_ends_within_the_square_whatever_the_face() -> None:
    wide = mesh()
    wide[:, 1] = wide[:, 1].mean() + 3 * (wide[:, 1] - wide[:, 1].mean())
    mask = mask_of(wide, align(mesh()))
    assert mask.max() == pytest.approx(1)
    assert max(mask[[0, -1]].max(), mask[:, [0, -1]].max()) < 0.15


@pytest.mark.parametrize("middle", [(5.0, 250.0), (250.0, 508.0), (511.0, 0.0)])
def test_a_face_that_is_partly_beyond_the_picture_is_laid_as_far_as_it_is_seen(
    middle: tuple[float, float],
) -> None:
    flat = np.full((512 * 3 // 2, 512), 100, np.uint8)
    alignment = placed(2.0, 10.0, middle)
    assert cut(flat, alignment).shape == (FACE_PX, FACE_PX, 3)
    made = planes(laid(flat, brighter(50), WHOLE, alignment))[0]
    x, y = (min(511, int(edge)) for edge in middle)
    assert made[y, x] == 150


def test_a_face_outside_the_picture_leaves_it() -> None:
    flat = np.full((512 * 3 // 2, 512), 100, np.uint8)
    made = laid(flat, brighter(50), WHOLE, placed(2.0, 0.0, (2000.0, -900.0)))
    assert np.array_equal(made, flat)
    assert np.array_equal(laid(flat, brighter(50), WHOLE * 0, placed(2.0)), flat)


def test_what_is_finer_than_the_picture_can_show_does_not_shimmer() -> None:
    """Rows that alternate in the square are grey in a picture of two fifths of its size."""
    flat = np.full((512 * 3 // 2, 512), 100, np.uint8)
    stripes = brighter(40)
    stripes[::2] *= -1
    made = laid(flat, stripes, WHOLE, placed(2.5))[:512].astype(int)
    assert np.abs(made - 100).max() <= 4


def test_a_face_larger_than_the_square_is_shown_to_the_network_without_what_would_shimmer() -> None:
    stripes = np.full((512 * 3 // 2, 512), 128, np.uint8)
    stripes[:512:2] = 90
    stripes[1:512:2] = 170
    seen = cut(stripes, placed(0.4))[180:330, 180:330].astype(int)
    assert np.ptp(seen) <= 8
