from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from aiohttp import web

from livetalk.errors import SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts.openai import openai
from livetalk.types import SAMPLE_RATE
from tests.tts.contract import KEY, TEXT, Contract, all_of, free_port
from tests.tts.sounds import coded, joined, tone, wav
from tests.tts.stand_in import StandIn, answering


class TestOpenAI(Contract):
    plugin = "openai"
    voices: ClassVar[Any] = {"voices": ["af_bella", "am_adam"]}

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/v1/audio/speech", server.sound),
            web.get("/v1/audio/voices", answering(lambda: self.voices)),
        ]

    def voice_options(self, url: str, timeout_s: float) -> VoiceOptions:
        return VoiceOptions(
            voice=self.voice, url=f"{url}/v1", key=self.key, timeout_s=timeout_s, extra=dict(self.extra)
        )

    def asked_text(self, server: StandIn) -> str:
        return str(json.loads(server.bodies[-1])["input"])

    def test_the_voices_are_the_servers(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.voices()] == ["auto", "af_bella", "am_adam"]

    def test_no_proxy_leads_to_a_server_on_this_machine(
        self, server: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
        tts = self.speak_to(server.url)
        try:
            assert joined(all_of(tts))
        finally:
            tts.close()


class TestOpenAIByOptions(TestOpenAI):
    voices: ClassVar[Any] = [{"id": "af_bella", "name": "Bella"}, {"name": "am_adam"}]
    voice = "nova"
    extra: ClassVar = {
        "format": "mp3",
        "instructions": "whisper",
        "speed": 1,
        "body": {"lang_code": "a"},
    }

    def content(self, rate: int) -> bytes:
        return coded(tone(rate), rate, "mp3")

    def test_the_request_has_all_that_was_set(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert json.loads(server.bodies[-1]) == {
            "input": TEXT,
            "model": "gpt-4o-mini-tts",
            "voice": "nova",
            "response_format": "mp3",
            "instructions": "whisper",
            "speed": 1.0,
            "lang_code": "a",
        }
        assert server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"
        all_of(tts, voice="echo")
        assert json.loads(server.bodies[-1])["voice"] == "echo"


class TestOpenAIWithWav(TestOpenAI):
    extra: ClassVar = {"format": "wav"}

    def content(self, rate: int) -> bytes:
        return wav(tone(rate), rate, 0xFFFFFFFF)


class TestServersWithoutLists(TestOpenAI):
    key = ""

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [web.post("/v1/audio/speech", server.sound)]

    def test_the_voices_are_the_servers(self, server: StandIn, tts: TTS) -> None:
        assert "alloy" in tts.voices()

    def test_the_rate_of_a_content_type_counts(self, server: StandIn, tts: TTS) -> None:
        server.content_type = f"audio/pcm; rate={SAMPLE_RATE}; channels=1"
        server.content = tone(SAMPLE_RATE).tobytes()
        assert joined(all_of(tts))[1] == SAMPLE_RATE


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(), r"LIVETALK_TTS_KEY \(or OPENAI_API_KEY\).*tts_url"),
        (VoiceOptions(url="127.0.0.1:8880"), "tts_url"),
        (VoiceOptions(key="k", extra={"format": "opus"}), "format is one of pcm, wav, mp3"),
        (VoiceOptions(key="k", extra={"speed": "fast"}), "speed is a number"),
        (VoiceOptions(key="k", extra={"voice": "x"}), "no option 'voice'"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, options: VoiceOptions, told: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match=told):
        openai(options)


def test_openais_own_key_is_for_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    openai(VoiceOptions())
    stand_in = StandIn(tone(24_000).tobytes())
    with stand_in.serving([web.post("/v1/audio/speech", stand_in.sound)]):
        tts = openai(VoiceOptions(url=f"{stand_in.url}/v1"))
        tts.load()
        all_of(tts)
        tts.close()
    assert KEY not in str(stand_in.requests[-1].headers)
