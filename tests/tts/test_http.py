from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts.http import http
from tests.tts.contract import KEY, Contract, all_of
from tests.tts.sounds import coded, joined, tone, wav
from tests.tts.stand_in import StandIn, answering

HEADERS = {"Authorization": "Bearer {key}"}
JSON = {"json": {"input": "{text}"}}


class TestHttpWithJson(Contract):
    plugin = "http"
    voice = "anna"
    extra: ClassVar = {
        "headers": HEADERS,
        "json": {"input": ["{text}"], "opts": {"voice": "{voice}", "lang": "{language}", "speed": 1.5}},
        "format": "pcm",
        "rate": 24_000,
    }

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [web.post("/say", server.sound)]

    def voice_options(self, url: str, timeout_s: float) -> VoiceOptions:
        return VoiceOptions(self.voice, f"{url}/say", self.key, timeout_s=timeout_s, extra=dict(self.extra))

    def asked_text(self, server: StandIn) -> str:
        asked = json.loads(server.bodies[-1])
        assert asked["opts"] == {"voice": "anna", "lang": "en", "speed": 1.5}
        assert server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"
        return str(asked["input"][0])


class TestHttpWithForm(TestHttpWithJson):
    extra: ClassVar = {"headers": HEADERS, "form": {"text": "{text}", "v": "{voice}", "n": 2}}

    def content(self, rate: int) -> bytes:
        return coded(tone(rate), rate, "mp3")

    def asked_text(self, server: StandIn) -> str:
        asked = parse_qs(server.bodies[-1].decode())
        assert (asked["v"], asked["n"]) == (["anna"], ["2"])
        return asked["text"][0]


class TestHttpWithQuery(TestHttpWithJson):
    extra: ClassVar = {"headers": HEADERS, "query": {"text": "{text}", "stream": True}, "format": "wav"}

    def content(self, rate: int) -> bytes:
        return wav(tone(rate), rate)

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [web.get("/voices/{voice}/say", server.sound)]

    def voice_options(self, url: str, timeout_s: float) -> VoiceOptions:
        there = f"{url}/voices/{{voice}}/say"
        return VoiceOptions("an/na?", there, self.key, timeout_s=timeout_s, extra=dict(self.extra))

    def asked_text(self, server: StandIn) -> str:
        assert server.requests[-1].match_info["voice"] == "an/na?"
        assert server.requests[-1].query["stream"] == "true"
        return server.requests[-1].query["text"]


@contextmanager
def speaking(answer: Any, **extra: Any) -> Iterator[TTS]:
    stand_in = StandIn(b"")
    with stand_in.serving([web.post("/say", answering(lambda: answer))]):
        tts = http(VoiceOptions(url=f"{stand_in.url}/say", key=KEY, extra={**JSON, **extra}))
        tts.load()
        try:
            yield tts
        finally:
            tts.close()


@pytest.mark.parametrize("prefix", ["", "data:audio/wav;base64,"])
def test_sound_inside_of_json_is_found_by_its_place(prefix: str) -> None:
    sound = prefix + base64.b64encode(wav(tone(16_000), 16_000)).decode()
    with speaking({"data": [{"audio": sound}]}, sound_at="data.0.audio") as tts:
        pcm, rate = joined(all_of(tts))
    assert rate == 16_000
    assert pcm.tobytes() == tone(16_000).tobytes()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"data": {}}, "no sound at 'data.audio'; check tts_options: sound_at"),
        ({"data": [1]}, "no sound at"),
        ({"data": {"audio": 3}}, "no sound at"),
        ({"data": {"audio": "it is late!"}}, "no base64"),
        ({"data": {"audio": "QUJDREVGR0g="}}, "the sound cannot be read"),
        ({"data": {"audio": ""}}, "sent no sound"),
    ],
)
def test_an_answer_without_its_sound_says_where_it_was_looked_for(answer: Any, told: str) -> None:
    with speaking(answer, sound_at="data.audio") as tts, pytest.raises(ProviderError, match=told):
        all_of(tts)


def test_what_is_filled_in_is_not_filled_again_and_breaks_no_frame() -> None:
    stand_in = StandIn(wav(tone(16_000), 16_000))
    extra = {"json": {"a": 'say "{text}" in {language}', "{voice}": None}}
    text = '{key} {voice} "}], \\ \n'
    with stand_in.serving([web.post("/say", stand_in.sound)]):
        tts = http(VoiceOptions(url=f"{stand_in.url}/say", key=KEY, extra=extra))
        tts.load()
        all_of(tts, text)
        tts.close()
    assert json.loads(stand_in.bodies[-1]) == {"a": f'say "{text}" in en', "{voice}": None}


def test_voices_of_the_settings_are_listed_and_the_first_is_taken() -> None:
    tts = http(VoiceOptions(url="http://127.0.0.1:1", extra={**JSON, "voices": ["anna", "bob"]}))
    assert [*tts.voices()] == ["auto", "anna", "bob"]


@pytest.mark.parametrize(
    ("options", "extra", "told"),
    [
        ({"url": ""}, JSON, "needs tts_url"),
        ({"url": "localhost"}, JSON, "tts_url"),
        ({}, {}, "the text is nowhere"),
        ({}, {"json": {"a": {"b": ["{txt}"]}}}, r"json\.a\.b\.0: there is no \{txt\}"),
        ({}, {**JSON, "headers": {"K": "{kee}"}}, r"headers\.K: there is no \{kee\}"),
        ({}, {**JSON, "headers": {"K": ["x"]}}, r"headers\.K is a text or a number"),
        ({}, {**JSON, "headers": {"K": "{key}"}}, "set LIVETALK_TTS_KEY"),
        ({}, {**JSON, "query": {"m": "{model}"}}, "set tts_model"),
        ({}, {**JSON, "query": {"v": "{voice}"}}, "set voice"),
        ({}, {**JSON, "form": {"a": "b"}}, "json or form, not both"),
        ({}, {**JSON, "method": "GET"}, "a GET has no json"),
        ({}, {**JSON, "method": "BREW"}, "'BREW'"),
        ({}, {**JSON, "format": "opus"}, "format is one of"),
        ({}, {**JSON, "format": "pcm"}, "rate must be known"),
        ({}, {**JSON, "format": "pcm", "rate": 1}, "rate is 4000 to"),
        ({}, {**JSON, "channels": 0}, "channels is 1 to 8"),
        ({}, {**JSON, "voices": [1]}, "voices is a list of names"),
        ({}, {"json": "{text}"}, "json is an object or a list"),
        ({}, {**JSON, "url": "x"}, "no option 'url'"),
    ],
)
def test_a_malformed_template_stops_the_start_by_name(
    options: Mapping[str, str], extra: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        http(VoiceOptions(**{"url": "http://127.0.0.1:1/", **options}, extra=extra))  # type: ignore[arg-type]
