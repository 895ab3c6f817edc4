"""Sizes that are one size, and courses without tremble."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from livetalk.steady.scale_lock import PLACE_FRAMES, SLACK, STILL, follow, lock_scale, to_pixels

Values = npt.NDArray[np.float64]


def tremble(values: Values) -> float:
    """Standard deviation of the acceleration, pixels."""
    return float(np.diff(values, 2, axis=0).std())


def noise(frames: int, pixels: float) -> Values:
    return np.random.default_rng(5).normal(0, pixels, (frames, 2))


def test_sizes_that_vary_little_are_their_median() -> None:
    sizes = np.array([200.0, 250.0]) + noise(60, 4)
    locked = lock_scale(sizes)
    assert np.array_equal(locked, np.broadcast_to(np.median(sizes, axis=0), (60, 2)))


def test_a_head_that_comes_nearer_keeps_its_growth_and_loses_its_tremble() -> None:
    true = np.linspace((150, 180), (300, 360), 100)
    locked = lock_scale(true + noise(100, 3))
    assert tremble(locked) < tremble(noise(100, 3)) / 20
    assert np.abs(locked - true).max() < 5


def test_width_and_height_are_judged_each_by_itself() -> None:
    sizes = np.column_stack((np.full(50, 200.0), np.linspace(200, 400, 50)))
    locked = lock_scale(sizes)
    assert np.ptp(locked[:, 0]) == 0
    assert np.allclose(locked[:, 1], sizes[:, 1])


@pytest.mark.parametrize(("span", "same"), [(STILL * 0.9, True), (STILL * 1.3, False)])
def test_how_much_is_little_can_be_told(span: float, same: bool) -> None:
    sizes = np.tile(np.linspace(1 - span / 2, 1 + span / 2, 201)[:, None], 2) * 100
    assert (np.ptp(lock_scale(sizes)) == 0) == same
    assert np.ptp(lock_scale(sizes, still=9)) == 0


def test_one_picture_far_off_does_not_make_the_size_vary() -> None:
    sizes = np.full((60, 2), 100.0)
    sizes[30] = 180
    assert np.all(lock_scale(sizes) == 100)


def test_a_parabola_is_followed_exactly_to_its_very_ends() -> None:
    time = np.arange(40.0)[:, None]
    course = np.hstack((3 + 2 * time - 0.1 * time**2, 100 - time))
    assert np.allclose(follow(course), course)


def test_tremble_is_taken_from_a_course_without_lag() -> None:
    time = np.arange(100)[:, None]
    true = 200 + 30 * np.sin(time / 15 + np.array([0, 1]))
    followed = follow(true + noise(100, 1))
    assert tremble(followed - true) < tremble(noise(100, 1)) / 3
    shifts = [float(np.abs(np.roll(true, lag, 0) - followed)[10:-10].mean()) for lag in (-1, 0, 1)]
    assert min(shifts) == shifts[1]


@pytest.mark.parametrize("frames", range(1, PLACE_FRAMES + 3))
def test_a_loop_however_short_is_followed(frames: int) -> None:
    course = np.arange(2.0 * frames).reshape(frames, 2)
    assert np.allclose(follow(course), course)
    assert follow(course) is not course


def test_whole_pixels_do_not_flicker_between_two() -> None:
    course = 10.5 + np.tile((0.1, -0.1), 20)[:, None]
    assert len(np.unique(np.rint(course))) == 2
    assert len(np.unique(to_pixels(course))) == 1


def test_whole_pixels_are_never_further_off_than_the_slack() -> None:
    course = np.cumsum(noise(300, 0.4), axis=0)
    whole = to_pixels(course)
    assert whole.dtype.kind == "i"
    assert np.abs(whole - course).max() <= SLACK
    assert np.count_nonzero(np.diff(whole, axis=0)) < np.count_nonzero(np.diff(np.rint(course), axis=0))
