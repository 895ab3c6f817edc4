from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from livetalk.errors import InvalidRequest, ProviderError
from livetalk.parts import Parts
from livetalk.persona import SYSTEM_PROMPT, Persona
from livetalk.protocols import Message
from livetalk.session import Session
from tests.fakes import FakeAvatar, FakeLLM
from tests.player import WAIT_S, Player


@pytest.fixture
def llm(parts: Parts) -> FakeLLM:
    assert isinstance(parts.llm, FakeLLM)
    return parts.llm


def spoken(player: Player) -> list[str]:
    return [event.fields["text"] for event in player.events if event.name == "end"]


def test_a_question_is_answered_aloud(session: Session, llm: FakeLLM) -> None:
    player = Player(session)
    session.conversation.chat("How are you?", fields={"ticket": 7})
    player.until("end", 2)
    assert spoken(player) == ["I heard you.", "And that is all."]
    assert all(event.fields["ticket"] == 7 for event in player.events if "turn" in event.fields)
    assert llm.asked[0].messages == [Message("system", SYSTEM_PROMPT), Message("user", "How are you?")]


def test_the_conversation_so_far_goes_along(session: Session, llm: FakeLLM) -> None:
    player = Player(session)
    session.say("Welcome.")
    player.until("end")
    session.conversation.chat("One?")
    player.until("end", 3)
    session.conversation.chat("Two?")
    player.until("end", 5)
    assert [(each.role, each.text) for each in llm.asked[1].messages[1:]] == [
        ("assistant", "Welcome."),
        ("user", "One?"),
        ("assistant", "I heard you. And that is all."),
        ("user", "Two?"),
    ]


def test_an_interrupt_ends_the_model_and_only_what_was_heard_is_remembered(
    session: Session, llm: FakeLLM
) -> None:
    llm.pieces = ["One two three. ", "Four five six. ", "Seven."]
    llm.gate = threading.Semaphore(2)
    player = Player(session)
    session.conversation.chat("Count!")
    player.until("word", 2)
    session.interrupt()
    assert llm.given_up.wait(WAIT_S)
    llm.gate.release(10)
    session.conversation.chat("Go on.")
    player.until("end")
    assert [each.text for each in llm.asked[1].messages[1:]] == ["Count!", "One two", "Go on."]


def test_what_is_said_as_it_is_waits_for_the_answer_before_it(session: Session, llm: FakeLLM) -> None:
    llm.gate = threading.Semaphore(0)
    player = Player(session)
    session.conversation.chat("Well?")
    session.say("And now the news.")
    llm.gate.release(10)
    player.until("end", 3)
    assert spoken(player) == ["I heard you.", "And that is all.", "And now the news."]


def test_what_the_model_writes_is_told_as_it_is_written(session: Session, llm: FakeLLM) -> None:
    llm.pieces = ["**Sure.** ", "It works."]
    player = Player(session)
    session.conversation.chat("Does it?")
    player.until("end", 2)
    replies = [event.fields for event in player.events if event.name == "reply"]
    assert "".join(each["text"] for each in replies) == "**Sure.** It works."
    assert [each["last"] for each in replies] == [False, True]
    assert spoken(player) == ["Sure.", "It works."]


def test_the_turns_latency_names_each_step(session: Session) -> None:
    player = Player(session)
    session.conversation.chat("Well?", heard={"asked": 0.0, "recognised": 0.0})
    player.until("latency")
    (latency,) = [event.fields for event in player.events if event.name == "latency"]
    steps = [
        "recognised_ms",
        "first_token_ms",
        "first_sentence_ms",
        "first_audio_ms",
        "first_lip_ms",
        "first_played_ms",
    ]
    assert [name for name in latency if name.endswith("_ms")] == steps
    assert latency["recognised_ms"] == 0
    assert sorted(latency[name] for name in steps[:5]) == [latency[name] for name in steps[:5]]


def test_a_model_that_fails_is_told_and_the_session_goes_on(session: Session, llm: FakeLLM) -> None:
    pieces, llm.pieces = llm.pieces, [ProviderError("nobody is there", retryable=True)]
    player = Player(session)
    session.conversation.chat("Hello?")
    error = player.hear("error")
    assert error.fields["message"] == "nobody is there"
    assert error.fields["over"]
    assert not session.speaking
    llm.pieces = pieces
    session.conversation.chat("Hello?")
    player.until("end", 2)


def test_a_model_that_fails_in_mid_answer_is_heard_to_where_it_came(session: Session, llm: FakeLLM) -> None:
    llm.pieces = ["One is done. Two is", ProviderError("it broke", retryable=True)]
    player = Player(session)
    session.conversation.chat("Hello?")
    player.until("end", 2)
    assert spoken(player) == ["One is done.", "Two is"]
    assert [event.fields["over"] for event in player.events if event.name == "error"] == [False]
    assert not session.speaking


def test_a_persona_of_its_own_is_what_the_model_is_told(parts: Parts, session: Session, llm: FakeLLM) -> None:
    session.conversation.persona = Persona("You are a pirate.", "big", 0.1, voice="square")
    player = Player(session)
    session.conversation.chat("Who are you?")
    player.until("end", 2)
    (chat,) = llm.asked
    assert (chat.messages[0].text, chat.model, chat.temperature) == ("You are a pirate.", "big", 0.1)


def test_only_so_much_history_goes_along_as_was_set(parts: Parts) -> None:
    session = Session("two", replace(parts, history_messages=2), FakeAvatar())
    session.start()
    player = Player(session)
    for count in range(3):
        session.conversation.chat(f"{count}?")
        player.until("end", 2 * count + 2)
    session.close()
    assert isinstance(parts.llm, FakeLLM)
    assert len(parts.llm.asked[-1].messages) == 3


def test_nothing_is_no_question(session: Session) -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        session.conversation.chat(" \n")
    assert not session.speaking


def test_what_a_failed_voice_did_not_say_was_not_said(session: Session, llm: FakeLLM) -> None:
    llm.pieces = ["One two fail three. ", "Four."]
    player = Player(session)
    session.conversation.chat("Count!")
    player.until("end", 2)
    assert [event.fields.get("broken") for event in player.events if event.name == "end"] == [True, None]
    assert session.conversation.history.messages(1)[0].text == "One two Four."


def test_an_answer_that_is_all_code_ends_without_a_sound(session: Session, llm: FakeLLM) -> None:
    llm.pieces = ["```python\n", "print(1)\n", "```"]
    player = Player(session)
    session.conversation.chat("Show me!")
    player.until("end")
    assert "start" not in player.names()
    assert not session.speaking
    assert session.conversation.history.messages(5)[-1].role == "user"


def test_a_welcome_without_words_is_passed_over(session: Session) -> None:
    session.conversation.persona = Persona(welcome="...")
    session.conversation.greet()
    assert not session.speaking
