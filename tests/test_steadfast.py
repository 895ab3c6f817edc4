from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import PluginError, ProviderError
from livetalk.protocols import TTS, Cancel, Pcm, VoiceOptions, WordTime
from livetalk.steadfast import REST_S, SteadfastTTS, make_voice
from livetalk.tts.espeak import EspeakTTS
from livetalk.types import Sentence, Tag
from tests.fakes import Clock

SENTENCE = Sentence("hello", Tag(0, 0), voice="Ava")
WORD = WordTime("hello", 0, 0.0)
MAYBE = ProviderError("the line is busy", retryable=True)
NEVER = ProviderError("the key is wrong", retryable=False)
PATIENCE_S = 4.0


def sound(level: int) -> Pcm:
    return Pcm(np.full(160, level, np.int16), 16_000)


CHOSEN: list[Pcm | WordTime] = [WORD, sound(1)]
OTHER: list[Pcm | WordTime] = [WORD, sound(2)]


class Script:
    """A voice that does what is written, one line for each sentence; an endless one at the end."""

    def __init__(self, *lines: Sequence[Pcm | WordTime | Exception]) -> None:
        self.lines = list(lines)
        self.asked: list[Sentence] = []
        self.loads = 0
        self.closed = False
        self.takes_s = 0.0
        self.clock = Clock()

    def load(self) -> None:
        self.loads += 1

    def voices(self) -> Sequence[str]:
        return ["Ava"]

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        self.asked.append(sentence)
        line = self.lines.pop(0) if len(self.lines) > 1 else self.lines[0]
        self.clock.pass_by(self.takes_s)
        for part in line:
            if isinstance(part, Exception):
                raise part
            yield part

    def close(self) -> None:
        self.closed = True


class House:
    """A voice, its fallback, and what was told."""

    def __init__(self, chosen: Script, fallback: Script | Exception | None = None) -> None:
        self.chosen = chosen
        self.fallback = Script(OTHER) if fallback is None else fallback
        self.told: list[str] = []
        self.tts = SteadfastTTS(chosen, self._make, PATIENCE_S, self.told.append, chosen.clock)
        self.tts.load()

    def _make(self) -> TTS:
        if isinstance(self.fallback, Exception):
            raise self.fallback
        return self.fallback

    def say(self, cancel: Cancellation | None = None) -> list[Pcm | WordTime]:
        return [*self.tts.speak(SENTENCE, cancel or Cancellation())]


def test_a_voice_that_works_is_left_alone() -> None:
    house = House(Script(CHOSEN))
    assert house.say() == CHOSEN
    assert house.chosen.asked == [SENTENCE]
    assert isinstance(house.fallback, Script)
    assert house.fallback.loads == 0
    assert not house.told


def test_what_may_pass_is_tried_once_more_and_nobody_hears_of_it() -> None:
    house = House(Script([MAYBE], CHOSEN))
    assert house.say() == CHOSEN
    assert not house.told


def test_words_of_a_try_that_failed_before_its_sound_are_not_told() -> None:
    house = House(Script([WORD, MAYBE], CHOSEN))
    assert house.say() == CHOSEN


def test_the_second_failure_has_the_fallback_speak_by_its_own_voice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House(Script([MAYBE]))
    with caplog.at_level(logging.WARNING):
        assert house.say() == OTHER
    assert len(house.chosen.asked) == 2
    assert isinstance(house.fallback, Script)
    assert [each.voice for each in house.fallback.asked] == [""]
    assert house.told == ["the line is busy"]
    assert "the line is busy; the fallback speaks for 30 s" in caplog.text


def test_what_will_not_pass_is_not_tried_again() -> None:
    house = House(Script([NEVER]))
    assert house.say() == OTHER
    assert len(house.chosen.asked) == 1


def test_a_failure_that_took_long_is_not_waited_for_twice() -> None:
    chosen = Script([MAYBE])
    chosen.takes_s = PATIENCE_S
    house = House(chosen)
    assert house.say() == OTHER
    assert len(chosen.asked) == 1


def test_the_fallback_goes_first_for_a_while_and_then_the_chosen_one_again() -> None:
    house = House(Script([NEVER], CHOSEN))
    assert house.say() == OTHER
    house.chosen.clock.pass_by(REST_S - 0.1)
    assert house.say() == OTHER
    assert len(house.chosen.asked) == 1
    house.chosen.clock.pass_by(0.2)
    assert house.say() == CHOSEN
    assert isinstance(house.fallback, Script)
    assert house.fallback.loads == 1


def test_a_sentence_that_breaks_off_is_not_begun_again() -> None:
    house = House(Script([*CHOSEN, MAYBE]))
    heard: list[Pcm | WordTime] = []
    with pytest.raises(ProviderError, match="the line is busy"):
        heard.extend(house.tts.speak(SENTENCE, Cancellation()))
    assert len(house.chosen.asked) == 1
    assert house.told == ["the line is busy"]
    assert house.say() == OTHER


def test_a_fallback_that_fails_as_well_is_told_with_both_reasons() -> None:
    broken = ProviderError("the other broke", retryable=True)
    for house in (House(Script([NEVER]), Script([broken])), House(Script([NEVER]), broken)):
        with pytest.raises(ProviderError, match=r"the key is wrong.*the other broke") as caught:
            house.say()
        assert not caught.value.retryable


def test_the_chosen_one_speaks_where_the_fallback_fails_while_it_goes_first() -> None:
    house = House(Script([NEVER], CHOSEN), Script(OTHER, [NEVER]))
    assert house.say() == OTHER
    assert house.say() == CHOSEN


def test_a_cancel_asks_no_other_voice() -> None:
    class Leaves(Script):
        def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
            self.asked.append(sentence)
            assert isinstance(cancel, Cancellation)
            cancel.cancel()
            raise MAYBE
            yield

    house = House(Leaves(CHOSEN))
    with pytest.raises(ProviderError):
        house.say()
    assert len(house.chosen.asked) == 1
    assert isinstance(house.fallback, Script)
    assert not house.fallback.asked
    assert not house.told


def test_both_are_closed() -> None:
    house = House(Script([NEVER]))
    house.say()
    house.tts.close()
    assert house.chosen.closed
    assert isinstance(house.fallback, Script)
    assert house.fallback.closed


def test_a_voice_is_its_own_fallback_where_no_other_is_named() -> None:
    for fallback in ("espeak", "none", ""):
        assert isinstance(make_voice("espeak", VoiceOptions(), fallback), EspeakTTS)


def test_an_unknown_fallback_stops_the_start() -> None:
    with pytest.raises(PluginError, match=r"tts_fallback.*'nobody'.*espeak"):
        make_voice("espeak", VoiceOptions(), "nobody")


def test_a_server_that_is_not_there_is_stood_in_for_by_the_offline_voice() -> None:
    options = VoiceOptions(url="http://127.0.0.1:9", key="secret", voice="en-US-AvaNeural")
    tts = make_voice("azure", options, "espeak")
    tts.load()
    try:
        heard = [*tts.speak(SENTENCE, Cancellation())]
    finally:
        tts.close()
    assert any(isinstance(part, Pcm) and part.rate == 22_050 for part in heard)
    assert any(isinstance(part, WordTime) for part in heard)
