from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.pipeline.pacing import TELLS_WITHIN_S, Pacing
from livetalk.protocols import Pcm, WordTime
from livetalk.types import SAMPLE_RATE, Word
from tests.pipeline.test_speak import Booth, ScriptTTS, marks


def words(text: str) -> list[str]:
    return [word.text for _, word in Pacing().words(text)]


@given(st.text(max_size=60))
def test_words_come_in_their_order_and_stand_where_they_say(text: str) -> None:
    times = [*Pacing().words(text)]
    assert [at for at, _ in times] == sorted(at for at, _ in times)
    for _, word in times:
        assert text[word.offset : word.offset + len(word.text)] == word.text
        assert word.estimated


def test_scripts_without_blanks_are_followed_character_by_character() -> None:
    assert words("你好, world! — 안녕") == ["你", "好", "world!", "안", "녕"]


def test_the_first_word_begins_with_the_sound_and_a_longer_one_takes_longer() -> None:
    times = [at for at, _ in Pacing().words("extraordinarily so it is")]
    assert times[0] == 0
    assert times[1] - times[0] > 2 * (times[2] - times[1])


def test_the_pace_of_a_voice_is_learned() -> None:
    pacing = Pacing()
    text = "one two three four five six"
    before = [*pacing.words(text)][-1][0]
    for _ in range(20):
        pacing.learn(text, 10.0)
    after = [*pacing.words(text)][-1][0]
    assert after == pytest.approx(10.0 * 24 / 28, rel=0.01)
    assert before < after / 4


def test_a_short_word_teaches_nothing() -> None:
    pacing = Pacing()
    before = [*pacing.words("one two")]
    pacing.learn("No.", 9.0)
    pacing.learn("one two three four", 0.0)
    assert [*pacing.words("one two")] == before


def guessed(booth: Booth, text: str) -> list[Word]:
    return [mark for mark in marks(booth.chunks(booth.sentence(text))) if isinstance(mark, Word)]


def sound(seconds: float) -> list[Pcm]:
    """In pieces of 50 ms."""
    return [Pcm(np.ones(SAMPLE_RATE // 20, np.int16), SAMPLE_RATE) for _ in range(round(seconds * 20))]


def test_words_of_a_voice_that_tells_none_are_guessed() -> None:
    booth = Booth(ScriptTTS(*sound(2.0)))
    found = guessed(booth, "one two three")
    assert [(word.text, word.offset, word.estimated) for word in found] == [
        ("one", 0, True),
        ("two", 4, True),
        ("three", 8, True),
    ]


def test_words_of_a_voice_that_tells_them_are_its_own() -> None:
    first, *rest = sound(2.0)
    assert len(first.samples) / SAMPLE_RATE < TELLS_WITHIN_S
    booth = Booth(ScriptTTS(first, WordTime("one", 0, 0.06), *rest))
    assert guessed(booth, "one two") == [Word("one", 0)]


def test_all_words_are_told_where_the_sound_is_shorter_than_they_should_take() -> None:
    booth = Booth(ScriptTTS(*sound(0.2)))
    found = [
        mark
        for mark in marks(booth.chunks(booth.sentence("a rather long sentence")))
        if isinstance(mark, Word)
    ]
    assert [word.text for word in found] == ["a", "rather", "long", "sentence"]
