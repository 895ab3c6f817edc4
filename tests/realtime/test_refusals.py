"""What a server of the Realtime API refuses, leaves out or breaks off, as OpenAI's is known to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livetalk.parts import Parts
from livetalk.realtime.answer import Answer, failure
from livetalk.realtime.transcripts import TRANSCRIPTION
from livetalk.session import Session
from tests.fakes import FakeAvatar
from tests.player import Player
from tests.realtime.playing import begin, play_ready, texts
from tests.realtime.realtime_server import RealtimeServer, Saying, done, refusal, tone, transcribed
from tests.waiting import until

BUSY = "conversation_already_has_active_response"
EXPIRED = "Your session hit the maximum duration of 60 minutes."


def turns(player: Player, name: str) -> list[object]:
    """The turns that events of one kind belong to."""
    return [event.fields["turn"] for event in player.events if event.name == name]


# -- errors that are about nothing in particular --------------------------------------------------


@pytest.mark.parametrize(
    ("code", "told"),
    [("input_audio_buffer_commit_empty", False), (None, True), ("rate_limit_exceeded", True)],
)
def test_an_error_about_something_else_leaves_the_question_that_waits(
    session: Session, server: RealtimeServer, player: Player, code: str | None, told: bool
) -> None:
    session.conversation.chat("Hello?", fields={"ticket": 7})
    (asked,) = server.wait("response.create")
    server.send(refusal("it went wrong", code))
    server.start("resp_1", Saying([(tone(0.2), "Hello!")]), asked["response"]["metadata"])
    player.until("end")
    assert ("error" in player.names()) == told
    (ended,) = [event.fields for event in player.events if event.name == "end"]
    assert (ended["text"], ended["ticket"]) == ("Hello!", 7)


def test_settings_that_are_refused_are_told_with_where_to_look(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    (update,) = server.of("session.update")
    server.send(refusal("no voice 'x'", "invalid_value", update["event_id"]))
    told = player.hear("error").fields["message"]
    assert "no voice 'x'" in told
    assert "realtime_voice" in told


def test_a_question_whose_text_is_refused_is_told_and_its_answer_not_heard(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    session.conversation.chat("Hello?")
    (asked,) = server.wait("response.create")
    (item,) = server.of("conversation.item.create")
    server.send(refusal("too long", None, item["event_id"]))
    server.start("resp_1", Saying([(tone(0.2), "What?")], open_end=True), asked["response"]["metadata"])
    (cancelled,) = server.wait("response.cancel")
    assert cancelled["response_id"] == "resp_1"
    assert "too long" in player.hear("error").fields["message"]
    assert player.names().count("error") == 1


# -- what the recogniser beside the model does ----------------------------------------------------


def test_what_the_recogniser_does_not_understand_is_told_and_what_it_hears_no_words_in_is_not(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    error = {"type": "transcription_error", "code": "audio_unintelligible", "message": "cannot be made out"}
    server.send(
        {"type": f"{TRANSCRIPTION}failed", "item_id": "said_1", "content_index": 0, "error": error},
        transcribed("said_2", "\n"),
        transcribed("said_3", "Hello?\n"),
    )
    assert player.hear("transcript").fields["text"] == "Hello?"
    assert "cannot be made out" in player.hear("error").fields["message"]


# -- one answer at a time -------------------------------------------------------------------------


def test_what_was_said_while_an_answer_was_made_is_answered_after_it(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(0.4), "To what you wrote.")], open_end=True)]
    session.conversation.chat("Hello?")
    server.wait("response.create")
    server.send({"type": "input_audio_buffer.committed", "item_id": "said_1"}, refusal("active", BUSY))
    server.sayings = [Saying([(tone(0.4), "To what you said.")])]
    server.send(done("resp_1"))
    player.until("end", 2)
    assert texts(player, "end") == ["To what you wrote.", "To what you said."]
    server.send(transcribed("said_1", "Hear me?"))
    assert player.hear("transcript").fields["turn"] == turns(player, "end")[1]
    assert "error" not in player.names()


def test_what_was_not_answered_does_not_take_the_answer_to_what_is_said_next(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.send(
        {"type": "input_audio_buffer.committed", "item_id": "said_1"},
        {"type": "input_audio_buffer.committed", "item_id": "said_2"},
    )
    server.start("resp_a", Saying([(tone(0.2), "To the second.")]))
    player.until("end")
    server.send(transcribed("said_2", "Second."))
    assert player.hear("transcript").fields["turn"] == turns(player, "end")[0]


def test_a_question_that_waits_is_not_answered_by_an_answer_to_somebody_else(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    session.conversation.chat("Hello?", fields={"ticket": 7})
    (asked,) = server.wait("response.create")
    server.send({"type": "input_audio_buffer.committed", "item_id": "said_1"})
    server.start("resp_a", Saying([(tone(0.2), "A.")], open_end=True))
    server.send(refusal("active", BUSY, asked["event_id"]))
    server.start("resp_b", Saying([(tone(0.2), "B.")], open_end=True))
    server.sayings = [Saying([(tone(0.2), "To you.")])]
    server.send(done("resp_a"), done("resp_b"))
    player.until("end", 3)
    ticketed = [event.fields for event in player.events if event.name == "end" and "ticket" in event.fields]
    assert [each["text"] for each in ticketed] == ["To you."]
    assert sorted(texts(player, "end")) == ["A.", "B.", "To you."]


def test_a_server_that_hands_no_metadata_back_answers_the_question_all_the_same(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    session.conversation.chat("Hello?", fields={"ticket": 7})
    server.wait("response.create")
    server.start("resp_1", Saying([(tone(0.2), "Hello!")]))
    player.until("end")
    ended = next(event for event in player.events if event.name == "end")
    assert ended.fields["ticket"] == 7


# -- answers that are not whole -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "details", "told"),
    [
        ("failed", {"error": {"code": "rate_limit_exceeded", "message": "try again in 8 s"}}, "in 8 s"),
        ("failed", None, "no reason was given"),
        ("incomplete", {"reason": "max_output_tokens"}, "raise max_output_tokens in realtime_options"),
        ("incomplete", {"reason": "content_filter"}, "filter"),
        ("incomplete", None, "no reason was given"),
    ],
)
def test_an_answer_that_is_not_whole_says_why(
    status: str, details: dict[str, object] | None, told: str
) -> None:
    error = failure(Answer("resp_1", None), {"status": status, "status_details": details})
    assert error is not None
    assert told in str(error)


@pytest.mark.parametrize("reason", ["turn_detected", "client_cancelled"])
def test_an_answer_that_was_cancelled_is_no_failure(reason: str) -> None:
    assert failure(Answer("a", None), {"status": "cancelled", "status_details": {"reason": reason}}) is None


def test_an_answer_that_is_written_instead_of_said_is_told(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([], open_end=True)]
    session.conversation.chat("Hello?")
    server.wait("response.create")
    where = {"response_id": "resp_1", "item_id": "item_resp_1", "output_index": 0, "content_index": 0}
    server.send({"type": "response.output_text.delta", "delta": "Hello!", **where}, done("resp_1"))
    assert "instead of saying it" in player.hear("error").fields["message"]


def test_a_question_that_is_never_answered_holds_up_no_other(
    session: Session, server: RealtimeServer, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        impatient = replace(session.conversation._speech._options, timeout_s=0.05)
        patched.setattr(session.conversation._speech, "_options", impatient)
        session.conversation.chat("Hello?")
        assert "did not answer within" in player.hear("error").fields["message"]
    (asked,) = server.of("response.create")
    server.sayings = [Saying([(tone(0.2), "Yes.")])]
    session.conversation.chat("Hello again?")
    player.until("end", 2)
    assert texts(player, "end")[-1] == "Yes."
    server.start("resp_late", Saying([(tone(0.2), "Late.")], open_end=True), asked["response"]["metadata"])
    (cancelled,) = server.wait("response.cancel")
    assert cancelled["response_id"] == "resp_late"


def test_an_answer_that_never_ends_holds_up_no_question_for_ever(
    session: Session, server: RealtimeServer, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(session, server, player, 5, open_end=True)
    session.interrupt()
    server.wait("response.cancel")
    with monkeypatch.context() as patched:
        impatient = replace(session.conversation._speech._options, timeout_s=0.05)
        patched.setattr(session.conversation._speech, "_options", impatient)
        session.conversation.chat("Hello?")
        assert "did not answer within" in player.hear("error").fields["message"]
    server.sayings = [Saying([(tone(0.2), "Yes.")])]
    session.conversation.chat("Hello again?")
    player.until("end", 2)
    assert texts(player, "end")[-1] == "Yes."


# -- connections that end -------------------------------------------------------------------------


def test_a_session_that_expires_is_followed_by_another_and_nobody_notices(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(0.2), "Fine.")])]
    session.conversation.chat("How are you?")
    player.until("end")
    server.sayings = []
    session.conversation.chat("Still there?", fields={"ticket": 7})
    server.wait("response.create", 2)
    server.sayings = [Saying([(tone(0.2), "Always.")])]
    server.send(refusal(EXPIRED, "session_expired"))
    player.until("end", 2)
    assert server.connections == 2
    assert "error" not in player.names()
    items = [each["item"] for each in server.of("conversation.item.create")]
    assert [each["content"][0]["text"] for each in items[2:]] == ["How are you?", "Fine.", "Still there?"]


def test_an_answer_that_a_session_expires_in_is_told(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(0.4), "Half of it.")], open_end=True)]
    session.conversation.chat("Tell me.")
    play_ready(session, player, 5)
    server.send(refusal(EXPIRED, "session_expired"))
    player.until("end")
    assert "maximum duration" in player.hear("error").fields["message"]
    server.wait("session.update", 2)


def test_a_server_that_has_no_quota_left_is_not_searched_elsewhere(
    parts: Parts, server: RealtimeServer
) -> None:
    server.refuses = 429
    session = Session("two", parts, FakeAvatar())
    player = Player(session)
    session.start()
    try:
        told = player.hear("error").fields["message"]
    finally:
        session.close()
    assert "no quota is left" in told
    assert "realtime_url" not in told


def test_a_server_that_leaves_at_once_is_not_run_after(parts: Parts, server: RealtimeServer) -> None:
    server.leaves = "no quota left"
    session = Session("two", parts, FakeAvatar())
    player = Player(session)
    session.start()
    try:
        assert "no quota left" in player.hear("error").fields["message"]
        assert server.connections == 2
        session.conversation.chat("Anybody?")
        until(lambda: server.connections > 2)
    finally:
        session.close()
