from __future__ import annotations

import numpy as np
import pytest

from bench import clips
from bench.decode import PacketSound, decode_sound, timeline
from bench.packets import AUDIO_RATE, StreamLog, place
from bench.sound import dropouts, first_loud, last_loud, sounding_s
from tests.bench.bench_streams import sound_log


def _tone(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    times_s = np.arange(round(seconds * AUDIO_RATE)) / AUDIO_RATE
    return (0.3 * np.sin(2 * np.pi * 300 * times_s)).astype(np.float32)


def test_sound_begins_with_the_first_packet_above_minus_40_dbfs() -> None:
    levels = [0.0, 0.0099, 0.0101, 0.3, 0.0]
    sounds = [
        PacketSound(float(number), number * 960, np.full(960, level, np.float32))
        for number, level in enumerate(levels)
    ]

    first, last = first_loud(sounds, -1.0), last_loud(sounds, -1.0)

    assert first is not None
    assert last is not None
    assert (first.arrived_s, last.arrived_s) == (2.0, 3.0)
    assert first_loud(sounds, 3.0) is None


def test_opus_is_heard_where_a_player_plays_it_its_look_ahead_not_cut_off() -> None:
    silence = np.zeros(AUDIO_RATE // 2, np.float32)
    log = sound_log(np.concatenate([silence, _tone(0.5)]), 10.0, 2**32 - 9600)

    sounds = decode_sound(place(log).packets)
    heard = np.flatnonzero(np.abs(timeline(sounds)) > 0.1)[0] / AUDIO_RATE

    assert heard == pytest.approx(0.5065, abs=0.002)


def test_a_lost_packet_is_a_hole_of_20_ms() -> None:
    log = sound_log(_tone(1.0), 0.0, 0)
    whole = place(log).packets
    sounds = [sound for number, sound in enumerate(decode_sound(whole)) if number != 20]

    (hole,) = dropouts(timeline(sounds))

    assert hole.length_s == pytest.approx(0.02, abs=0.001)
    assert hole.at_s == pytest.approx(0.4, abs=0.001)


def test_silence_before_and_after_the_sound_is_no_dropout() -> None:
    silence = np.zeros(AUDIO_RATE // 4, np.float32)
    samples = np.concatenate([silence, _tone(0.5), silence])

    assert dropouts(samples) == []
    assert sounding_s(samples) == pytest.approx(0.5, abs=0.006)


def test_nothing_at_all_has_no_dropouts() -> None:
    assert dropouts(timeline(decode_sound(place(StreamLog()).packets))) == []


def test_the_steady_clip_is_loud_from_its_first_milliseconds_and_never_pauses() -> None:
    sound = np.repeat(clips.vowel(1.0), 3)

    assert dropouts(sound) == []
    assert np.abs(sound[: AUDIO_RATE // 100]).max() > 0.05
    assert np.abs(sound).max() <= 0.36
