"""Whole sessions that a live voice speaks through."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from livetalk.errors import NotFound
from livetalk.parts import Parts
from livetalk.pipeline.voice_in import VoiceIn
from livetalk.session import Session
from livetalk.types import CHUNK_SAMPLES, Int16Array
from tests.fakes import FakeAvatar, FakeEngine, FakeTTS
from tests.player import Player

WORD = np.tile(np.array([6000, -6000], np.int16), CHUNK_SAMPLES * 10 // 2)
"""0.2 s"""
QUIET = np.zeros(CHUNK_SAMPLES * 25, np.int16)
"""0.5 s: longer than a voice may pause"""


@pytest.fixture
def voice(session: Session) -> VoiceIn:
    voice = session.listen({"who": "me"})
    voice.push(QUIET)
    return voice


def loud(player: Player) -> Int16Array:
    """All that sounded."""
    spoken = player.spoken()
    heard: Int16Array = spoken[spoken != 0]
    return heard


def test_a_live_voice_is_played_whole_with_its_start_and_end(session: Session, voice: VoiceIn) -> None:
    player = Player(session)
    voice.push(WORD)
    voice.push(QUIET)
    player.until("end")
    assert [name for name in player.names() if name != "latency"] == ["start", "end"]
    assert all(event.fields["who"] == "me" for event in player.events)
    assert {event.fields["text"] for event in player.events if event.name != "latency"} == {""}
    assert np.array_equal(loud(player), WORD)
    assert not session.speaking


def test_it_is_played_while_it_is_spoken(session: Session, voice: VoiceIn) -> None:
    player = Player(session)
    voice.push(WORD)
    player.until("start")
    assert session.speaking
    assert "end" not in player.names()


def test_a_text_waits_for_the_voice_and_the_voice_for_a_text(session: Session, voice: VoiceIn) -> None:
    player = Player(session)
    session.say("before")
    voice.push(WORD)
    session.say("after")
    voice.push(QUIET)
    player.until("end", 3)
    assert [event.fields["text"] for event in player.events if event.name == "end"] == ["before", "", "after"]


def test_an_interrupt_cuts_the_stretch_and_the_next_one_is_said(session: Session, voice: VoiceIn) -> None:
    player = Player(session)
    voice.push(WORD)
    player.until("start")
    session.interrupt()
    assert not np.any(player.play())
    assert player.names()[-1] == "interrupted"
    voice.push(WORD)
    voice.push(QUIET)
    voice.push(WORD)
    voice.push(QUIET)
    player.until("end")
    assert player.names().count("start") == 2
    assert not session.speaking


def test_a_text_after_an_interrupt_does_not_wait_for_the_voice_that_was_cut(
    session: Session, voice: VoiceIn
) -> None:
    player = Player(session)
    voice.push(WORD)
    player.until("start")
    session.interrupt()
    session.say("now")
    player.until("end")
    assert player.events[-1].fields["text"] == "now"


def test_a_voice_whose_sound_stops_coming_lets_a_text_speak(session: Session, voice: VoiceIn) -> None:
    player = Player(session)
    voice.push(WORD)
    session.say("at last")
    player.until("end", 2)
    assert np.count_nonzero(player.spoken()) == len(WORD) + 2 * FakeTTS.word_samples


def test_an_engine_that_fails_on_a_voice_is_reported_and_the_next_stretch_is_said(
    session: Session, engine: FakeEngine, voice: VoiceIn
) -> None:
    player = Player(session)
    engine.failing = True
    voice.push(WORD)
    voice.push(QUIET)
    player.hear("error")
    engine.failing = False
    voice.push(WORD)
    voice.push(QUIET)
    player.until("end")
    assert not session.speaking


def test_closing_ends_every_thread_also_while_somebody_speaks(parts: Parts) -> None:
    before = set(threading.enumerate())
    session = Session("two", parts, FakeAvatar())
    session.start()
    voice = session.listen()
    voice.push(QUIET)
    voice.push(WORD)
    session.close()
    assert set(threading.enumerate()) <= before
    voice.push(WORD)
    assert voice.closed
    with pytest.raises(NotFound, match="ended"):
        session.listen()


def test_a_voice_that_was_closed_is_not_kept(session: Session) -> None:
    for _ in range(3):
        session.listen().close()
    kept = session.listen()
    assert session._voices._open == [kept]
