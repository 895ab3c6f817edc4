from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from bench import clips
from bench.decode import Array
from bench.mouth import find_mouth
from bench.packets import AUDIO_RATE, VIDEO_RATE, PlacedReport
from bench.scenarios.sync import Offsets, analyse
from bench.sync import Signal, arrival_times, loudness, offset, read_clock
from tests.bench.bench_streams import MOUTH, picture_log, report_each_second, sound_log

SECONDS = 16.0
REST_S = 2.0


def _speech() -> Array:
    """(n,) at 48 kHz: rest, then syllables."""
    envelope = clips.syllable_envelope(SECONDS - 2 * REST_S, seed=3)
    voice = clips.vowel(SECONDS - 2 * REST_S) * envelope
    rest = np.zeros(round(REST_S * clips.RATE), np.float32)
    quiet_ends = np.concatenate([rest, voice, rest])
    return np.repeat(quiet_ends, AUDIO_RATE // clips.RATE).astype(np.float32)


def _openness(samples: Array) -> Array:
    """(n,) for each 40 ms: how loud they are, 1 at most."""
    power = (samples.reshape(-1, AUDIO_RATE // 25) ** 2).mean(axis=1)
    return np.asarray(np.sqrt(power) / np.sqrt(power).max(), np.float32)


def _ticks_s(count: int) -> npt.NDArray[np.float64]:
    return np.asarray(np.arange(count) * 0.04, np.float64)


def _mouth_signal(samples: Array, late_s: float) -> Signal:
    values = _openness(samples)
    return Signal(_ticks_s(len(values)) + late_s, values)


@pytest.mark.parametrize("late_ms", [-120.0, -23.0, 0.0, 7.0, 61.5])
def test_a_known_offset_is_found_within_a_millisecond(late_ms: float) -> None:
    samples = _speech()

    found = [
        offset(_mouth_signal(samples, late_ms / 1000), loudness(samples), start_s).picture_minus_sound_ms
        for start_s in (2.5, 6.0, 9.0)
    ]

    assert found == pytest.approx([late_ms] * 3, abs=1.0)


def test_a_mouth_that_moves_against_nothing_fits_badly() -> None:
    samples = _speech()
    other = np.random.default_rng(0).random(400).astype(np.float32)

    found = offset(Signal(_ticks_s(400), other), loudness(samples), 4.0)

    assert found.correlation < 0.4


def test_loudness_of_a_moment_is_that_of_the_40_ms_it_begins() -> None:
    samples = np.zeros(AUDIO_RATE, np.float32)
    samples[AUDIO_RATE // 2 :] = 0.5

    heard = loudness(samples)

    assert heard.values[459] == 0
    assert heard.values[480] == pytest.approx(0.5 * np.sqrt(0.5), abs=0.001)
    assert heard.values[500] == pytest.approx(0.5)


def test_a_clock_is_the_middle_of_its_reports_and_tells_how_they_differ() -> None:
    reports = [PlacedReport(100.0 + n + error, n * VIDEO_RATE) for n, error in enumerate([0, 0.002, -0.001])]

    clock = read_clock([PlacedReport(0.0, 0), *reports], VIDEO_RATE)

    assert clock is not None
    assert clock.origin_s == pytest.approx(100.0, abs=1e-6)
    assert clock.wander_ms == pytest.approx(3.0, abs=1e-3)
    assert clock.time_s(np.array([45_000.0]))[0] == pytest.approx(100.5)


def test_without_reports_there_is_no_clock() -> None:
    assert read_clock([], VIDEO_RATE) is None


def test_a_moment_arrives_with_its_packet_and_as_far_into_it() -> None:
    times_s = np.array([0.005, 0.02, 0.035])

    arrived = arrival_times(times_s, np.array([0.0, 0.02]), np.array([50.0, 50.1]))

    assert arrived == pytest.approx([50.005, 50.1, 50.115])


def test_moments_never_arrive_before_earlier_ones() -> None:
    arrived = arrival_times(np.array([0.019, 0.02]), np.array([0.0, 0.02]), np.array([50.1, 50.1]))

    assert arrived == pytest.approx([50.119, 50.119])


def test_the_mouth_is_found_beside_a_swaying_body_and_opens_upwards() -> None:
    random = np.random.default_rng(1)
    times_s = _ticks_s(400)
    speaking = (times_s > 4) & (times_s < 12)
    opened = np.where(speaking, 0.5 + 0.5 * np.sin(times_s * 20), 0)
    blocks = random.normal(100, 0.3, (400, 20, 20)).astype(np.float32)
    blocks[:, 2:6, 2:18] += 40 * np.sin(times_s * 1.5)[:, None, None]
    blocks[:, 12:14, 8:12] -= 50 * opened[:, None, None]

    mouth = find_mouth(blocks, times_s, speaking)

    assert mouth is not None
    assert mouth.box_px == (64, 96, 96, 112)
    assert np.corrcoef(mouth.openness[speaking], opened[speaking])[0, 1] > 0.95


def test_a_still_picture_has_no_mouth() -> None:
    times_s = _ticks_s(100)

    assert find_mouth(np.zeros((100, 4, 4), np.float32), times_s, times_s > 2) is None


def _run(video_late_s: float, declared_late_s: float) -> tuple[Offsets, Offsets, tuple[int, int, int, int]]:
    """A whole run through Opus and VP8: declared and arrived offsets, and where the mouth was."""
    samples = _speech()
    audio = sound_log(samples, 100.0, 2**32 - 40_000)
    video = picture_log(_openness(samples), 100.0 + video_late_s, 2**32 - 90_000)
    report_each_second(audio, AUDIO_RATE, 100.0, 5000.0)
    report_each_second(video, VIDEO_RATE, 100.0 + video_late_s, 5000.0 + declared_late_s)
    found = analyse(audio, video)
    assert found.declared is not None
    assert found.arrived is not None
    return found.declared, found.arrived, found.mouth_box_px


def test_declared_and_arrived_offsets_are_found_through_codecs_wraps_and_reports() -> None:
    declared, arrived, box_px = _run(video_late_s=0.05, declared_late_s=-0.03)

    # Opus plays what it is given 6.5 ms later, so the picture is as much earlier
    assert declared.median_ms == pytest.approx(-36.5, abs=1.0)
    assert arrived.median_ms == pytest.approx(43.5, abs=1.0)
    assert (declared.windows, declared.windows_without_fit) == (20, 0)
    top, bottom, left, right = MOUTH
    assert box_px == (left, top, right, bottom)
