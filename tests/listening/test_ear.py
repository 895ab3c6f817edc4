"""An ear with the real judge of speech, and a recogniser that knows what it will be told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from livetalk.audio.silero import SileroModel
from livetalk.errors import ProviderError
from livetalk.listening.ear import Ear, Hearing
from livetalk.protocols import Cancel, Transcript
from livetalk.types import CHUNK_SAMPLES, Int16Array
from tests.fakes import WAIT_S
from tests.listening.speech import quiet, speech
from tests.listening.test_floor import FakeTalk

QUESTION = "Would you tell me a story, please?"


class FakeSTT:
    """Understands what it was told to, once all was heard."""

    def __init__(self, *texts: str | Exception) -> None:
        self.texts = [*texts]
        self.heard: list[int] = []
        self.cancelled = threading.Event()

    def load(self) -> None:
        """Ready."""

    def transcribe(self, sound: Iterator[Int16Array], cancel: Cancel) -> Iterator[Transcript]:
        """Take all, then tell."""
        self.heard.append(sum(len(piece) for piece in sound))
        if cancel():
            self.cancelled.set()
            return
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if isinstance(text, Exception):
            raise text
        yield Transcript(text.split()[0] if text else "", final=False)
        yield Transcript(text, final=True)

    def close(self) -> None:
        """Nothing to let go of."""


class WaitingTalk(FakeTalk):
    """Can be waited for."""

    def __init__(self, busy: bool = False) -> None:
        super().__init__(busy)
        self.changed = threading.Condition()

    def listening(self, listener: object, active: bool) -> None:
        with self.changed:
            super().listening(listener, active)
            self.changed.notify_all()

    def misheard(self, message: str) -> None:
        with self.changed:
            super().misheard(message)
            self.changed.notify_all()

    def understood(self, text: str, final: bool, tag: object) -> None:
        with self.changed:
            super().understood(text, final, None)
            self.changed.notify_all()

    def until(self, come: str, count: int = 1) -> None:
        """Wait until there are so many of `asked`, `errors`, `transcripts`."""
        with self.changed:
            there = self.changed.wait_for(lambda: len(getattr(self, come)) >= count, WAIT_S)
        assert there, f"only {getattr(self, come)}"


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel.load()


def tell(ear: Ear, *sounds: Int16Array) -> None:
    """Push sound in 20 ms pieces, no faster than it is heard, by what it has room for."""
    stream = np.concatenate(sounds)
    for start in range(0, len(stream), CHUNK_SAMPLES):
        while len(ear._inbox) > 100:
            threading.Event().wait(0.001)
        ear.push(stream[start : start + CHUNK_SAMPLES])


def test_a_question_into_a_microphone_is_asked(model: SileroModel) -> None:
    talk, stt = WaitingTalk(), FakeSTT(QUESTION)
    with closing(Ear(talk, Hearing(model.stream, stt))) as ear:
        tell(ear, quiet(0.5), speech(QUESTION), quiet(1.0))
        talk.until("asked")
    assert talk.asked == [QUESTION]
    assert talk.transcripts == [("Would", False), (QUESTION, True)]
    assert stt.heard[-1] >= len(speech(QUESTION)) * 0.9
    assert not talk.held


def test_quiet_and_clicks_are_nothing(model: SileroModel) -> None:
    talk, stt = WaitingTalk(), FakeSTT("never")
    clicks = quiet(3.0)
    clicks[::4000] = 20_000
    with closing(Ear(talk, Hearing(model.stream, stt))) as ear:
        tell(ear, clicks)
    assert talk.did == []
    assert stt.heard == []


def test_a_recogniser_that_fails_is_told_and_the_next_question_is_asked(model: SileroModel) -> None:
    talk = WaitingTalk()
    stt = FakeSTT(ProviderError("it is down", retryable=True))
    with closing(Ear(talk, Hearing(model.stream, stt))) as ear:
        tell(ear, quiet(0.5), speech(QUESTION), quiet(1.2))
        talk.until("errors")
        stt.texts = [QUESTION]
        tell(ear, speech(QUESTION), quiet(1.2))
        talk.until("asked")
    assert talk.errors == ["it is down"]
    assert talk.asked == [QUESTION]


def test_an_ear_closes_in_mid_word_and_gives_up_what_it_heard(model: SileroModel) -> None:
    talk, stt = WaitingTalk(busy=True), FakeSTT(QUESTION)
    before = threading.active_count()
    ear = Ear(talk, Hearing(model.stream, stt))
    tell(ear, quiet(0.5), speech(QUESTION))
    ear.close()
    ear.push(speech(QUESTION))
    assert not talk.held
    assert talk.asked == []
    assert threading.active_count() == before


def test_without_a_recogniser_long_speech_stops_the_avatar_and_a_word_does_not(model: SileroModel) -> None:
    talk = WaitingTalk(busy=True)
    with closing(Ear(talk, Hearing(model.stream))) as ear:
        tell(ear, quiet(0.5), speech("Yes."), quiet(1.2))
    assert talk.did == []
    with closing(Ear(talk, Hearing(model.stream))) as ear:
        tell(ear, quiet(0.5), speech(QUESTION), quiet(1.2))
    assert talk.did == ["interrupt"]
    assert not talk.held
    assert talk.asked == []


def test_an_ear_that_never_heard_anything_has_no_thread(model: SileroModel) -> None:
    before = threading.active_count()
    ear = Ear(WaitingTalk(), Hearing(model.stream, FakeSTT("")))
    assert threading.active_count() == before
    ear.close()
    assert ear.closed
