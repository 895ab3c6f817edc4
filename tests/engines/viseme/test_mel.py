"""Log-mel frames."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.engines.viseme.mel import BANDS, HOP, LEAD, SILENT_FRAME, SPAN, log_mel
from livetalk.types import SAMPLE_RATE, Int16Array


def tone(hertz: float, seconds: float = 0.5, peak: float = 10_000) -> Int16Array:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


def loudest_band(hertz: float) -> int:
    return int(log_mel(tone(hertz)).mean(axis=0).argmax())


def test_n_frames_need_n_minus_one_hops_and_a_span() -> None:
    assert log_mel(np.zeros(HOP * 6 + SPAN, np.int16)).shape == (7, BANDS)
    assert log_mel(np.zeros(HOP * 7 + SPAN - 1, np.int16)).shape == (7, BANDS)


def test_a_sound_shorter_than_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 400 samples, got 399"):
        log_mel(np.zeros(SPAN - 1, np.int16))


def test_digital_silence_is_the_silent_frame() -> None:
    assert (log_mel(np.zeros(SPAN, np.int16)) == SILENT_FRAME).all()


def test_rounding_noise_of_16_bits_is_still_silence() -> None:
    dither = np.random.default_rng(1).integers(-1, 2, SAMPLE_RATE).astype(np.int16)
    assert np.abs(log_mel(dither) - SILENT_FRAME).max() < 0.05


def test_higher_tones_are_loudest_in_higher_bands() -> None:
    bands = [loudest_band(hertz) for hertz in (120, 300, 800, 2000, 4000, 7000)]
    assert bands == sorted(set(bands))


def test_a_tone_of_1000_hz_is_loudest_where_the_mel_scale_puts_it() -> None:
    lowest, highest, at = 2595 * np.log10(1 + np.array([60, 7600, 1000]) / 700)
    assert loudest_band(1000) == round((at - lowest) / (highest - lowest) * (BANDS + 1)) - 1


def test_ten_times_the_amplitude_is_a_hundred_times_the_energy() -> None:
    quiet, loud = log_mel(tone(500, peak=2000)), log_mel(tone(500, peak=20_000))
    band = loudest_band(500)
    assert loud[:, band] - quiet[:, band] == pytest.approx(np.log(100), abs=0.01)


def test_a_frame_is_centred_on_its_own_ten_milliseconds() -> None:
    pcm = np.zeros(HOP * 20 + 2 * LEAD, np.int16)
    own = slice(LEAD + 10 * HOP, LEAD + 11 * HOP)
    pcm[own] = np.random.default_rng(2).integers(-9000, 9000, HOP)
    energy = log_mel(pcm).mean(axis=1)
    assert energy.argmax() == 10
    assert energy[9] == pytest.approx(energy[11], abs=0.6)
    assert (np.abs(energy - SILENT_FRAME[0]) > 1e-3).sum() == 3
