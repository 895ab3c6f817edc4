from __future__ import annotations

from typing import Any

import pytest

from livetalk.events import KINDS, AvatarEvent
from livetalk.history import KEPT, History, joined
from livetalk.protocols import Message


def user(text: str) -> Message:
    return Message("user", text)


def avatar(text: str) -> Message:
    return Message("assistant", text)


def tell(history: History, name: str, turn: int, **fields: Any) -> None:
    history.hear(KINDS[name](turn=turn, **fields))


def say(history: History, turn: int, *sentences: str) -> None:
    """Play sentences that were planned, all of a turn."""
    for place, text in enumerate(sentences):
        tell(history, "start", turn, text=text, first=place == 0)
        tell(history, "end", turn, text=text, last=place == len(sentences) - 1)


def plan(history: History, turn: int, question: str, *sentences: str) -> None:
    if question:
        history.asked(turn, question)
    for sentence in sentences:
        history.planned(turn, sentence)


def test_what_was_asked_and_said_stands_in_its_order() -> None:
    history = History()
    plan(history, 1, "Hi.", "Hello.", "And you?")
    say(history, 1, "Hello.", "And you?")
    history.asked(2, "Fine.")
    assert history.messages(10) == [user("Hi."), avatar("Hello. And you?"), user("Fine.")]


def test_of_what_was_interrupted_only_what_was_heard_stays() -> None:
    history = History()
    plan(history, 1, "A story!", "Once upon a time.", "There was a king.", "He died.")
    tell(history, "start", 1, text="Once upon a time.", first=True)
    tell(history, "end", 1, text="Once upon a time.", last=False)
    tell(history, "start", 1, text="There was a king.", first=False)
    tell(history, "word", 1, word="There", offset=0, text="There was a king.")
    tell(history, "word", 1, word="was", offset=6, text="There was a king.")
    tell(history, "interrupted", 1, text="There was a king.", spoken="There was")
    assert history.messages(10) == [user("A story!"), avatar("Once upon a time. There was")]


def test_what_was_interrupted_before_a_word_of_it_leaves_the_question_alone() -> None:
    history = History()
    plan(history, 1, "Tell me", "Well, ")
    tell(history, "interrupted", 1, text="", spoken="")
    history.asked(2, "no, wait")
    assert history.messages(10) == [user("Tell me\nno, wait")]


def test_what_is_still_to_be_said_is_known_to_what_comes_after_it() -> None:
    history = History()
    plan(history, 1, "One?", "The first answer.")
    history.asked(2, "Two?")
    assert history.messages(10, upto=2) == [user("One?"), avatar("The first answer."), user("Two?")]


def test_what_is_asked_later_is_not_known_yet() -> None:
    history = History()
    plan(history, 1, "One?")
    plan(history, 2, "Two?")
    assert history.messages(10, upto=1) == [user("One?")]


def test_what_the_avatar_says_unasked_is_remembered() -> None:
    history = History()
    plan(history, 1, "", "Welcome!")
    say(history, 1, "Welcome!")
    assert history.messages(10) == [avatar("Welcome!")]


def test_what_failed_is_remembered_as_far_as_it_was_heard() -> None:
    history = History()
    plan(history, 1, "Hi.", "Hello.", "Lost.")
    tell(history, "start", 1, text="Hello.", first=True)
    tell(history, "end", 1, text="Hello.", last=False)
    tell(history, "error", 1, message="it broke", stage="lipsync", over=True)
    assert history.messages(10) == [user("Hi."), avatar("Hello.")]


def test_only_the_last_messages_are_given() -> None:
    history = History()
    for turn in range(1, 5):
        plan(history, turn, f"q{turn}", f"a{turn}")
        say(history, turn, f"a{turn}")
    assert history.messages(3) == [avatar("a3"), user("q4"), avatar("a4")]


def test_old_exchanges_are_forgotten() -> None:
    history = History()
    for turn in range(KEPT + 10):
        history.asked(turn, f"q{turn}")
    assert history.messages(1)[0].text.startswith("q10\n")


def test_events_of_turns_that_it_does_not_know_are_nothing_to_it() -> None:
    history = History()
    say(history, 3, "A clip has no text.")
    history.hear(AvatarEvent(avatar="ada"))
    assert history.messages(10) == []


def test_what_is_forgotten_is_gone() -> None:
    history = History()
    plan(history, 1, "One?", "Yes.")
    plan(history, 2, "Two?")
    assert history.has_plan(1)
    assert not history.has_plan(2)
    history.forget(1)
    assert history.messages(10) == [user("Two?")]
    history.clear()
    assert history.messages(10) == []


def test_what_is_written_late_of_what_was_forgotten_is_forgotten_too() -> None:
    history = History()
    plan(history, 1, "One?", "Yes.")
    plan(history, 2, "Two?")
    history.clear()
    history.planned(2, "A word that was on its way.")
    plan(history, 3, "Three?", "Good.")
    assert history.messages(10) == [user("Three?"), avatar("Good.")]


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (["One.", "", "Two."], "One. Two."),
        (["你好。", "再见。"], "你好。再见。"),
        ([], ""),
    ],
)
def test_sentences_are_joined_as_their_script_does(sentences: list[str], text: str) -> None:
    assert joined(sentences) == text
