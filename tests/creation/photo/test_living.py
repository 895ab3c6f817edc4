"""A drawn photo brought to life, and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.creation.photo import Living, living
from livetalk.creation.photo.eye import LEFT, RIGHT
from livetalk.creation.photo.pose import OVAL
from livetalk.types import Float32Array, Picture, frozen, planes
from tests.creation.photo.drawn import DOTS, Drawn, opening

PERSON = Drawn()


@cache
def loop_of(drawn: Drawn, seed: int = 0) -> tuple[Living, tuple[Picture, ...]]:
    found = living(frozen(drawn.picture()), drawn.mesh(), seed)
    return found, tuple(found.pictures())


def openings(meshes: Float32Array) -> npt.NDArray[np.float64]:
    """(frames, 2): of the left and the right eye, as a share of what they are when open."""
    found = np.array([[opening(mesh, eye) for eye in (LEFT, RIGHT)] for mesh in meshes])
    return np.asarray(found / found.max(axis=0))


def eyes_white(picture: Picture, mesh: Float32Array) -> int:
    """Pixels about both eyes that are brighter than skin."""
    luma = planes(picture)[0]
    left, top = mesh[[*LEFT[0], *RIGHT[0]], :2].min(axis=0).astype(int) - 8
    right, down = mesh[[*LEFT[1], *RIGHT[1]], :2].max(axis=0).astype(int) + 8
    return int((luma[top:down, left:right] > 200).sum())


def dark_middle(luma: Picture, place: Float32Array, reach: int) -> Float32Array:
    """The middle of the dark dot nearby, to a part of a pixel."""
    x, y = np.rint(place).astype(int)
    part = luma[y - reach : y + reach + 1, x - reach : x + reach + 1].astype(np.float64)
    weight = np.clip(part.max() - 15 - part, 0, None)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    found = np.array([x + (weight * columns).sum() / weight.sum(), y + (weight * rows).sum() / weight.sum()])
    return found.astype(np.float32)


def test_the_loop_is_eight_seconds_and_leads_back_into_its_start() -> None:
    found, pictures = loop_of(PERSON)
    assert found.frames == len(pictures) == len(found.meshes) == 200
    jaw = found.meshes[:, list(OVAL), :2]
    steps = np.abs(np.roll(jaw, -1, axis=0) - jaw).max(axis=(1, 2))
    assert steps[-1] <= steps[:-1].max()
    assert steps.max() < 0.4
    open_eyed = np.flatnonzero(openings(found.meshes).min(axis=1) > 0.98)
    pairs = [frame for frame in open_eyed if frame + 1 in open_eyed]
    changes = [cv2.norm(pictures[each], pictures[each + 1], cv2.NORM_L1) for each in pairs]
    assert cv2.norm(pictures[-1], pictures[0], cv2.NORM_L1) <= max(changes)
    assert min(changes) > 0


def test_the_head_moves_visibly_and_gently() -> None:
    found, _ = loop_of(PERSON)
    reach = np.ptp(found.meshes[:, list(OVAL), :2], axis=0).max()
    assert 0.02 * PERSON.size < reach < 0.09 * PERSON.size


def test_the_nose_moves_otherwise_than_the_face_s_outline() -> None:
    found, _ = loop_of(PERSON)
    apart = found.meshes[:, 1, 0] - found.meshes[:, [234, 454], 0].mean(axis=1)
    assert 0.005 * PERSON.size < np.ptp(apart) < 0.05 * PERSON.size


def test_the_shoulders_rise_and_fall_with_the_breath() -> None:
    _, pictures = loop_of(PERSON)
    middle = int(PERSON.x)
    top, down = int(PERSON.y + 0.7 * PERSON.size), int(PERSON.y + 0.85 * PERSON.size)
    heights = [planes(each)[0][top:down, middle - 4 : middle + 4].astype(int).sum() for each in pictures]
    still = planes(PERSON.picture())[0][top:down, middle - 4 : middle + 4].astype(int)
    contrast = int(still.max() - still.min())
    assert np.ptp(heights) / 8 / contrast > 0.004 * PERSON.size
    # the wall is brighter than what the person wears
    assert np.mean(heights) < still.sum()


@pytest.mark.parametrize(
    "drawn",
    [
        PERSON,
        replace(PERSON, x=60, y=70),
        replace(PERSON, x=400, y=290, roll=-30),
        replace(PERSON, x=240, y=180, size=340),
        replace(PERSON, size=24),
        replace(PERSON, width=302, height=450, x=150, y=225, size=120, roll=90),
    ],
)
def test_the_borders_do_not_move(drawn: Drawn) -> None:
    found, pictures = loop_of(drawn)
    still = drawn.picture()
    assert np.isfinite(found.meshes).all()
    for picture in pictures[::8]:
        for plane, moved in zip(planes(still), planes(picture), strict=True):
            for edge in (np.s_[..., :2, :], np.s_[..., -2:, :], np.s_[..., :2], np.s_[..., -2:]):
                np.testing.assert_array_equal(plane[edge], moved[edge])


def test_what_is_far_from_the_person_stays_as_it_is() -> None:
    drawn = replace(PERSON, width=800, x=200, size=110)
    _, pictures = loop_of(drawn)
    for picture in pictures[::20]:
        for plane, moved in zip(planes(drawn.picture()), planes(picture), strict=True):
            far = plane.shape[-1] * 5 // 8
            np.testing.assert_array_equal(plane[..., far:], moved[..., far:])


@pytest.mark.parametrize("drawn", [replace(PERSON, dots=True), replace(PERSON, dots=True, roll=25, x=150)])
def test_the_meshes_are_where_the_pixels_are(drawn: Drawn) -> None:
    found, pictures = loop_of(drawn)
    still = planes(drawn.picture())[0]
    seen_at = {point: dark_middle(still, drawn.mesh()[point, :2], 6) for point in DOTS[2:7]}
    moved = 0.0
    for picture, mesh in zip(pictures[::5], found.meshes[::5], strict=True):
        for point, start in seen_at.items():
            seen = dark_middle(planes(picture)[0], mesh[point, :2], 6)
            told = mesh[point, :2] - drawn.mesh()[point, :2]
            assert np.abs(seen - start - told).max() < 0.3
            moved = max(moved, float(np.abs(told).max()))
    assert moved > 1.5


def test_a_blink_closes_the_eyes_and_opens_them_again() -> None:
    found, pictures = loop_of(PERSON)
    opened = openings(found.meshes).max(axis=1)
    shut = int(opened.argmin())
    assert opened[shut] < 0.25
    whites = np.array([eyes_white(each, mesh) for each, mesh in zip(pictures, found.meshes, strict=True)])
    usual = np.median(whites[opened > 0.98])
    assert whites[shut] < 0.04 * usual
    assert (whites[opened > 0.98] > 0.9 * usual).all()
    assert 0.1 * usual < whites[shut + 2] < whites[shut + 4] < usual


def test_no_trace_of_the_iris_is_seen_through_a_shut_lid() -> None:
    found, pictures = loop_of(PERSON)
    shut = int(openings(found.meshes).max(axis=1).argmin())
    x, y = (found.meshes[shut, [LEFT[0][4], LEFT[1][4]], :2].mean(axis=0)).astype(int)
    chroma = planes(pictures[shut])[1].astype(int)
    beside = chroma[:, (y + 20) // 2, x // 2]
    above = chroma[:, (y - 14) // 2 : (y + 8) // 2, (x - 10) // 2 : (x + 10) // 2]
    assert np.abs(above - beside[:, None, None]).max() < 30
    blue = planes(PERSON.picture())[1].astype(int)[:, (y - 14) // 2 : (y + 8) // 2, (x - 10) // 2 : x // 2]
    assert np.abs(blue - beside[:, None, None]).max() > 60


@pytest.mark.parametrize("roll", [0.0, 20.0])
def test_the_lashes_go_with_the_lid(roll: float) -> None:
    found, pictures = loop_of(replace(PERSON, roll=roll))
    shut = int(openings(found.meshes).max(axis=1).argmin())
    for frame in (shut, shut + 2, shut + 3):
        mesh, luma = found.meshes[frame], planes(pictures[frame])[0]
        for upper, lower in (LEFT, RIGHT):
            down = mesh[lower[4], :2] - mesh[upper[4], :2]
            down = down / np.hypot(*down)
            along = mesh[upper[4], :2] + np.arange(-9, 10)[:, None] * down
            seen = luma[tuple(np.rint(along).astype(int).T[::-1])].astype(float)
            assert seen.min() < 70
            dark = np.clip(130 - seen, 0, None)
            assert abs((dark * np.arange(-9, 10)).sum() / dark.sum()) < 2.5


def test_lid_skin_has_the_colour_of_the_skin_around() -> None:
    found, pictures = loop_of(PERSON)
    shut = int(openings(found.meshes).max(axis=1).argmin())
    luma = planes(pictures[shut])[0].astype(int)
    for upper, _ in (LEFT, RIGHT):
        x, y = np.rint(found.meshes[shut, upper[4], :2]).astype(int)
        assert np.abs(luma[y - 8 : y - 4, x - 6 : x + 7] - luma[y + 14, x]).max() < 12


@pytest.mark.parametrize(
    "drawn",
    [
        replace(PERSON, left_open=0.12, right_open=0.12),
        replace(PERSON, left_open=0.12),
        replace(PERSON, eyes=False),
        replace(PERSON, shut=True),
        replace(PERSON, size=46),
        replace(PERSON, y=30),
    ],
    ids=["closed", "a wink", "no eyes", "shut", "tiny", "cut off"],
)
def test_eyes_that_are_not_both_seen_open_do_not_blink(drawn: Drawn) -> None:
    found = living(drawn.picture(), drawn.mesh())
    assert (openings(found.meshes) > 0.95).all()


def test_all_frames_are_about_as_sharp() -> None:
    found, pictures = loop_of(replace(PERSON, grain=5))
    left, top = found.meshes[0, list(OVAL), :2].min(axis=0).astype(int) + 20
    right, down = found.meshes[0, list(OVAL), :2].max(axis=0).astype(int) - 20
    opened = openings(found.meshes).min(axis=1) > 0.98
    faces = [
        planes(each)[0][top:down, left:right] for each, seen in zip(pictures, opened, strict=True) if seen
    ]
    sharp = np.array([np.abs(cv2.Laplacian(each, cv2.CV_32F)).mean() for each in faces])
    assert sharp.max() / sharp.min() < 1.12


def test_a_face_twice_as_large_moves_twice_as_far() -> None:
    small, _ = loop_of(PERSON)
    large = replace(PERSON, width=964, height=724, x=480, y=330, size=300)
    found = living(large.picture(), large.mesh())
    outline = list(OVAL)
    reach = [np.ptp(each.meshes[:, outline, :2], axis=0).mean() for each in (small, found)]
    assert reach[1] / reach[0] == pytest.approx(2, rel=0.1)


def test_a_seed_decides_the_motion() -> None:
    picture, mesh = PERSON.picture(), PERSON.mesh()
    first, again, other = (living(picture, mesh, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.meshes, again.meshes)
    assert np.abs(first.meshes - other.meshes).max() > 1


def test_pictures_are_made_one_by_one_and_can_be_asked_for_again() -> None:
    picture, mesh = PERSON.picture(), PERSON.mesh()
    found = living(picture, mesh)
    pictures = found.pictures()
    assert isinstance(pictures, Iterator)
    first, second = next(pictures), next(pictures)
    np.testing.assert_array_equal(next(found.pictures()), first)
    assert (first != second).any()
    np.testing.assert_array_equal(picture, PERSON.picture())
    np.testing.assert_array_equal(mesh, PERSON.mesh())
