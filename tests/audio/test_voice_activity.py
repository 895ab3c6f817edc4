from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.audio.voice_activity import (
    FLOOR_CHUNKS,
    ONSET_WITHIN,
    PRE_ROLL_CHUNKS,
    QUIET_CHUNKS,
    VoiceActivity,
    loudness_db,
)
from livetalk.types import CHUNK_SAMPLES, SAMPLE_RATE, Int16Array

ROOM_DB = -65.0


def noise(chunks: int, level_db: float, seed: int = 0) -> Int16Array:
    """So many chunks of even noise, so loud below full scale."""
    made = np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_db / 20), chunks * CHUNK_SAMPLES)
    return made.clip(-32768, 32767).astype(np.int16)


def word(chunks: int, level_db: float = -20.0) -> Int16Array:
    """A voice of 150 Hz and its harmonics, that rises and falls in 20 ms."""
    time = np.arange(chunks * CHUNK_SAMPLES) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 8))
    shape = np.minimum(1, np.minimum(time, time[::-1]) / 0.02)
    return (wave * shape * 32768 * 10 ** (level_db / 20)).astype(np.int16)


def sound(*parts: Int16Array, room_db: float = ROOM_DB) -> Int16Array:
    """The parts one after the other, in a room that is never quite quiet."""
    whole = np.concatenate(parts)
    return (whole + noise(len(whole) // CHUNK_SAMPLES, room_db, seed=1)).astype(np.int16)


def still(chunks: int) -> Int16Array:
    """Nothing."""
    return np.zeros(chunks * CHUNK_SAMPLES, np.int16)


def stretches(pcm: Int16Array, activity: VoiceActivity | None = None) -> list[Int16Array]:
    """The stretches of voice in a sound."""
    activity = activity or VoiceActivity()
    found: list[list[Int16Array]] = []
    for chunk in pcm.reshape(-1, CHUNK_SAMPLES):
        was_active = activity.active
        voice = activity.push(chunk)
        if voice and not was_active:
            found.append([])
        if voice:
            found[-1].extend(voice)
    return [np.concatenate(each) for each in found]


def place(part: Int16Array, whole: Int16Array) -> int:
    """The chunk of the whole at which the part begins."""
    chunks = len(part) // CHUNK_SAMPLES
    for begin in range(len(whole) // CHUNK_SAMPLES - chunks + 1):
        if np.array_equal(whole[begin * CHUNK_SAMPLES : (begin + chunks) * CHUNK_SAMPLES], part):
            return begin
    raise AssertionError("no part of it")


@pytest.mark.parametrize("level_db", [-90.0, -65.0, -50.0, -35.0, -20.0])
def test_an_even_noise_is_no_voice_however_loud_the_room(level_db: float) -> None:
    assert stretches(noise(500, level_db)) == []


def test_silence_and_a_constant_offset_are_no_voice() -> None:
    assert stretches(still(100)) == []
    assert stretches(np.full(100 * CHUNK_SAMPLES, 5000, np.int16)) == []


@pytest.mark.parametrize("room_db", [-80.0, -65.0, -45.0])
def test_a_word_comes_whole_with_what_was_just_before_it_and_the_quiet_that_ends_it(room_db: float) -> None:
    pcm = sound(still(60), word(20), still(60), room_db=room_db)
    (stretch,) = stretches(pcm)
    begin = place(stretch, pcm)
    assert 60 - PRE_ROLL_CHUNKS - ONSET_WITHIN <= begin <= 60 - PRE_ROLL_CHUNKS + 1
    assert begin + len(stretch) // CHUNK_SAMPLES == pytest.approx(80 + QUIET_CHUNKS, abs=1)


def test_it_is_known_within_80_ms() -> None:
    activity = VoiceActivity()
    pcm = sound(still(60), word(20)).reshape(-1, CHUNK_SAMPLES)
    known = next(number for number, chunk in enumerate(pcm) if activity.push(chunk))
    assert known - 60 < ONSET_WITHIN


def test_a_faint_consonant_before_a_word_comes_along() -> None:
    pcm = sound(still(60), noise(4, -58.0, seed=2), word(20), still(40))
    (stretch,) = stretches(pcm)
    assert place(stretch, pcm) <= 60


def test_a_click_is_no_voice() -> None:
    click = noise(1, -10.0)
    assert stretches(sound(still(60), click, still(30), click, still(60))) == []


def test_pauses_between_words_are_part_of_a_stretch_and_longer_ones_end_it() -> None:
    talk = [word(15), still(QUIET_CHUNKS - 6), word(15), still(QUIET_CHUNKS + 10), word(15)]
    pcm = sound(still(60), *talk, still(40))
    found = stretches(pcm)
    assert len(found) == 2
    assert place(found[0], pcm) < 60
    assert place(found[0], pcm) + len(found[0]) // CHUNK_SAMPLES > 60 + 15 + 14 + 15


def test_a_fan_is_taken_for_a_voice_for_a_few_seconds_at_most_and_speech_over_it_is_heard() -> None:
    fan = noise(700, -38.0, seed=3)
    pcm = sound(still(60), fan)
    (stretch,) = stretches(pcm)
    assert len(stretch) / CHUNK_SAMPLES <= FLOOR_CHUNKS + QUIET_CHUNKS + PRE_ROLL_CHUNKS + 10
    talk = sound(still(60), fan)
    talk[400 * CHUNK_SAMPLES : 430 * CHUNK_SAMPLES] += word(30, -18.0)
    _, over_it = stretches(talk)
    assert place(over_it, talk) == pytest.approx(400 - PRE_ROLL_CHUNKS, abs=ONSET_WITHIN)


def test_a_voice_that_was_ended_begins_anew_when_it_goes_on() -> None:
    activity = VoiceActivity()
    pcm = sound(still(60), word(60))
    first, second = pcm[: 80 * CHUNK_SAMPLES], pcm[80 * CHUNK_SAMPLES :]
    assert len(stretches(first, activity)) == 1
    activity.end()
    (rest,) = stretches(second, activity)
    assert np.array_equal(rest, second[: len(rest)])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=8))
def test_no_chunk_comes_twice_and_none_out_of_order(talk: list[tuple[int, int]]) -> None:
    pcm = sound(still(30), *(part for loud, quiet in talk for part in (word(loud), still(quiet))))
    numbers = {chunk.tobytes(): number for number, chunk in enumerate(pcm.reshape(-1, CHUNK_SAMPLES))}
    order = [numbers[chunk.tobytes()] for each in stretches(pcm) for chunk in each.reshape(-1, CHUNK_SAMPLES)]
    assert order == sorted(set(order))


def test_loudness_is_that_of_a_full_scale_square_at_0() -> None:
    square = np.tile(np.array([32767, -32767], np.int16), 160)
    assert loudness_db(square) == pytest.approx(0.0, abs=0.01)
    assert loudness_db((square // 10).astype(np.int16)) == pytest.approx(-20.0, abs=0.01)
