"""The floor: who has it, and what is asked, event by event."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from livetalk.audio.turn_events import (
    TurnEvent,
    VoiceBegan,
    VoiceEnded,
    VoiceHeard,
    VoicePaused,
    VoiceWentOn,
)
from livetalk.errors import ProviderError
from livetalk.listening.attempt import Attempt
from livetalk.listening.floor import Floor
from livetalk.protocols import Transcript
from livetalk.types import SAMPLE_RATE, Tag

PCM = np.ones(512, np.int16)


class FakeTalk:
    """A conversation that writes down what is done to it."""

    def __init__(self, busy: bool = False) -> None:
        self.busy = busy
        self.held = False
        self.hears = False
        self.did: list[str] = []
        self.asked: list[str] = []
        self.times: list[Mapping[str, float]] = []
        self.transcripts: list[tuple[str, bool]] = []
        self.errors: list[str] = []

    def hold(self, holder: object) -> bool:
        self.held = True
        return self.busy

    def release(self, holder: object) -> None:
        self.held = False

    def interrupt(self) -> None:
        self.did.append("interrupt")

    def ask(self, text: str, heard: Mapping[str, float]) -> Tag:
        self.asked.append(text)
        self.times.append(heard)
        self.did.append("ask")
        return Tag(0, len(self.asked))

    def retract(self, tag: Tag) -> None:
        self.did.append(f"retract {tag.utterance}")

    def listening(self, listener: object, active: bool) -> None:
        self.hears = active

    def understood(self, text: str, final: bool, tag: Tag | None) -> None:
        self.transcripts.append((text, final))

    def misheard(self, message: str) -> None:
        self.errors.append(message)


class Room:
    """A floor, and somebody who speaks."""

    def __init__(self, busy: bool = False, barge_in: bool = True) -> None:
        self.talk = FakeTalk(busy)
        self.attempts: list[Attempt] = []
        self.floor = Floor(
            self.talk, self.attempts.append, lambda sample: sample / SAMPLE_RATE, lambda: 9.0, barge_in
        )
        self.at = 16_000

    def follow(self, *events: TurnEvent) -> None:
        for event in events:
            self.floor.follow(event)

    def begin(self) -> None:
        self.follow(VoiceBegan(self.at, self.at - 512, PCM))

    def speak(self, seconds: float = 0.3) -> None:
        for _ in range(int(seconds * SAMPLE_RATE) // 512):
            self.at += 512
            self.follow(VoiceHeard(self.at, PCM))

    def pause(self, brief: bool = False) -> None:
        self.follow(VoicePaused(self.at + 3200, self.at, 300, brief))

    def go_on(self) -> None:
        self.follow(VoiceWentOn(self.at))

    def end(self, brief: bool = False, cut: bool = False) -> None:
        self.follow(VoiceEnded(self.at + 11_200, self.at, 300, brief, cut))

    def understand(self, text: str, final: bool = True) -> None:
        self.floor.learn(self.attempts[-1], Transcript(text, final))

    def sound(self) -> int:
        """Samples that the last attempt has, once it ended."""
        return sum(len(piece) for piece in self.attempts[-1].pieces())


def test_a_finished_question_is_asked_at_its_first_pause() -> None:
    room = Room()
    room.begin()
    room.speak()
    assert room.talk.held
    assert room.talk.hears
    room.pause()
    assert room.sound() == 10 * 512
    room.understand("How are you?")
    assert room.talk.asked == ["How are you?"]
    assert room.talk.times == [{"asked": room.at / SAMPLE_RATE, "recognised": 9.0}]
    assert room.talk.transcripts == [("How are you?", True)]
    assert not room.talk.held
    room.end()
    assert room.talk.did == ["ask"]
    assert not room.talk.hears


@pytest.mark.parametrize("text", ["I would like to", "Tell me about the.", "So...", "我想要和"])
def test_what_sounds_unfinished_is_asked_at_the_end_of_the_turn(text: str) -> None:
    room = Room()
    room.begin()
    room.pause()
    room.understand(text)
    assert room.talk.asked == []
    room.end()
    assert room.talk.asked == [text]


def test_words_that_come_after_the_end_of_the_turn_are_asked_at_once() -> None:
    room = Room()
    room.begin()
    room.pause()
    room.end()
    assert room.talk.asked == []
    room.understand("One moment")
    assert room.talk.asked == ["One moment"]
    assert not room.talk.held


def test_a_voice_that_goes_on_before_it_was_understood_is_understood_whole() -> None:
    room = Room()
    room.begin()
    room.pause()
    early = room.attempts[-1]
    room.go_on()
    assert early.cancel()
    room.speak(0.1)
    room.pause()
    room.floor.learn(early, Transcript("Too early.", True))
    assert room.talk.asked == []
    room.understand("First this, then that.")
    assert room.talk.asked == ["First this, then that."]
    assert room.sound() == 4 * 512


def test_a_question_that_goes_on_after_all_is_taken_back_and_asked_whole() -> None:
    room = Room()
    room.begin()
    room.pause()
    room.understand("Tell me a story.")
    room.go_on()
    assert room.talk.held
    room.pause()
    room.understand("Tell me a story. About a king.")
    assert room.talk.did == ["ask", "retract 1", "ask"]
    assert room.talk.asked[-1] == "Tell me a story. About a king."


def test_words_over_the_avatar_stop_it_for_good() -> None:
    room = Room(busy=True)
    room.begin()
    assert room.talk.held
    assert room.talk.did == []
    room.understand("Stop", final=False)
    assert room.talk.did == ["interrupt"]
    assert room.talk.transcripts == [("Stop", False)]
    room.pause()
    room.understand("Stop it, please.")
    assert room.talk.did == ["interrupt", "ask"]


def test_a_cough_gives_the_floor_back() -> None:
    room = Room(busy=True)
    room.begin()
    room.pause(brief=True)
    assert not room.talk.held
    room.end(brief=True)
    assert room.talk.did == []
    assert not room.talk.hears


@pytest.mark.parametrize("text", ["", "  ", "Uh-huh.", "Mm-hmm", "Yeah, yeah.", "嗯。", "はい。", "..."])
def test_a_sign_of_listening_gives_the_floor_back(text: str) -> None:
    room = Room(busy=True)
    room.begin()
    room.speak()
    room.pause()
    assert room.talk.held
    room.understand(text)
    assert not room.talk.held
    room.end()
    assert room.talk.did == []


def test_a_yes_while_the_avatar_is_silent_is_an_answer() -> None:
    room = Room()
    room.begin()
    room.pause()
    room.understand("Yes.")
    assert room.talk.asked == ["Yes."]


def test_a_sound_without_words_is_no_question() -> None:
    room = Room()
    room.begin()
    room.pause()
    room.understand("")
    room.end()
    assert room.talk.did == []
    assert not room.talk.held


def test_more_speech_while_words_are_awaited_belongs_to_them() -> None:
    room = Room()
    room.begin()
    room.pause()
    room.end()
    room.begin()
    room.pause()
    room.understand("Both of it.")
    assert room.sound() == 2 * 512
    assert room.talk.asked == ["Both of it."]


def test_letting_go_of_the_button_asks_at_the_next_pause() -> None:
    room = Room()
    room.begin()
    room.floor.finish()
    room.speak(0.1)
    room.pause()
    room.understand("I would like to")
    assert room.talk.asked == ["I would like to"]


def test_letting_go_of_the_button_in_a_pause_asks_at_once() -> None:
    room = Room()
    room.begin()
    room.pause()
    room.understand("I would like to")
    room.floor.finish()
    assert room.talk.asked == ["I would like to"]


def test_a_button_that_is_let_go_in_silence_ends_nothing_later() -> None:
    room = Room()
    room.floor.finish()
    room.begin()
    room.pause()
    room.understand("I would like to")
    assert room.talk.asked == []


def test_without_barging_in_nobody_is_heard_while_the_avatar_speaks() -> None:
    room = Room(busy=True, barge_in=False)
    room.begin()
    room.speak()
    room.pause()
    room.end()
    assert not room.talk.held
    assert room.attempts == []
    assert room.talk.did == []


def test_a_recogniser_that_fails_is_told_and_the_avatar_goes_on() -> None:
    room = Room(busy=True)
    room.begin()
    room.pause()
    room.floor.learn(room.attempts[-1], ProviderError("nobody there", retryable=True))
    assert room.talk.errors == ["nobody there"]
    assert not room.talk.held
    assert not room.talk.hears
    room.end()
    assert room.talk.did == []


def test_an_ear_that_is_closed_lets_the_avatar_go_on() -> None:
    room = Room(busy=True)
    room.begin()
    attempt = room.attempts[-1]
    room.floor.leave()
    assert attempt.cancel()
    assert not room.talk.held
