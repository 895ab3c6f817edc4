from __future__ import annotations

import numpy as np
import pytest

from bench.noises import NOISES, Sound
from bench.turns_heard import Decision, Place, compare, delays
from bench.utterances import phrase
from livetalk.audio.turn_events import TurnEvent, VoiceBegan, VoiceEnded, VoicePaused
from livetalk.types import SAMPLE_RATE

PLACE = Place(begin=16_000, voice=16_800, pause=32_000, resume=38_400, end=48_000)
"""a hiss of 50 ms, then a voice; a pause of 400 ms after a second"""


def decided(*events: TurnEvent) -> list[Decision]:
    """Each comes 10 ms after the sound that it is decided by."""
    return [Decision(event.at_sample + 160, event) for event in events]


def began(at: int, speech: int, handed_on: int) -> VoiceBegan:
    return VoiceBegan(at, speech, np.zeros(handed_on, np.int16))


GOOD = (
    began(17_600, 16_320, 5000),
    VoicePaused(35_840, 32_160, 900, brief=False),
    VoiceEnded(59_200, 47_840, 1500, brief=False),
)


def test_delays_are_told_from_when_it_was_known_and_to_where_it_was() -> None:
    heard = compare(decided(*GOOD), [PLACE])
    assert (heard.turns, heard.missed, heard.false_onsets, heard.torn, heard.cropped) == (1, 0, 0, 0, 0)
    assert heard.pauses_found == 1
    medians = [
        None if each is None else each.median
        for each in (
            heard.onset_after_voice,
            heard.onset_after_sound,
            heard.pause_after_sound,
            heard.end_after_sound,
            heard.told_begin_after_sound,
            heard.told_end_after_sound,
        )
    ]
    assert medians == [60, 110, 250, 710, 20, -10]


def test_nothing_heard_is_missed_and_has_no_delays() -> None:
    heard = compare([], [PLACE])
    assert (heard.missed, heard.false_onsets, heard.pauses_found) == (1, 0, 0)
    assert heard.onset_after_voice is heard.end_after_sound is None


def test_a_voice_where_nobody_speaks_is_a_false_onset() -> None:
    heard = compare(decided(began(8000, 7000, 4000), *GOOD, began(80_000, 79_000, 4000)), [PLACE])
    assert (heard.missed, heard.false_onsets) == (0, 2)


def test_a_turn_taken_for_two_is_torn() -> None:
    heard = compare(decided(*GOOD[:2], began(40_000, 39_000, 4000), GOOD[2]), [PLACE])
    assert (heard.torn, heard.false_onsets) == (1, 0)


def test_a_first_sound_that_was_not_handed_on_is_cropped() -> None:
    assert compare(decided(began(17_600, 16_320, 1599)), [PLACE]).cropped == 1
    assert compare(decided(began(17_600, 16_320, 1600)), [PLACE]).cropped == 0


def test_a_pause_that_is_told_when_it_is_over_was_not_found() -> None:
    heard = compare(decided(VoicePaused(38_400, 32_000, 900, brief=False)), [PLACE])
    assert heard.pauses_found == 0


def test_delays_tell_the_share_within_120_ms() -> None:
    found = delays(round(ms * SAMPLE_RATE / 1000) for ms in (50, 100, 120, 121))
    assert found is not None
    assert (found.count, found.min, found.median, found.max, found.within_120) == (4, 50, 110, 121, 0.75)
    assert delays([]) is None


def test_a_phrase_begins_with_its_hiss_and_its_voice_after_that() -> None:
    time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    rest = np.zeros(1600)
    hiss: Sound = 0.1 * np.sin(2 * np.pi * 5000 * time[:1600])
    voice: Sound = 0.5 * np.sin(2 * np.pi * 200 * time)
    found = phrase(np.concatenate([rest, hiss, voice, rest]))
    assert (found.begin, found.end) == (1600, 3200 + len(voice))
    assert found.voice == pytest.approx(3200, abs=160)


@pytest.mark.parametrize("name", NOISES)
def test_each_noise_is_the_same_for_a_seed_and_as_loud_as_can_be(name: str) -> None:
    one, again, other = (NOISES[name](np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.abs(one).max() == pytest.approx(1.0)
