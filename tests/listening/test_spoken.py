"""The floor where the sound itself is answered, event by event."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.audio.turn_events import VoiceBegan, VoiceEnded, VoiceHeard, VoicePaused, VoiceWentOn
from livetalk.listening.spoken import WORDLESS_S, SpokenFloor
from livetalk.types import SAMPLE_RATE, Int16Array
from tests.listening.test_floor import FakeTalk

PCM = np.ones(512, np.int16)
LONG = int(WORDLESS_S * SAMPLE_RATE) + 513


class Notes:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.spoken_at: float | None = None

    def hear(self, pcm: Int16Array) -> None:
        self.did.append(f"hear {len(pcm)}")

    def end_heard(self, spoken_at: float | None) -> None:
        self.did.append("end")
        self.spoken_at = spoken_at

    def forget_heard(self) -> None:
        self.did.append("forget")


def seconds(sample: int) -> float:
    return sample / SAMPLE_RATE


def ended(at: int, *, brief: bool = False) -> VoiceEnded:
    return VoiceEnded(at, at, 500.0, brief)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.mark.parametrize("brief", [False, True])
def test_speech_is_sent_as_it_is_spoken_and_answered_at_its_end_but_a_cough_is_not(
    notes: Notes, brief: bool
) -> None:
    talk = FakeTalk()
    floor = SpokenFloor(talk, notes, seconds)
    floor.follow(VoiceBegan(512, 0, PCM))
    assert talk.hears
    floor.follow(VoiceHeard(1024, PCM[:100]))
    floor.follow(ended(1024, brief=brief))
    assert notes.did == ["hear 512", "hear 100", "forget" if brief else "end"]
    assert (talk.hears, talk.held, talk.did) == (False, False, [])


def test_who_goes_on_over_the_avatar_stops_it(notes: Notes) -> None:
    talk = FakeTalk(busy=True)
    floor = SpokenFloor(talk, notes, seconds)
    floor.follow(VoiceBegan(512, 0, PCM))
    assert (talk.held, talk.did) == (True, [])
    floor.follow(VoiceHeard(LONG, PCM))
    floor.follow(VoiceHeard(LONG + 512, PCM))
    floor.follow(ended(LONG + 512))
    assert talk.did == ["interrupt"]
    assert notes.did[-1] == "end"


def test_a_sign_of_listening_lets_the_avatar_go_on_and_is_not_answered(notes: Notes) -> None:
    talk = FakeTalk(busy=True)
    floor = SpokenFloor(talk, notes, seconds)
    floor.follow(VoiceBegan(512, 0, PCM))
    floor.follow(VoicePaused(1024, 512, 300.0, brief=False))
    assert not talk.held
    floor.follow(VoiceWentOn(2048))
    assert talk.held
    floor.follow(ended(3000))
    assert (talk.held, talk.did, notes.did[-1]) == (False, [], "forget")


def test_where_nobody_may_interrupt_nobody_is_heard_over_the_avatar(notes: Notes) -> None:
    talk = FakeTalk(busy=True)
    floor = SpokenFloor(talk, notes, seconds, barge_in=False)
    floor.follow(VoiceBegan(512, 0, PCM))
    floor.follow(VoiceHeard(LONG, PCM))
    floor.follow(ended(LONG))
    assert (notes.did, talk.did, talk.held) == ([], [], False)


def test_letting_go_of_the_button_ends_the_turn_at_once(notes: Notes) -> None:
    floor = SpokenFloor(FakeTalk(), notes, seconds)
    floor.follow(VoiceBegan(512, 0, PCM))
    floor.finish()
    floor.follow(VoiceHeard(1024, PCM))
    floor.follow(ended(1024))
    assert notes.did == ["hear 512", "end"]


def test_a_failure_is_told_and_what_was_heard_forgotten(notes: Notes) -> None:
    talk = FakeTalk()
    floor = SpokenFloor(talk, notes, seconds)
    floor.follow(VoiceBegan(512, 0, PCM))
    floor.give_up("it broke")
    assert (talk.errors, notes.did[-1]) == (["it broke"], "forget")


@pytest.mark.parametrize(("goes_on", "spoken_at"), [(False, 1.0), (True, None)])
def test_it_is_told_when_the_speech_ended_not_when_that_was_known(
    notes: Notes, goes_on: bool, spoken_at: float | None
) -> None:
    floor = SpokenFloor(FakeTalk(), notes, seconds)
    floor.follow(VoiceBegan(512, 0, PCM))
    floor.follow(VoicePaused(SAMPLE_RATE + 3200, SAMPLE_RATE, 300.0, False))
    if goes_on:
        floor.follow(VoiceWentOn(SAMPLE_RATE + 4000))
    floor.finish()
    assert notes.spoken_at == spoken_at
