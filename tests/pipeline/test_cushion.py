from __future__ import annotations

import random

import pytest

from livetalk.pipeline.cushion import LEAST_S, MOST_S, REMEMBERED, Cushion
from livetalk.pipeline.lead import START_FRAMES
from livetalk.types import FRAME_S, SpeechStart, Tag
from tests.pipeline.show import Show


class Voices:
    """Live voices whose pictures come as they are told to."""

    def __init__(self) -> None:
        self.show = Show()
        self.cushion = Cushion(self.show.clock)

    def say(self, late_s: list[float], ready: int = 1, live: bool = True) -> None:
        """A voice whose pictures come so much after their time."""
        tag = self.show.epoch.next_tag()
        begins_s = self.show.clock.now_s
        for place, each in enumerate(late_s):
            self.show.clock.now_s = max(self.show.clock.now_s, begins_s + place * FRAME_S + each)
            marks = [SpeechStart("", live=live)] if place == 0 else []
            self.cushion.came(self.show.frame(place, tag, *marks, last=place == len(late_s) - 1), ready)


@pytest.fixture
def voices() -> Voices:
    return Voices()


def test_it_is_small_as_long_as_all_come_in_time(voices: Voices) -> None:
    assert voices.cushion.size_s == LEAST_S
    voices.say([0.0] * 100)
    assert voices.cushion.size_s == LEAST_S


@pytest.mark.parametrize("spread_s", [0.03, 0.08, 0.15])
def test_it_grows_with_how_late_they_come_and_shrinks_again(voices: Voices, spread_s: float) -> None:
    rng = random.Random(0)
    for _ in range(4):
        voices.say([rng.uniform(0, spread_s) for _ in range(50)])
    assert 0.7 * spread_s <= voices.cushion.size_s <= 1.1 * spread_s
    voices.say([0.0] * REMEMBERED)
    assert voices.cushion.size_s == LEAST_S


def test_how_late_the_first_one_comes_does_not_matter(voices: Voices) -> None:
    voices.say([0.1] + [0.0] * 100)
    assert voices.cushion.size_s == pytest.approx(LEAST_S, abs=0.001)


def test_one_that_comes_very_late_is_an_exception(voices: Voices) -> None:
    voices.say([0.0] * 49 + [0.2] + [0.0] * 50)
    assert voices.cushion.size_s < 0.2


def test_it_is_bounded(voices: Voices) -> None:
    for late_s in (0.2, 2.0):
        voices.say([0.0, *[late_s] * 50])
        assert voices.cushion.size_s == pytest.approx(min(late_s, MOST_S))


def test_what_comes_with_the_end_of_a_voice_does_not_count(voices: Voices) -> None:
    for _ in range(20):
        voices.say([0.0] * 5 + [0.2])
    assert voices.cushion.size_s == LEAST_S


def test_speech_that_is_no_live_voice_does_not_count(voices: Voices) -> None:
    for place in range(50):
        voices.show.clock.pass_by(1.0)
        voices.cushion.came(voices.show.frame(place, Tag(0, 99)), 0)
    assert voices.cushion.size_s == LEAST_S
    voices.say([0.0] + [0.2] * 50, live=False)
    assert voices.cushion.size_s == LEAST_S


def test_a_voice_that_had_to_wait_for_a_text_does_not_count(voices: Voices) -> None:
    voices.say([-FRAME_S * place for place in range(30)] + [0.0] * 30, ready=START_FRAMES + 1)
    assert voices.cushion.size_s == LEAST_S


def test_the_first_one_waits_for_it(voices: Voices) -> None:
    voices.say([0.0])
    assert voices.cushion.is_too_early()
    voices.show.clock.pass_by(LEAST_S + 0.001)
    assert not voices.cushion.is_too_early()
