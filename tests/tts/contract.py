"""What every voice over the network must do, whatever its provider does: `Contract`, to be inherited."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest
from aiohttp import web

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.protocols import TTS, Pcm, VoiceOptions, WordTime
from livetalk.registry import make_tts
from livetalk.types import Sentence, Tag
from tests.fakes import WAIT_S
from tests.tts.sounds import TONE_HZ, TONE_S, joined, strongest_hz, tone, wav
from tests.tts.stand_in import StandIn

KEY = "sk-a-secret-key"
TEXT = 'Hello <there> & "you", said she.'
TAG = Tag(0, 0)
IMPATIENT_S = 1.0
"""patience where the test waits for its end"""


class Contract:
    """Tests of one provider; a subclass says how it is made and what its wire looks like."""

    plugin: ClassVar[str]
    voice: ClassVar[str] = ""
    extra: ClassVar[Mapping[str, Any]] = {}
    key: ClassVar[str] = KEY
    """"" where the provider knows none"""
    rate: ClassVar[int] = 24_000
    other_rate: ClassVar[int] = 16_000
    """that a provider's header may have as well"""
    content_type: ClassVar[str] = "application/octet-stream"
    pause_s: ClassVar[float] = 0.0
    """silence that the plugin sets behind a sentence"""

    # -- what a subclass says ----------------------------------------------------------------------

    def content(self, rate: int) -> bytes:
        """The tone, as the provider sends it."""
        pcm = tone(rate)
        return pcm.astype("<i2").tobytes() if rate == self.rate else wav(pcm, rate)

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        """The provider's; `server.sound` answers with sound."""
        raise NotImplementedError

    def asked_text(self, server: StandIn) -> str:
        """The text in the last request, as the provider would read it."""
        raise NotImplementedError

    def voice_options(self, url: str, timeout_s: float) -> VoiceOptions:
        """The settings that lead to the server."""
        return VoiceOptions(
            voice=self.voice, url=url, key=self.key, timeout_s=timeout_s, extra=dict(self.extra)
        )

    def speak_to(self, url: str, timeout_s: float = WAIT_S) -> TTS:
        """The voice, loaded."""
        tts = make_tts(self.plugin, self.voice_options(url, timeout_s))
        tts.load()
        return tts

    # -- fixtures ----------------------------------------------------------------------------------

    @pytest.fixture
    def server(self) -> Iterator[StandIn]:
        stand_in = StandIn(self.content(self.rate), self.content_type)
        with stand_in.serving(self.routes(stand_in)):
            yield stand_in

    @pytest.fixture
    def tts(self, server: StandIn) -> Iterator[TTS]:
        tts = self.speak_to(server.url)
        yield tts
        tts.close()

    @pytest.fixture
    def impatient(self, server: StandIn) -> Iterator[TTS]:
        tts = self.speak_to(server.url, IMPATIENT_S)
        yield tts
        tts.close()

    # -- what holds for all ------------------------------------------------------------------------

    def test_a_sentence_is_spoken(self, server: StandIn, tts: TTS) -> None:
        pcm, rate = joined(all_of(tts))
        assert rate == self.rate
        assert len(pcm) / rate == pytest.approx(TONE_S + self.pause_s, abs=0.1)
        assert strongest_hz(pcm, rate) == pytest.approx(TONE_HZ, abs=5)
        assert self.asked_text(server) == TEXT

    def test_one_sentence_after_the_other_is_spoken(self, server: StandIn, tts: TTS) -> None:
        first, second = joined(all_of(tts)), joined(all_of(tts))
        assert first[0].tobytes() == second[0].tobytes()

    def test_the_first_sound_comes_while_the_rest_is_still_made(self, server: StandIn, tts: TTS) -> None:
        server.faults.pauses = True
        parts = tts.speak(Sentence(TEXT, TAG), Cancellation())
        first = next(part for part in parts if isinstance(part, Pcm))
        server.go_on()
        pcm, rate = joined([first, *parts])
        assert len(pcm) / rate == pytest.approx(TONE_S + self.pause_s, abs=0.1)

    def test_sound_of_another_rate_is_told_as_what_it_is(self, server: StandIn, tts: TTS) -> None:
        server.content = self.content(self.other_rate)
        pcm, rate = joined(all_of(tts))
        assert rate == self.other_rate
        assert strongest_hz(pcm, rate) == pytest.approx(TONE_HZ, abs=5)

    def test_an_answer_that_is_cut_off_is_an_error_after_its_sound(self, server: StandIn, tts: TTS) -> None:
        server.faults.cuts = True
        heard, error = until_error(tts)
        assert sum(len(part.samples) for part in heard if isinstance(part, Pcm)) > 0.2 * self.rate
        assert error.retryable

    def test_a_server_error_may_be_tried_again(self, server: StandIn, tts: TTS) -> None:
        server.faults.statuses = [500]
        heard, error = until_error(tts)
        assert not heard
        assert error.retryable
        assert joined(all_of(tts))[1] == self.rate

    def test_a_server_that_fails_for_ever_is_told_as_such(self, server: StandIn, tts: TTS) -> None:
        server.faults.status = 500
        for _ in range(3):
            _, error = until_error(tts)
            assert error.retryable
            assert "500" in str(error)

    def test_a_server_that_does_not_answer_is_given_up(self, server: StandIn, impatient: TTS) -> None:
        server.faults.silent = True
        heard, error = until_error(impatient)
        assert not heard
        assert error.retryable
        assert f"did not answer within {IMPATIENT_S:g} s" in str(error)
        assert server.left.wait(WAIT_S)

    def test_a_server_that_falls_silent_is_given_up(self, server: StandIn, impatient: TTS) -> None:
        server.faults.pauses = True
        heard, error = until_error(impatient)
        assert heard
        assert error.retryable
        assert f"fell silent for {IMPATIENT_S:g} s" in str(error)
        assert server.left.wait(WAIT_S)

    def test_a_wrong_key_is_told_and_not_shown(
        self, server: StandIn, tts: TTS, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.faults.status = 401
        server.faults.says = f'{{"error": {{"message": "no such key: {self.key or KEY}"}}}}'
        with caplog.at_level(logging.DEBUG):
            _, error = until_error(tts)
        assert not error.retryable
        assert "LIVETALK_TTS_KEY" in str(error)
        assert not self.key or self.key not in str(error) + caplog.text + repr(tts)

    def test_a_cancel_in_mid_sentence_closes_the_connection(self, server: StandIn, tts: TTS) -> None:
        server.faults.pauses = True
        cancel = Cancellation()
        parts = tts.speak(Sentence(TEXT, TAG), cancel)
        assert next(part for part in parts if isinstance(part, Pcm))
        cancel.cancel()
        assert not [part for part in parts if isinstance(part, Pcm)]
        assert server.left.wait(WAIT_S)

    def test_what_is_no_sound_is_refused(self, server: StandIn, tts: TTS) -> None:
        server.content = b""
        heard, error = until_error(tts)
        assert not heard
        assert "sound" in str(error)

    def test_a_server_that_is_not_there_is_told_with_what_to_check(self, server: StandIn) -> None:
        tts = self.speak_to(f"http://127.0.0.1:{free_port()}")
        _, error = until_error(tts)
        tts.close()
        assert error.retryable
        assert "127.0.0.1:" in str(error)
        assert "tts_url" in str(error)

    def test_a_text_without_words_asks_nobody(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.speak(Sentence("... 😀", TAG), Cancellation())] == []
        assert not server.requests


def all_of(tts: TTS, text: str = TEXT, voice: str = "") -> list[Pcm | WordTime]:
    """Everything of a sentence."""
    return [*tts.speak(Sentence(text, TAG, voice), Cancellation())]


def until_error(tts: TTS, text: str = TEXT) -> tuple[list[Pcm | WordTime], ProviderError]:
    """What came before a sentence failed, and why it did."""
    heard: list[Pcm | WordTime] = []
    try:
        for part in tts.speak(Sentence(text, TAG), Cancellation()):
            heard.append(part)
    except ProviderError as error:
        return heard, error
    raise AssertionError(f"no error came, but {len(heard)} pieces")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


__all__ = ["KEY", "TAG", "TEXT", "Contract", "all_of", "free_port", "until_error"]
