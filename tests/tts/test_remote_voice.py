from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Sequence

import numpy as np
import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.protocols import Pcm, VoiceOptions, WordTime
from livetalk.tts.remote_voice import FRESH_S, RemoteVoice
from livetalk.types import Sentence, Tag
from tests.fakes import WAIT_S, Clock

SOUND = Pcm(np.ones(100, np.int16), 16_000)


class Acme:
    """A provider that does as it is told."""

    name = "Acme"
    known_voices = ("old",)

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.parts: list[Pcm | WordTime | Exception] = [SOUND]
        self.list: Sequence[str] | Exception = ("new",)
        self.asked_for_list = 0
        self.closed = threading.Event()

    async def sound(self, sentence: Sentence) -> AsyncIterator[Pcm | WordTime]:
        self.texts.append(sentence.text)
        for part in self.parts:
            await asyncio.sleep(0)
            if isinstance(part, Exception):
                raise part
            yield part

    async def voices(self) -> Sequence[str]:
        self.asked_for_list += 1
        if isinstance(self.list, Exception):
            raise self.list
        return self.list

    async def close(self) -> None:
        self.closed.set()


class House:
    """A provider and its voice."""

    def __init__(self) -> None:
        self.acme, self.clock = Acme(), Clock()
        self.tts = RemoteVoice(self.acme, VoiceOptions(timeout_s=WAIT_S), self.clock)
        self.tts.load()

    def say(self, text: str = "hello") -> list[Pcm | WordTime]:
        return [*self.tts.speak(Sentence(text, Tag(0, 0)), Cancellation())]


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.tts.close()


def test_the_list_is_asked_for_once_a_minute(house: House) -> None:
    assert [*house.tts.voices()] == ["new"]
    house.acme.list = ("newer",)
    assert [*house.tts.voices()] == ["new"]
    assert house.acme.asked_for_list == 1
    house.clock.pass_by(FRESH_S)
    assert [*house.tts.voices()] == ["newer"]


def test_a_list_that_cannot_be_had_is_what_was_known_of_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.acme.list = ProviderError("Acme is away", retryable=True)
    with caplog.at_level(logging.WARNING):
        assert [*house.tts.voices()] == ["old"]
        assert [*house.tts.voices()] == ["old"]
    assert house.acme.asked_for_list == 1
    assert caplog.text.count("Acme is away") == 1
    house.acme.list = ("new",)
    house.clock.pass_by(FRESH_S)
    assert [*house.tts.voices()] == ["new"]
    house.acme.list = ProviderError("Acme is away", retryable=True)
    house.clock.pass_by(FRESH_S)
    assert [*house.tts.voices()] == ["new"]


def test_half_characters_do_not_reach_the_wire_and_move_nothing(house: House) -> None:
    assert house.say("a\ud83db") == [SOUND]
    assert house.acme.texts == ["a b"]


def test_words_without_sound_are_no_sound(house: House) -> None:
    house.acme.parts = [WordTime("hello", 0, 0.0), Pcm(SOUND.samples[:0], 16_000)]
    with pytest.raises(ProviderError, match="Acme sent no sound"):
        house.say()


def test_it_can_be_closed_twice_and_loaded_again() -> None:
    house = House()
    house.tts.close()
    assert house.acme.closed.is_set()
    house.tts.close()
    with pytest.raises(ProviderError, match="Acme is closed"):
        house.say()
    house.tts.load()
    assert house.say() == [SOUND]
    house.tts.close()
