"""The curves of the loop: smooth, closed, irregular."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livetalk.creation.photo.motion import AMPLITUDES, BLINK, BLINK_MARGIN, FRAMES, blinks, curves
from livetalk.types import Float32Array


def starts(closed: Float32Array) -> npt.NDArray[np.intp]:
    return np.flatnonzero((closed > 0) & (np.roll(closed, 1) == 0))


def test_a_curve_goes_on_over_the_loops_end_as_smoothly_as_anywhere() -> None:
    for seed in range(20):
        loop = curves(np.random.default_rng(seed)) / AMPLITUDES
        speed = np.diff(loop, axis=0, append=loop[:1])
        bend = np.diff(speed, axis=0, append=speed[:1])
        assert (np.abs(speed[-1]) <= np.abs(speed[:-1]).max(axis=0) + 1e-6).all()
        assert np.abs(bend).max() < 0.02


def test_no_movement_is_larger_than_its_amplitude() -> None:
    for seed in range(20):
        assert (np.abs(curves(np.random.default_rng(seed))) <= np.multiply(AMPLITUDES, 1.001)).all()


def test_blinks_are_two_or_three_irregular_and_away_from_the_loops_ends() -> None:
    gaps = set()
    for seed in range(50):
        closed = blinks(np.random.default_rng(seed))
        begun = starts(closed)
        assert len(begun) in (2, 3)
        assert begun[0] >= BLINK_MARGIN
        assert begun[-1] + len(BLINK) <= FRAMES - BLINK_MARGIN
        assert (np.diff(begun) > len(BLINK)).all()
        gaps.update(np.diff(begun).tolist())
    assert len(gaps) > 10
