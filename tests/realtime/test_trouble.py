"""Servers of the Realtime API that refuse, fail, go or never answer."""

from __future__ import annotations

import threading
from dataclasses import replace

from livetalk.parts import Parts
from livetalk.session import Session
from tests.fakes import FakeAvatar, FakeEngine
from tests.player import Player
from tests.realtime.playing import begin, texts
from tests.realtime.realtime_server import (
    RealtimeServer,
    Saying,
    delta,
    done,
    refusal,
    tone,
)
from tests.waiting import until


def test_an_error_of_the_server_is_told(session: Session, server: RealtimeServer, player: Player) -> None:
    server.send(refusal("no such voice"))
    assert "no such voice" in player.hear("error").fields["message"]


def test_a_question_that_the_server_refuses_is_told_and_the_next_one_is_asked(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    session.conversation.chat("Hello?")
    (asked,) = server.wait("response.create")
    server.send(refusal("not now", None, asked["event_id"]))
    player.until("end")
    assert "not now" in player.hear("error").fields["message"]
    server.sayings = [Saying([(tone(0.2), "Yes.")])]
    session.conversation.chat("Hello again?")
    player.until("end", 2)
    assert texts(player, "end")[-1] == "Yes."


def test_a_question_that_comes_while_the_server_answers_somebody_else_is_asked_again(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    session.conversation.chat("Hello?")
    (asked,) = server.wait("response.create")
    code = "conversation_already_has_active_response"
    server.send({"type": "input_audio_buffer.committed", "item_id": "said_1"})
    server.start("resp_a", Saying([(tone(0.2), "To the other.")], open_end=True))
    server.send(refusal("", code, asked["event_id"]))
    server.sayings = [Saying([(tone(0.2), "To you.")])]
    server.send(done("resp_a"))
    player.until("end", 2)
    assert texts(player, "end") == ["To you.", "To the other."]
    assert len(server.of("conversation.item.create")) == 1


def test_what_cannot_be_stopped_any_more_is_no_trouble_of_the_users(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    begin(session, server, player, 5, open_end=True)
    session.interrupt()
    (cancelled,) = server.wait("response.cancel")
    (cut,) = server.wait("conversation.item.truncate")
    for sent in (cancelled, cut):
        server.send(refusal("too late", None, sent["event_id"]))
    server.send(refusal("something else"))
    assert "something else" in player.hear("error").fields["message"]
    assert player.names().count("error") == 1


def test_an_answer_that_fails_is_told_with_the_reason(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(0.2), "")], open_end=True)]
    session.conversation.chat("Hello?")
    server.wait("response.create")
    server.send(done("resp_1", "failed", {"error": {"message": "out of quota"}}))
    player.until("end")
    assert "out of quota" in player.hear("error").fields["message"]
    assert not session.speaking


def test_an_engine_that_fails_on_an_answer_has_the_server_make_no_more_of_it(
    session: Session, server: RealtimeServer, player: Player, engine: FakeEngine
) -> None:
    server.sayings = [Saying([(tone(0.2), "")], open_end=True)]
    engine.failing = True
    session.conversation.chat("Hello?")
    player.hear("error")
    until(lambda: not session.speaking)
    engine.failing = False
    session.say("meanwhile")
    player.until("end")
    server.send(*delta("resp_1", tone(1)))
    server.wait("response.cancel")
    server.send(done("resp_1", "cancelled"))
    server.sayings = [Saying([(tone(0.2), "Yes.")])]
    session.conversation.chat("And now?")
    player.until("end", 2)
    assert texts(player, "end") == ["meanwhile", "Yes."]


def test_a_connection_lost_in_mid_answer_is_told_and_another_one_knows_the_conversation(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(1), "Half of it.")], open_end=True)]
    session.conversation.chat("Tell me.")
    player.until("start")
    server.drop()
    player.until("end")
    assert "closed the connection" in player.hear("error").fields["message"]
    server.wait("session.update", 2)
    server.sayings = [Saying([(tone(0.2), "Gladly.")])]
    session.conversation.chat("Again.")
    player.until("end", 2)
    items = [each["item"] for each in server.of("conversation.item.create")]
    assert [(each["role"], each["content"][0]["text"]) for each in items] == [
        ("user", "Tell me."),
        ("user", "Tell me."),
        ("assistant", "Half of it."),
        ("user", "Again."),
    ]
    assert server.connections == 2


def test_a_provider_that_is_gone_fails_a_question_and_the_session_lives_on(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.refuses = 503
    server.drop()
    until(lambda: server.connections == 2)
    player.hear("error")
    session.conversation.chat("Anybody?")
    until(lambda: sum("answered 503" in str(each.fields.get("message")) for each in player.events) >= 2)
    player.until("end")
    session.say("still here")
    player.until("end", 2)
    assert texts(player, "end")[-1] == "still here"


def test_a_question_asked_while_nobody_is_connected_is_asked_once_somebody_is(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.refuses = 503
    server.drop()
    player.hear("error")
    server.refuses = 0
    server.sayings = [Saying([(tone(0.2), "Here.")])]
    session.conversation.chat("Anybody?")
    player.until("end")
    items = [each["item"]["content"][0]["text"] for each in server.of("conversation.item.create")]
    assert items == ["Anybody?"]
    assert texts(player, "end") == ["Here."]


def test_a_key_that_is_refused_is_named(parts: Parts, server: RealtimeServer) -> None:
    server.refuses = 401
    session = Session("two", parts, FakeAvatar())
    player = Player(session)
    session.start()
    try:
        assert "LIVETALK_REALTIME_KEY" in player.hear("error").fields["message"]
    finally:
        session.close()


def test_a_server_that_says_nothing_is_given_up(parts: Parts, server: RealtimeServer) -> None:
    server.mute = True
    assert parts.realtime is not None
    parts.realtime._options = replace(parts.realtime_options, timeout_s=0.05)  # type: ignore[attr-defined]
    session = Session("two", parts, FakeAvatar())
    player = Player(session)
    session.start()
    try:
        assert "did not answer within" in player.hear("error").fields["message"]
    finally:
        session.close()


def test_closing_in_mid_answer_leaves_no_thread(parts: Parts, server: RealtimeServer) -> None:
    before = set(threading.enumerate())
    session = Session("two", parts, FakeAvatar())
    player = Player(session)
    session.start()
    server.wait("session.update")
    begin(session, server, player, 5, open_end=True)
    session.close()
    assert set(threading.enumerate()) <= before
