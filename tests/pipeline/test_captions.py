from __future__ import annotations

import pytest

from livetalk.pipeline.captions import Captions, Cue
from livetalk.pipeline.pacing import SECONDS_A_LETTER
from livetalk.types import SpeechEnd, SpeechStart, Word

RATE = 24_000


@pytest.fixture
def captions() -> Captions:
    return Captions(RATE, {})


def words(cues: list[Cue]) -> list[tuple[str, int]]:
    return [(cue.mark.text, cue.at_sample) for cue in cues if isinstance(cue.mark, Word)]


def test_words_take_as_long_as_people_need_while_more_may_come(captions: Captions) -> None:
    captions.write("one three", 0)
    (_, first), (_, second) = words([*captions.due(10 * RATE, None)])
    assert (first, second) == (0, int(len("one ") * SECONDS_A_LETTER * RATE))


def test_words_share_all_the_sound_once_it_is_there(captions: Captions) -> None:
    captions.write("aaaa bbbb", 0)
    captions.write("cccc dddd", 0)
    found = words([*captions.due(8 * RATE, 8 * RATE)])
    assert found == [("aaaa", 0), ("bbbb", 2 * RATE), ("cccc", 4 * RATE), ("dddd", 6 * RATE)]


def test_no_word_comes_before_the_sound_that_came_with_its_text(captions: Captions) -> None:
    captions.write("late", 3 * RATE)
    assert [*captions.due(3 * RATE, None)] == []
    assert words([*captions.due(3 * RATE + 1, None)]) == [("late", 3 * RATE)]


def test_a_sentence_begins_with_its_first_word_and_ends_before_the_next(captions: Captions) -> None:
    captions.write("One.", 0)
    captions.write("Two.", 0)
    marks = [cue.mark for cue in captions.due(10 * RATE, None)]
    assert marks == [
        SpeechStart("One.", first=False),
        Word("One.", 0, estimated=True),
        SpeechEnd("One.", last=False),
        SpeechStart("Two.", first=False),
        Word("Two.", 0, estimated=True),
    ]
    assert captions.sentence == "Two."


def test_each_sign_of_a_script_without_blanks_is_a_word(captions: Captions) -> None:
    captions.write("你好 ok", 0)
    assert [text for text, _ in words([*captions.due(10 * RATE, None)])] == ["你", "好", "ok"]


def test_what_is_left_at_the_end_is_marked_there(captions: Captions) -> None:
    captions.write("never said", 0)
    assert words([*captions.rest(77)]) == [("never", 77), ("said", 77)]
    assert [*captions.rest(77)] == []
