import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.audio.silence import SilenceTrim
from livetalk.types import Int16Array


def sound(before: int, after: int) -> Int16Array:
    burst = [5_000, 0, 0, 0, -5_000] * 20
    return np.array([*[3] * before, *burst, *[2] * after], np.int16)


def trimmed(pcm: Int16Array, sizes: list[int], lead: int = 10, tail: int = 50) -> tuple[Int16Array, int]:
    trim = SilenceTrim(lead, tail)
    pieces = [trim.push(piece) for piece in np.split(pcm, np.cumsum(sizes))]
    return np.concatenate([*pieces, trim.flush()]), trim.dropped


@given(st.integers(0, 300), st.integers(0, 300), st.lists(st.integers(0, 60), max_size=10))
def test_silence_is_trimmed_the_same_however_the_sound_is_cut(
    before: int, after: int, sizes: list[int]
) -> None:
    out, dropped = trimmed(sound(before, after), sizes)
    lead = min(before, 10)
    assert dropped == before - lead
    np.testing.assert_array_equal(out[: lead + 100], sound(lead, 0))
    assert len(out) == lead + 100 + 50
    assert np.abs(out[lead + 100 :]).max() <= 2


@pytest.mark.parametrize("samples", [0, 5, 500])
def test_silence_alone_comes_to_nothing(samples: int) -> None:
    assert len(trimmed(np.zeros(samples, np.int16), [3, 100])[0]) == 0
