from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from xml.etree import ElementTree

import pytest
from aiohttp import web

from livetalk.errors import SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts.azure import azure, ssml
from livetalk.tts.neural_voices import voice_for
from tests.tts.contract import KEY, Contract, all_of
from tests.tts.stand_in import StandIn, answering

VOICES = [{"ShortName": "en-US-AvaNeural", "Locale": "en-US"}, {"ShortName": "de-DE-KatjaNeural"}]


class TestAzure(Contract):
    plugin = "azure"

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post("/cognitiveservices/v1", server.sound),
            web.get("/cognitiveservices/voices/list", answering(lambda: VOICES)),
        ]

    def asked_text(self, server: StandIn) -> str:
        return "".join(ElementTree.fromstring(server.bodies[-1]).itertext())

    def test_the_request_is_what_the_service_takes(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        headers = server.requests[-1].headers
        assert headers["Ocp-Apim-Subscription-Key"] == KEY
        assert headers["Content-Type"] == "application/ssml+xml"
        assert headers["X-Microsoft-OutputFormat"] == "raw-24khz-16bit-mono-pcm"
        assert headers["User-Agent"]

    def test_the_voices_are_the_services(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.voices()] == ["auto", "en-US-AvaNeural", "de-DE-KatjaNeural"]


class TestAzureAtItsBest(TestAzure):
    voice = "en-US-JennyNeural"
    extra: ClassVar = {"style": "cheerful", "style_degree": 2, "rate": "+10%", "pitch": "-5%"}


def test_markup_of_all_options_is_whole_and_escaped() -> None:
    extra = {"style": 'a"b', "style_degree": 1.5, "role": "Girl", "rate": "+10%", "volume": "loud"}
    tree = ElementTree.fromstring(ssml("a < b & c\x0b \ud800", "zh-CN-XiaoxiaoNeural", extra))
    assert tree.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "zh-CN"
    express = tree[0][0]
    assert express.tag == "{https://www.w3.org/2001/mstts}express-as"
    assert express.attrib == {"style": 'a"b', "styledegree": "1.5", "role": "Girl"}
    assert express[0].attrib == {"rate": "+10%", "volume": "loud"}
    assert express[0].text == "a < b & c   "


def test_the_voice_is_the_sentences_else_the_settings_else_the_languages() -> None:
    assert voice_for("en", "en-US-GuyNeural", "de-DE-KatjaNeural") == "en-US-GuyNeural"
    assert voice_for("en", "", "de-DE-KatjaNeural") == "de-DE-KatjaNeural"
    assert voice_for("de", "", "auto") == "de-DE-KatjaNeural"
    assert voice_for("zh", "auto", "") == "zh-CN-XiaoxiaoNeural"
    assert voice_for("en", "", "ja") == "ja-JP-NanamiNeural"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(extra={"region": "westeurope"}), "LIVETALK_TTS_KEY"),
        (VoiceOptions(key=KEY), "region"),
        (VoiceOptions(key=KEY, extra={"region": "a.evil.org/"}), "region"),
        (VoiceOptions(key=KEY, url="localhost"), "tts_url"),
        (VoiceOptions(key=KEY, extra={"region": "x", "speed": 2}), "no option 'speed'"),
        (VoiceOptions(key=KEY, extra={"region": 3}), "region is a text"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: VoiceOptions, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        azure(options)
    assert KEY not in str(caught.value)
