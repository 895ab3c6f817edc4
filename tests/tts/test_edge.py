from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar
from xml.etree import ElementTree

import edge_tts.communicate
import edge_tts.voices
import numpy as np
import pytest
from aiohttp import web

from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import TTS, Pcm, VoiceOptions, WordTime
from livetalk.tts.edge import edge
from tests.tts.contract import TEXT, Contract, all_of, free_port, until_error
from tests.tts.sounds import coded, tone
from tests.tts.stand_in import Cut, StandIn, answering

VOICES = [{"ShortName": "en-US-AvaNeural", "Locale": "en-US"}, {"ShortName": "de-DE-KatjaNeural"}]
WORDS = (("Hello", 0.1), ("there", 0.3), ("you", 0.5), ("said", 0.7), ("she", 0.9))
HEAD = "X-RequestId:5f3c\r\nContent-Type:application/json; charset=utf-8\r\nPath:{}\r\n\r\n"


class Reader:
    """The service's end of a connection: two requests in text, then sound and words."""

    def __init__(self, server: StandIn, words: Sequence[tuple[str, float]]) -> None:
        self._server = server
        self.words = words
        self.ssml = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        server = self._server
        async with server.noticing(request):
            if refusal := await server.refusal():
                return refusal
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            assert "Path:speech.config" in await socket.receive_str()
            self.ssml = (await socket.receive_str()).partition("\r\n\r\n")[2]
            speaking = asyncio.create_task(self._speak(socket, request))
            async for _ in socket:
                pass
            if not speaking.done():
                server.left.set()
            speaking.cancel()
            with suppress(asyncio.CancelledError, Cut):
                await speaking
            return socket

    async def _speak(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        await socket.send_str(HEAD.format("turn.start") + '{"context": {"serviceTag": "5f3c"}}')
        await socket.send_str(HEAD.format("response") + '{"context": {"serviceTag": "5f3c"}}')
        for word, at_s in self.words:
            await socket.send_str(HEAD.format("audio.metadata") + boundary(word, at_s))
        try:
            async for piece in self._server.pieces():
                await socket.send_bytes(framed("Content-Type:audio/mpeg\r\n", piece))
        except Cut:
            assert request.transport is not None
            request.transport.abort()
            return
        await socket.send_bytes(framed("", b""))
        await socket.send_str(HEAD.format("turn.end") + "{}")


def boundary(word: str, at_s: float) -> str:
    data = {"Offset": round(at_s * 1e7), "Duration": 1_000_000, "text": {"Text": word, "Length": len(word)}}
    return json.dumps({"Metadata": [{"Type": "WordBoundary", "Data": data}]})


def framed(content_type: str, content: bytes) -> bytes:
    head = f"X-RequestId:5f3c\r\n{content_type}X-StreamId:A1B2\r\nPath:audio\r\n".encode()
    return len(head).to_bytes(2, "big") + head + content


class TestEdge(Contract):
    plugin = "edge"
    key = ""
    pause_s = 0.2
    extra: ClassVar = {"rate": "+10%"}

    @pytest.fixture(autouse=True)
    def point_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def content(self, rate: int) -> bytes:
        return coded(tone(rate), rate, "mp3")

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        self._reader = Reader(server, WORDS)
        return [web.get("/edge/v1", self._reader.answer), web.get("/voices/list", answering(lambda: VOICES))]

    def asked_text(self, server: StandIn) -> str:
        return "".join(ElementTree.fromstring(self._reader.ssml).itertext())

    def voice_options(self, url: str, timeout_s: float) -> VoiceOptions:
        there = url.replace("http", "ws")
        self._patch.setattr(edge_tts.communicate, "WSS_URL", f"{there}/edge/v1?TrustedClientToken=0")
        self._patch.setattr(edge_tts.voices, "VOICE_LIST", f"{url}/voices/list?trustedclienttoken=0")
        return VoiceOptions(voice=self.voice, timeout_s=timeout_s, extra=dict(self.extra))

    def test_a_wrong_key_is_told_and_not_shown(
        self, server: StandIn, tts: TTS, caplog: pytest.LogCaptureFixture
    ) -> None:
        """There is none; what is refused is a wrong clock, or an old edge-tts."""
        server.faults.status = 403
        _, error = until_error(tts)
        assert not error.retryable
        assert "clock" in str(error)
        assert "edge-tts" in str(error)

    def test_a_server_that_is_not_there_is_told_with_what_to_check(self, server: StandIn) -> None:
        tts = self.speak_to(f"http://127.0.0.1:{free_port()}")
        _, error = until_error(tts)
        tts.close()
        assert error.retryable
        assert "internet" in str(error)

    def test_words_come_before_their_sound_with_their_places(self, server: StandIn, tts: TTS) -> None:
        sent = 0.0
        words: list[WordTime] = []
        for part in all_of(tts):
            if isinstance(part, Pcm):
                sent += len(part.samples) / part.rate
            else:
                assert part.at_s >= sent
                words.append(part)
        assert [(word.text, word.offset) for word in words] == [
            (word, TEXT.index(word, place)) for word, place in zip(dict(WORDS), (0, 0, 10, 0, 0), strict=True)
        ]
        for word, (_, at_s) in zip(words, WORDS, strict=True):
            assert word.at_s == pytest.approx(at_s, abs=0.07)  # MP3 begins with its encoder's delay

    def test_silence_around_a_sentence_is_cut_down(self, server: StandIn, tts: TTS) -> None:
        silence = np.zeros(12_000, np.int16)
        server.content = coded(np.concatenate([silence, tone(24_000), silence, silence]), 24_000, "mp3")
        self._reader.words = [("Hello", 0.5), ("there", 1.0)]
        parts = all_of(tts)
        seconds = sum(len(part.samples) / part.rate for part in parts if isinstance(part, Pcm))
        assert seconds == pytest.approx(1.22, abs=0.1)
        words = [part for part in parts if isinstance(part, WordTime)]
        assert [word.at_s for word in words] == [pytest.approx(0, abs=0.07), pytest.approx(0.5, abs=0.07)]

    def test_the_manner_and_the_languages_voice_are_asked_for(self, server: StandIn, tts: TTS) -> None:
        all_of(tts, "Guten Tag, wie geht es dir?")
        assert "(de-DE, KatjaNeural)" in self._reader.ssml
        assert "rate='+10%'" in self._reader.ssml
        all_of(tts, "Hello", "zh-CN-liaoning-XiaobeiNeural")
        assert "(zh-CN-liaoning, XiaobeiNeural)" in self._reader.ssml

    def test_a_voice_that_is_none_asks_nobody(self, server: StandIn, tts: TTS) -> None:
        with pytest.raises(ProviderError, match="no voice"):
            all_of(tts, TEXT, "x'/><audio src='http://evil")
        assert not server.requests

    def test_the_voices_are_the_services(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.voices()] == ["auto", "en-US-AvaNeural", "de-DE-KatjaNeural"]

    def test_some_voices_are_known_where_the_service_cannot_be_asked(self, server: StandIn) -> None:
        tts = self.speak_to(f"http://127.0.0.1:{free_port()}")
        assert "en-US-AvaNeural" in tts.voices()
        tts.close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(url="http://127.0.0.1:1"), "leave tts_url empty"),
        (VoiceOptions(voice="Ava"), "no voice 'Ava'"),
        (VoiceOptions(extra={"rate": "10%"}), r"rate .*sign"),
        (VoiceOptions(extra={"style": "sad"}), "no option 'style'"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: VoiceOptions, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        edge(options)
