from __future__ import annotations

from dataclasses import replace

import numpy as np

from livetalk.protocols import PlayedFrame, Tick
from livetalk.transports.local.line import SoundLine
from livetalk.transports.local.playhead import Stretch
from livetalk.types import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Float32Array
from tests.transports.local.fakes import tone

STEP_S = 1 / SAMPLE_RATE
HERTZ = 440.0


def tick(number: int, start_s: float = 50.0) -> Tick:
    return Tick(start_s + number * FRAME_S, tone(number, HERTZ), None, None)


def wave(start_s: float, count: int) -> Float32Array:
    made: Float32Array = 0.5 * np.sin(2 * np.pi * HERTZ * (start_s - 50.0 + np.arange(count) * STEP_S))
    return made


def test_sound_is_read_at_the_moments_that_it_is_due() -> None:
    line = SoundLine()
    for number in range(10):
        line.take(tick(number))
    for start_s in (50.1, 50.12345, 50.2):
        np.testing.assert_allclose(line.read(Stretch(start_s, STEP_S), 800), wave(start_s, 800), atol=1e-4)
    assert line.underruns == 0


def test_it_holds_after_a_day_as_at_the_beginning() -> None:
    line = SoundLine()
    day = 24 * 3600 * 25
    for number in range(4):
        line.take(tick(number))
    for number in range(day, day + 10):
        line.take(tick(number))
    start_s = 50.0 + 24 * 3600 + 0.1
    np.testing.assert_allclose(line.read(Stretch(start_s, STEP_S), 800), wave(start_s, 800), atol=1e-3)


def test_ticks_that_were_left_out_are_silent() -> None:
    line = SoundLine()
    for number in (0, 1, 2, 20, 21, 22):
        line.take(tick(number))
    assert not line.read(Stretch(50.14, STEP_S), SAMPLE_RATE // 2).any()
    np.testing.assert_allclose(line.read(Stretch(50.82, STEP_S), 800), wave(50.82, 800), atol=1e-4)


def test_ticks_that_were_left_out_are_silent_also_where_old_sound_was_held() -> None:
    line = SoundLine()
    for number in [*range(150), *range(175, 180)]:
        line.take(tick(number))
    assert not line.read(Stretch(50.0 + 152 * FRAME_S, STEP_S), 20 * FRAME_SAMPLES).any()


def test_old_sound_is_overwritten_by_silence_and_new_sound() -> None:
    line = SoundLine()
    for number in range(300):
        line.take(tick(number))
    assert not line.read(Stretch(50.5, STEP_S), 800).any()
    np.testing.assert_allclose(line.read(Stretch(61.0, STEP_S), 800), wave(61.0, 800), atol=1e-4)


def test_sound_that_is_not_there_in_time_is_silent_and_counted_once() -> None:
    line = SoundLine()
    assert not line.read(Stretch(50.0, STEP_S), 800).any()
    assert line.underruns == 0, "nothing has come yet"
    for number in range(3):
        line.take(tick(number))
    line.read(Stretch(50.0, STEP_S), 640)
    for _ in range(3):
        assert not line.read(Stretch(50.14, STEP_S), 640).any()
    assert line.underruns == 1
    for number in range(3, 8):
        line.take(tick(number))
    line.read(Stretch(50.1, STEP_S), 640)
    line.read(Stretch(50.3, STEP_S), 640)
    assert line.underruns == 2


def test_sound_that_is_too_loud_between_its_samples_is_held_within_bounds() -> None:
    line = SoundLine()
    square = np.where(np.arange(FRAME_SAMPLES) // 3 % 2, 32767, -32768).astype(np.int16)
    for number in range(4):
        base = tick(number)
        line.take(replace(base, frame=PlayedFrame(number, base.frame.picture, square)))
    made = line.read(Stretch(50.05, STEP_S / 3), 1000)
    assert np.abs(made).max() == 1
