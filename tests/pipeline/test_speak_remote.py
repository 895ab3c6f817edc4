"""The speak stage and a voice over the network: an interrupt, and an answer that breaks off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiohttp import web

from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.speak import Speak, Speech
from livetalk.protocols import VoiceOptions
from livetalk.steadfast import make_voice
from livetalk.types import AudioChunk, Sentence
from tests.fakes import WAIT_S, Basket, Notes
from tests.tts.sounds import tone
from tests.tts.stand_in import StandIn
from tests.waiting import until

TEMPLATE = {"json": {"text": "{text}"}, "format": "pcm", "rate": 24_000}


class Booth:
    """A stage at work, with a voice of a server and the offline one behind it."""

    def __init__(self, url: str) -> None:
        options = VoiceOptions(url=url, timeout_s=WAIT_S, extra=TEMPLATE)
        self.tts = make_voice("http", options, "espeak")
        self.tts.load()
        self.epoch, self.notes = Epoch(), Notes()
        self.basket: Basket[AudioChunk] = Basket()
        msgqueue: Channel[Speech] = Channel("msgqueue", 20)
        self.stage = Speak(msgqueue, self.basket, self.epoch, self.notes, self.tts, 10.0)
        self.stage.start()

    def say(self, text: str) -> None:
        self.stage.inbox.put(Sentence(text, self.epoch.next_tag()))

    def close(self) -> None:
        self.stage.stop()
        self.tts.close()


@pytest.fixture
def server() -> Iterator[StandIn]:
    stand_in = StandIn(tone(24_000).tobytes())
    with stand_in.serving([web.post("/", stand_in.sound)]):
        yield stand_in


@pytest.fixture
def booth(server: StandIn) -> Iterator[Booth]:
    made = Booth(server.url)
    yield made
    made.close()


def test_an_interrupt_closes_the_connection_and_the_next_sentence_is_spoken(
    server: StandIn, booth: Booth
) -> None:
    server.faults.pauses = True
    booth.say("one")
    booth.basket.wait(5)
    booth.epoch.advance()
    assert server.left.wait(WAIT_S)
    server.faults.pauses = False
    said = len(booth.basket.items)
    booth.say("two")
    chunks = booth.basket.wait(said + 50)
    assert chunks[-1].tag.epoch == 1
    assert not booth.notes.failures


def test_an_answer_that_breaks_off_ends_its_sentence_and_the_fallback_says_the_next(
    server: StandIn, booth: Booth
) -> None:
    server.faults.cuts = True
    booth.say("one")
    booth.notes.wait_for_failures(1)
    assert "broke off" in str(booth.notes.failures[0][2])
    until(lambda: booth.basket.items[-1].last)
    booth.say("two words")
    booth.basket.wait(len(booth.basket.items) + 10)
    assert len(server.requests) == 1
