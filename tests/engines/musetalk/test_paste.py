from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.engines.musetalk.blend import blend, resize_face
from livetalk.engines.musetalk.boxes import FACE_PX, Box, crop_box
from livetalk.engines.musetalk.membrane import small
from livetalk.engines.musetalk.paste import Face, Place, paste, prepare, prepare_turned, with_edge
from livetalk.engines.musetalk.turned import TurnedBox, as_turned, cut_turned, inverse, moved
from livetalk.types import Picture, planes

GOLDENS = Path(__file__).parent / "goldens"
Bgr = npt.NDArray[np.uint8]


def i420(picture: Bgr) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)


def smooth(height: int, width: int, seed: int) -> Bgr:
    """A picture without fine detail, so that half-size colours can show it."""
    coarse = np.random.default_rng(seed).integers(30, 220, (5, 5, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def grain(height: int, width: int) -> Bgr:
    """Grey, of every grain that there is."""
    grey = np.random.default_rng(4).normal(128, 400, (height, width)).clip(-800, 1000)
    soft = cv2.GaussianBlur(grey, (0, 0), 2.5)
    return np.repeat(np.rint(soft).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def soft_mask(around: Box) -> Bgr:
    rows, columns = np.mgrid[: around.height, : around.width] / (around.height - 1) - 0.5
    return np.asarray(np.clip(600 * (0.45 - np.hypot(rows, columns)), 0, 255), np.uint8)


@pytest.mark.parametrize(
    "box",
    [
        Box(100, 60, 220, 200),
        Box(101, 61, 220, 199),
        Box(-30, 20, 70, 130),
        Box(250, 180, 340, 290),
        Box(40, -25, 120, 60),
    ],
    ids=["inside", "odd edges", "left", "right and bottom", "top"],
)
def test_a_face_is_laid_as_the_reference_does_it(box: Box) -> None:
    frame, face = smooth(240, 320, 1), smooth(FACE_PX, FACE_PX, 2)
    around = crop_box(box)
    mask = soft_mask(around)
    expected = i420(blend(frame, resize_face(face, box), box, mask, around))
    picture = i420(frame)
    paste(picture, Face(i420(face)), prepare(box, mask, around, (320, 240)))
    difference = np.abs(picture.astype(int) - expected)
    assert np.percentile(difference, 99.9) <= 6
    assert difference.max() <= 16, "colours at an odd edge lie half in, half out"
    assert difference.mean() < 0.3
    assert np.abs(expected.astype(int) - i420(frame)).max() > 20, "the face is seen"


def test_what_the_mask_does_not_reach_stays_to_the_bit() -> None:
    frame = smooth(240, 320, 1)
    box = Box(101, 61, 220, 199)
    around = crop_box(box)
    place = prepare(box, soft_mask(around), around, (320, 240))
    picture = i420(frame)
    paste(picture, Face(i420(smooth(FACE_PX, FACE_PX, 2))), place)
    for now, before, half in zip(
        (planes(picture)[0], *planes(picture)[1]),
        (planes(i420(frame))[0], *planes(i420(frame))[1]),
        (1, 2, 2),
        strict=True,
    ):
        changed = np.argwhere(now != before) * half
        assert (changed >= (place.inner.top, place.inner.left)).all()
        assert (changed < (place.inner.bottom, place.inner.right)).all()


def test_a_face_of_no_share_leaves_the_picture_as_it_is_and_half_a_share_is_between() -> None:
    frame, face = smooth(240, 320, 1), i420(smooth(FACE_PX, FACE_PX, 2))
    box = Box(100, 60, 220, 200)
    around = crop_box(box)
    place = prepare(box, soft_mask(around), around, (320, 240))
    pictures = []
    for share in (0.0, 0.5, 1.0):
        picture = i420(frame)
        paste(picture, Face(face, share), place)
        pictures.append(picture.astype(int))
    none, half, whole = pictures
    assert np.array_equal(none, i420(frame))
    assert np.abs(half - (none + whole) / 2).max() <= 2


def test_an_empty_mask_and_a_box_outside_the_picture_change_nothing() -> None:
    frame = smooth(240, 320, 1)
    for box, level in ((Box(100, 60, 220, 200), 0), (Box(400, 300, 500, 400), 255)):
        around = crop_box(box)
        mask = np.full((around.height, around.width), level, np.uint8)
        picture = i420(frame)
        paste(picture, Face(i420(smooth(FACE_PX, FACE_PX, 2))), prepare(box, mask, around, (320, 240)))
        assert np.array_equal(picture, i420(frame))


def turned_place(box: TurnedBox, size: tuple[int, int] = (320, 240)) -> Place:
    around = crop_box(box.upright)
    return prepare_turned(box, soft_mask(around), around, size)


@pytest.mark.parametrize("box", [Box(100, 60, 220, 200), Box(-30, 20, 70, 130), Box(250, 180, 340, 290)])
def test_a_face_that_is_turned_by_nothing_is_laid_as_an_upright_one(box: Box) -> None:
    frame, face = smooth(240, 320, 1), Face(i420(smooth(FACE_PX, FACE_PX, 2)))
    around = crop_box(box)
    upright, turned = i420(frame), i420(frame)
    paste(upright, face, prepare(box, soft_mask(around), around, (320, 240)))
    paste(turned, face, turned_place(as_turned(box)))
    difference = np.abs(upright.astype(int) - turned)
    assert difference.mean() < 0.1
    assert np.percentile(difference, 99.5) <= 3


@pytest.mark.parametrize("tilt", [0.0, 0.2, -0.7, 3.0])
@pytest.mark.parametrize("place", [(160.25, 120.5), (158.7, 119.1)])
def test_a_face_laid_back_where_it_was_cut_from_is_the_picture(
    tilt: float, place: tuple[float, float]
) -> None:
    frame = grain(240, 320)
    box = TurnedBox(*place, 96.4, 118.9, tilt)
    picture = i420(frame)
    paste(picture, Face(i420(cut_turned(frame, box))), turned_place(box))
    error = picture.astype(float) - i420(frame)
    assert 10 * np.log10(255**2 / (error**2).mean()) > 52
    elsewhere = i420(frame)
    paste(elsewhere, Face(i420(cut_turned(frame, box))), turned_place(replace(box, x=box.x + 0.5)))
    slipped = elsewhere.astype(float) - i420(frame)
    assert (slipped**2).mean() > 5 * (error**2).mean(), "half a pixel is seen"


def test_a_turned_face_changes_nothing_outside_its_box_nor_where_the_mask_hides_it() -> None:
    frame = smooth(240, 320, 1)
    box = TurnedBox(160.3, 120.8, 80, 130, 0.4)
    around = crop_box(box.upright)
    bright = np.full((around.height, around.width), 255, np.uint8)
    bright[: around.height // 2] = 0
    picture = i420(frame)
    face = np.full((FACE_PX * 3 // 2, FACE_PX), 255, np.uint8)
    paste(picture, Face(face), prepare_turned(box, bright, around, (320, 240)))
    changed = np.argwhere(picture[:240] != i420(frame)[:240])[:, ::-1].astype(np.float64)
    across, down = moved(changed + 0.5, inverse(box.from_unit())).T
    assert len(changed) == pytest.approx(80 * 65, rel=0.05)
    assert (across.min(), across.max()) == pytest.approx((0, 1), abs=0.03)
    assert (down.min(), down.max()) == pytest.approx((0.5, 1), abs=0.03)


def test_a_turned_face_outside_the_picture_or_hidden_changes_nothing() -> None:
    frame = smooth(240, 320, 1)
    face = Face(i420(smooth(FACE_PX, FACE_PX, 2)))
    box = TurnedBox(160.3, 120.8, 80, 130, 0.4)
    hidden = np.zeros((195, 195), np.uint8)
    for place in (
        turned_place(TurnedBox(500, 400, 80, 130, 0.4)),
        prepare_turned(box, hidden, crop_box(box.upright), (320, 240)),
    ):
        picture = i420(frame)
        paste(picture, face, with_edge(place, small(face.picture)))
        assert np.array_equal(picture, i420(frame))


@pytest.mark.parametrize("turned", [False, True])
def test_the_edge_is_where_the_mask_fades_in_the_faces_own_picture(turned: bool) -> None:
    box = Box(150, 40, 250, 168)
    around = crop_box(box)
    ramp = np.clip(np.arange(around.height) - around.height / 2 + 8, 0, 16) / 16
    mask = np.repeat(np.rint(255 * ramp).astype(np.uint8)[:, None], around.width, axis=1)
    if turned:
        place = prepare_turned(replace(as_turned(box), tilt=0.3), *upright_of(box, mask), (320, 240))
    else:
        place = prepare(box, mask, around, (320, 240))
    edge = with_edge(place, np.zeros((32, 32, 3), np.uint8)).edge
    assert edge is not None
    rows, columns = np.divmod(edge.places[edge.weights > 0.3], 32)
    inside = (rows < 31) & (columns > 0) & (columns < 31)
    assert set(rows[inside]) <= {14, 15, 16, 17}
    assert inside.sum() >= 4 * 28


def upright_of(box: Box, mask: Bgr) -> tuple[Bgr, Box]:
    return mask, crop_box(box).moved(box.left, box.top)


@pytest.mark.parametrize("turned", [False, True])
def test_a_face_of_another_light_is_matched_with_the_body(turned: bool) -> None:
    frame = smooth(240, 320, 1)
    box = TurnedBox(160.5, 120.5, 97, 119, 0.3) if turned else as_turned(Box(112, 61, 209, 180))
    own = i420(cut_turned(frame, box))
    if turned:
        place = turned_place(box)
    else:
        upright = Box(112, 61, 209, 180)
        around = crop_box(upright)
        place = prepare(upright, soft_mask(around), around, (320, 240))
    columns = np.linspace(-12, 12, FACE_PX)
    lit = own.copy()
    lit[:FACE_PX] = np.clip(lit[:FACE_PX] + np.rint(18 + columns), 0, 255)
    lit[FACE_PX:] = np.clip(lit[FACE_PX:].astype(int) - 9, 0, 255)
    errors = []
    for at in (place, with_edge(place, small(own))):
        picture = i420(frame)
        paste(picture, Face(lit), at)
        errors.append(np.abs(picture.astype(int) - i420(frame)).mean())
    assert errors[1] < errors[0] / 15
