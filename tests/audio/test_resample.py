import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.audio.resample import StreamResampler
from livetalk.types import Int16Array

RATES = [
    (22_050, 16_000),
    (24_000, 16_000),
    (48_000, 16_000),
    (44_100, 16_000),
    (8_000, 16_000),
    (16_000, 48_000),
]


def noise(samples: int) -> Int16Array:
    return np.random.default_rng(1).integers(-20_000, 20_000, samples).astype(np.int16)


def resample(pcm: Int16Array, rates: tuple[int, int], sizes: list[int]) -> Int16Array:
    resampler = StreamResampler(*rates)
    pieces = [resampler.push(piece) for piece in np.split(pcm, np.cumsum(sizes))]
    return np.concatenate([*pieces, resampler.flush()])


@settings(max_examples=40, deadline=None)
@given(rates=st.sampled_from(RATES), sizes=st.lists(st.integers(0, 1500), max_size=12))
def test_a_stream_equals_the_whole_bit_by_bit_however_it_is_cut(
    rates: tuple[int, int], sizes: list[int]
) -> None:
    pcm = noise(sum(sizes) + 500)
    np.testing.assert_array_equal(resample(pcm, rates, sizes), resample(pcm, rates, []))


@settings(max_examples=60, deadline=None)
@given(rates=st.sampled_from(RATES), samples=st.integers(0, 5000))
def test_as_many_samples_come_out_as_the_rates_say(rates: tuple[int, int], samples: int) -> None:
    exact = samples * rates[1] / rates[0]
    assert abs(len(resample(noise(samples), rates, [])) - exact) <= 1


def test_equal_rates_give_the_samples_themselves() -> None:
    pcm = noise(1000)
    np.testing.assert_array_equal(resample(pcm, (16_000, 16_000), [3, 400]), pcm)


def test_a_tone_keeps_its_pitch_and_its_level() -> None:
    tone = (10_000 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)).astype(np.int16)
    expected = 10_000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(resample(tone, (22_050, 16_000), [])[100:-100], expected[100:-100], atol=20)


def test_after_a_flush_the_next_stream_begins_from_silence() -> None:
    resampler = StreamResampler(24_000, 16_000)
    pcm = noise(3000)
    first = np.concatenate([resampler.push(pcm), resampler.flush()])
    second = np.concatenate([resampler.push(pcm), resampler.flush()])
    np.testing.assert_array_equal(first, second)
    assert len(resampler.flush()) == 0


@pytest.mark.parametrize("dtype", [np.int16, np.dtype("<i2")])
def test_what_comes_out_is_int16(dtype: np.dtype[np.int16]) -> None:
    resampler = StreamResampler(22_050, 16_000)
    assert resampler.push(np.zeros(100, dtype)).dtype == np.int16
    assert resampler.flush().dtype == np.int16
