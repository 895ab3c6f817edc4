from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from livetalk.audio.fractional import Interpolator
from livetalk.types import SAMPLE_RATE, Float32Array

INTERPOLATOR = Interpolator()
STEPS = {"48 kHz": 1 / 3, "48 kHz, 5000 ppm off": 1.005 / 3, "44.1 kHz": 16 / 44.1, "16 kHz": 1.0}


def sine(hertz: float, places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    made: npt.NDArray[Any] = np.sin(2 * np.pi * hertz * places / SAMPLE_RATE)
    return made


def read(samples: Float32Array, position: float, step: float, count: int) -> Float32Array:
    first, needed = INTERPOLATOR.span(position, step, count)
    return INTERPOLATOR.read(samples[first : first + needed], position - first, step, count)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
@pytest.mark.parametrize("hertz", [60, 440, 1000, 3000, 5000, 7000])
def test_a_tone_read_between_its_samples_is_that_tone_at_its_time(hertz: float, step: float) -> None:
    samples = sine(hertz, np.arange(SAMPLE_RATE, dtype=np.float64)).astype(np.float32)
    places = 100.3 + step * np.arange(9600)
    error = read(samples, 100.3, step, 9600) - sine(hertz, places)
    assert 10 * np.log10(0.5 / np.mean(error**2)) > 85


def test_sound_read_in_blocks_of_any_size_is_the_sound_read_at_once() -> None:
    random = np.random.default_rng(0)
    samples = random.uniform(-1, 1, 4000).astype(np.float32)
    step = 1.0002 / 3
    whole = read(samples, 50.0, step, 9000)
    cuts = [0, 1, 7, 480, 1440, 1441, 5000, 9000]
    pieces = [read(samples, 50.0 + step * begin, step, end - begin) for begin, end in pairwise(cuts)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-5)


def test_silence_and_a_constant_stay_what_they_are() -> None:
    assert not read(np.zeros(500, np.float32), 60.5, 0.37, 900).any()
    np.testing.assert_allclose(read(np.full(500, 0.5, np.float32), 60.5, 0.37, 900), 0.5, atol=1e-6)


def test_an_impulse_is_read_where_it_is_and_not_later() -> None:
    samples = np.zeros(200, np.float32)
    samples[100] = 1
    read_at = 90 + 0.1 * np.arange(200)
    assert read_at[np.argmax(read(samples, 90, 0.1, 200))] == pytest.approx(100, abs=0.05)
