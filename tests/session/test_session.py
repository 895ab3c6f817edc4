from __future__ import annotations

import threading
import weakref

import numpy as np
import pytest

from livetalk.errors import InvalidRequest, NotFound, TooManyRequests, Unavailable
from livetalk.parts import Parts
from livetalk.session import Session
from livetalk.sessions import Sessions
from livetalk.stages import QUEUED
from livetalk.types import FRAME_SAMPLES
from tests.fakes import FakeAvatar, FakeEngine, FakeTTS
from tests.player import WAIT_S, Player


def test_a_text_is_played_whole_with_its_start_words_and_end(session: Session) -> None:
    player = Player(session)
    session.say("one two three", fields={"ticket": 7})
    player.until("end")
    assert [event.name for event in player.events if event.name != "latency"] == [
        "start",
        "word",
        "word",
        "word",
        "end",
    ]
    assert all(event.fields["ticket"] == 7 for event in player.events)
    assert np.count_nonzero(np.concatenate(player.sound)) == 3 * FakeTTS.word_samples
    assert not session.speaking


def test_a_text_without_interrupt_queues_behind_what_is_being_said(session: Session) -> None:
    player = Player(session)
    session.say("first one")
    session.say("second")
    player.until("end", 2)
    assert [event.fields["text"] for event in player.events if event.name == "end"] == ["first one", "second"]


def test_an_interrupt_is_silent_from_the_next_tick_on(session: Session) -> None:
    player = Player(session)
    session.say("a very long story that nobody wants to hear to its end at all")
    player.until("word", 2)
    session.interrupt()
    assert not np.any(player.play())
    assert player.names()[-1] == "interrupted"
    assert player.events[-1].fields["spoken"] == "a very"
    assert not session.speaking


def test_what_was_interrupted_never_plays_later(session: Session) -> None:
    player = Player(session)
    session.say("old " * 40)
    player.until("word")
    session.interrupt()
    session.say("new")
    player.until("end")
    words = [event.fields["word"] for event in player.events if event.name == "word"]
    assert words[-1] == "new"
    assert "old" not in words[player.names().index("interrupted") :]


def test_a_voice_that_fails_is_reported_and_the_next_text_still_plays(session: Session) -> None:
    player = Player(session)
    session.say("good fail")
    session.say("after")
    player.until("end", 2)
    errors = [event.fields["message"] for event in player.events if event.name == "error"]
    assert errors == ["the voice broke"]
    assert [e.fields["word"] for e in player.events if e.name == "word"] == ["good", "after"]


def test_an_engine_that_fails_is_reported_and_the_session_lives_on(
    session: Session, engine: FakeEngine
) -> None:
    player = Player(session)
    engine.failing = True
    session.say("nothing comes of this")
    with player.arrived:
        assert player.arrived.wait_for(lambda: "error" in player.names(), WAIT_S)
    session.interrupt()
    engine.failing = False
    session.say("but of this")
    player.until("end")
    assert not session.speaking


def test_the_body_never_jumps_over_idle_speech_and_interrupts(session: Session) -> None:
    player = Player(session)
    for _ in range(3):
        player.play()
    session.say("some words are said")
    player.until("word", 2)
    session.interrupt()
    for _ in range(4):
        player.play()
    session.say("more")
    player.until("end")
    for _ in range(3):
        player.play()
    assert set(np.diff(player.poses).tolist()) <= {0, 1}


def test_an_avatar_that_is_shown_no_more_is_let_go_of(parts: Parts) -> None:
    spoke, rested = FakeAvatar(), FakeAvatar()
    gone = {}
    for name, avatar in (("spoke", spoke), ("rested", rested)):
        gone[name] = threading.Event()
        weakref.finalize(avatar, gone[name].set)
    session = Session("one", parts, spoke)
    session.start()
    try:
        player = Player(session)
        session.say("words enough to change the face in the middle of them")
        player.until("word", 2)
        session.change_avatar(rested)
        del spoke, avatar
        player.until("end")
        assert gone["spoke"].wait(WAIT_S)
        session.change_avatar(FakeAvatar())
        del rested
        assert gone["rested"].wait(WAIT_S)
    finally:
        session.close()


def test_a_number_in_a_text_is_of_the_language_of_the_text(session: Session, parts: Parts) -> None:
    player = Player(session)
    session.say("12! Und dann ist das nicht so.")
    player.until("end", 2)
    assert isinstance(parts.tts, FakeTTS)
    assert parts.tts.spoken == ["12!", "Und dann ist das nicht so."]
    assert parts.tts.languages == ["de", "de"]


def test_text_that_cannot_be_spoken_is_refused(session: Session) -> None:
    with pytest.raises(InvalidRequest, match="nothing that can be spoken"):
        session.say(" \u200b ")
    assert not session.speaking


def test_a_full_queue_refuses_and_forgets_the_text_it_refused(session: Session, engine: FakeEngine) -> None:
    engine.gate.clear()

    def say_too_much() -> None:
        for _ in range(3 * QUEUED):
            session.say("once more")

    with pytest.raises(TooManyRequests):
        say_too_much()
    engine.gate.set()
    session.interrupt()
    assert not session.speaking


def test_a_text_of_more_sentences_than_may_wait_is_told_so(session: Session) -> None:
    with pytest.raises(TooManyRequests, match=f"{QUEUED + 1} sentences more are too many, 0 of at most"):
        session.say("Yes.\n" * (QUEUED + 1))
    assert not session.speaking


def test_closing_ends_every_thread_also_in_mid_speech(parts: Parts) -> None:
    before = set(threading.enumerate())
    session = Session("two", parts, FakeAvatar())
    session.start()
    session.say("word " * 200)
    session.close()
    assert set(threading.enumerate()) <= before


def test_concurrent_offers_cannot_slip_past_the_limit(parts: Parts, engine: FakeEngine) -> None:
    parts.batcher.warm_up(FakeAvatar())
    sessions = Sessions(parts, max_sessions=2)
    outcomes: list[bool] = []

    def open_one() -> None:
        try:
            sessions.open(FakeAvatar())
            outcomes.append(True)
        except Unavailable as error:
            outcomes.append(error.retry_after_s is None)

    threads = [threading.Thread(target=open_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes) == 2
    sessions.close_all()
    assert len(sessions) == 0


def test_a_session_whose_threads_cannot_be_had_keeps_no_place(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.batcher.warm_up(FakeAvatar())
    sessions = Sessions(parts, max_sessions=1)
    start = threading.Thread.start

    def start_few(thread: threading.Thread) -> None:
        if thread.name == "lipsync":
            raise RuntimeError("can't start new thread")
        start(thread)

    before = set(threading.enumerate())
    with monkeypatch.context() as busy:
        busy.setattr(threading.Thread, "start", start_few)
        with pytest.raises(RuntimeError, match="thread"):
            sessions.open(FakeAvatar())
    assert set(threading.enumerate()) <= before
    assert b"livetalk_sessions 0.0" in parts.metrics.text()
    sessions.open(FakeAvatar())
    sessions.close_all()


def test_an_unknown_session_is_named_as_such(parts: Parts) -> None:
    with pytest.raises(NotFound, match="connect again"):
        Sessions(parts, 1).get("nobody")


def test_a_session_is_quiet_only_when_it_neither_speaks_nor_was_asked(parts: Parts) -> None:
    now = [0.0]
    parts.batcher.warm_up(FakeAvatar())
    sessions = Sessions(parts, 4, clock=lambda: now[0])
    session = sessions.open(FakeAvatar())
    now[0] = 100.0
    assert sessions.quiet(50.0) == [session.id]
    session.say("hello")
    assert sessions.quiet(50.0) == []
    sessions.close_all()


def test_silence_has_the_length_of_a_picture(session: Session) -> None:
    assert Player(session).play().shape == (FRAME_SAMPLES,)
