from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from livetalk.errors import ProviderError
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.speak import Speech
from livetalk.pipeline.think import MOST_AT_ONCE, Asked, Think
from livetalk.protocols import Chat, Message
from livetalk.types import Clip, Question, Sentence, Tag
from tests.fakes import WAIT_S, Basket, FakeLLM, Notes, stops_at_a_wall

FIELDS = {"ticket": 7}


class Desk:
    """A Think stage with a scripted model."""

    def __init__(self, *pieces: str | Exception) -> None:
        self.epoch = Epoch()
        self.notes = Notes()
        self.llm = FakeLLM(*pieces)
        self.written: list[tuple[str, str, bool]] = []
        self.asked: Channel[Asked] = Channel("asked", 20)
        self.basket: Basket[Speech] = Basket()
        self.think = Think(self.asked, self.basket, self.epoch, self.notes, self.llm, self)

    def prompt(self, question: Question) -> Chat:
        return Chat([Message("user", question.text)])

    def wrote(self, tag: Tag, text: str, sentence: str, last: bool) -> None:
        self.written.append((text, sentence, last))

    def question(self, text: str = "Well?") -> Question:
        return Question(text, self.epoch.next_tag(), "alto", FIELDS)

    def sentences(self) -> Sequence[Sentence]:
        return [each for each in self.think.process(self.question()) if isinstance(each, Sentence)]


@contextmanager
def running(stage: Think) -> Iterator[None]:
    stage.start()
    yield
    stage.stop()


def test_what_needs_no_answer_passes_as_it_is() -> None:
    desk = Desk()
    speeches: list[Speech] = [Sentence("Hello.", Tag(0, 1)), Clip(b"", Tag(0, 2))]
    assert [made for each in speeches for made in desk.think.process(each)] == speeches
    assert not desk.llm.asked


def test_an_answer_is_handed_on_sentence_by_sentence() -> None:
    desk = Desk("I am fi", "ne. Thank you for as", "king. And ", "you?")
    made = desk.sentences()
    assert [each.text for each in made] == ["I am fine.", "Thank you for asking.", "And you?"]
    assert [each.first for each in made] == [True, False, False]
    assert [each.last for each in made] == [False, False, True]
    assert {each.voice for each in made} == {"alto"}
    assert all(each.fields == FIELDS for each in made)
    assert desk.llm.asked[0].messages[-1].text == "Well?"


def test_a_short_sentence_is_of_the_language_of_the_question_and_the_answer_so_far() -> None:
    desk = Desk("Berlin. Das ist die Hauptstadt. Plan B? Hello, how are you?")
    asked = desk.question("Was ist die Hauptstadt von Deutschland?")
    made = [each for each in desk.think.process(asked) if isinstance(each, Sentence)]
    assert [(each.text, each.language) for each in made] == [
        ("Berlin.", "de"),
        ("Das ist die Hauptstadt.", "de"),
        ("Plan B?", "de"),
        ("Hello, how are you?", "en"),
    ]


def test_a_sentence_does_not_wait_for_the_rest_of_the_answer() -> None:
    desk = Desk("One is here. Two", " is not.")
    desk.llm.gate = threading.Semaphore(1)
    first = next(iter(desk.think.process(desk.question())))
    assert isinstance(first, Sentence)
    assert first.text == "One is here."


def test_what_was_written_is_told_as_it_was_written() -> None:
    desk = Desk("**Yes.** It ", "is.")
    desk.sentences()
    assert "".join(text for text, _, _ in desk.written) == "**Yes.** It is."
    assert [sentence for _, sentence, _ in desk.written] == ["Yes.", "It is."]
    assert [last for _, _, last in desk.written] == [False, True]


@pytest.mark.parametrize("pieces", [["Look:\n```\n", *["x = 1\n" * 10] * 200], ["**" * 6000 + "Yes."]])
def test_what_goes_on_for_long_without_words_is_told_in_parts(pieces: Sequence[str]) -> None:
    desk = Desk(*pieces)
    desk.sentences()
    assert "".join(text for text, _, _ in desk.written) == "".join(pieces)
    assert max(len(text) for text, _, _ in desk.written) < 2 * MOST_AT_ONCE
    assert [last for _, _, last in desk.written].index(True) == len(desk.written) - 1


def test_an_interrupt_ends_the_reading_of_one_huge_piece() -> None:
    class Impatient(Desk):
        def wrote(self, tag: Tag, text: str, sentence: str, last: bool) -> None:
            super().wrote(tag, text, sentence, last)
            self.epoch.advance()

    desk = Impatient("*" * 10 * MOST_AT_ONCE)
    assert not desk.sentences()
    assert len(desk.written) == 1


def test_the_first_words_of_the_model_are_noted() -> None:
    desk = Desk()
    desk.sentences()
    assert [stage for stage, _ in desk.notes.reached_stages] == ["llm"]


def test_a_model_that_says_nothing_has_failed() -> None:
    desk = Desk(" ", "\n")
    with running(desk.think):
        desk.asked.put(desk.question())
        desk.notes.wait_for_failures(1)
    assert "gave no answer" in str(desk.notes.failures[0][2])
    assert not desk.basket.items


def test_what_was_written_before_a_failure_is_said_to_its_end() -> None:
    desk = Desk("This much. And th", ProviderError("it broke", retryable=True))
    with running(desk.think):
        desk.asked.put(desk.question())
        said = desk.basket.wait(2)
    assert [(each.text, each.last) for each in said if isinstance(each, Sentence)] == [
        ("This much.", False),
        ("And th", True),
    ]
    assert str(desk.notes.failures[0][2]) == "it broke"


def test_an_interrupt_ends_the_call_and_nothing_more_is_said() -> None:
    desk = Desk("Once upon a time. There was", " a king.")
    desk.llm.gate = threading.Semaphore(1)
    with running(desk.think):
        desk.asked.put(desk.question())
        desk.basket.wait(1)
        desk.epoch.advance()
        assert desk.llm.given_up.wait(WAIT_S)
        desk.asked.put(desk.question("Next?"))
        desk.llm.gate.release(5)
        said = desk.basket.wait(3)
    assert [each.tag.epoch for each in said] == [0, 1, 1]
    assert not desk.notes.failures


def test_it_stops_while_what_it_makes_finds_no_room() -> None:
    desk = Desk("One. Two. Three. Four.")
    desk.asked.put(desk.question())
    assert stops_at_a_wall(desk.think)
