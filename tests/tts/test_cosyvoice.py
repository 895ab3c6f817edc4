from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from livetalk.errors import SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts.cosyvoice import cosyvoice
from tests.tts.cloning import SAID, CloningContract, File, form_of
from tests.tts.contract import TEXT, all_of, until_error
from tests.tts.sounds import joined, tone, wav
from tests.tts.stand_in import StandIn

ROUTES = ("zero_shot", "cross_lingual", "instruct", "instruct2", "sft")


class TestCosyVoice(CloningContract):
    plugin = "cosyvoice"
    content_type = "application/octet-stream"
    says = '{"detail":[{"type":"missing","loc":["body","prompt_wav"],"msg":"Field required","input":null}]}'
    told = "body.prompt_wav: Field required"
    bad_status = 422

    def content(self, rate: int) -> bytes:
        """Bare samples; a WAV is what a changed server sends."""
        pcm = tone(rate)
        return pcm.astype("<i2").tobytes() if rate == self.rate else wav(pcm, rate, size=0)

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [web.post(f"/inference_{route}", server.sound) for route in ROUTES]

    def asked(self, server: StandIn) -> dict[str, Any]:
        return form_of(server.requests[-1], server.bodies[-1])

    def asked_text(self, server: StandIn) -> str:
        return str(self.asked(server)["tts_text"])

    def route(self, server: StandIn) -> str:
        return server.requests[-1].path.removeprefix("/inference_")

    def file(self, name: str) -> File:
        return File("prompt.wav", "audio/wav", (self.folder / f"{name}.wav").read_bytes())

    def test_a_recording_of_the_same_language_goes_with_its_text(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert self.route(server) == "zero_shot"
        assert self.asked(server) == {
            "tts_text": TEXT,
            "prompt_text": SAID["anna"],
            "prompt_wav": self.file("anna"),
        }

    @pytest.mark.parametrize("name", ["小明", "carl"])
    def test_a_recording_of_another_language_or_without_text_goes_alone(
        self, server: StandIn, tts: TTS, name: str
    ) -> None:
        all_of(tts, voice=name)
        assert self.route(server) == "cross_lingual"
        assert self.asked(server) == {"tts_text": TEXT, "prompt_wav": self.file(name)}

    def test_it_says_things_as_it_is_told(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, extra={"instruct": "用四川话说这句话"})
        all_of(tts)
        assert self.route(server) == "instruct2"
        assert self.asked(server) == {
            "tts_text": TEXT,
            "instruct_text": "用四川话说这句话",
            "prompt_wav": self.file("anna"),
        }

    def test_the_third_model_is_told_its_role(self, server: StandIn) -> None:
        role, model = "You are a helpful assistant.", "FunAudioLLM/Fun-CosyVoice3-0.5B-2512"
        tts = self.speak_with(server.url, model=model)
        all_of(tts)
        assert self.asked(server)["prompt_text"] == f"{role}<|endofprompt|>{SAID['anna']}"
        all_of(tts, voice="carl")
        assert self.asked(server)["tts_text"] == f"{role}<|endofprompt|>{TEXT}"
        tts = self.speak_with(server.url, model=model, extra={"instruct": "Speak fast."})
        all_of(tts)
        assert self.asked(server)["instruct_text"] == f"{role} Speak fast.<|endofprompt|>"

    def test_a_model_with_speakers_has_them_as_voices(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, model="iic/CosyVoice-300M-SFT")
        assert "中文女" in tts.voices()
        _, rate = joined(all_of(tts, voice="英文男"))
        assert rate == 22_050
        assert self.route(server) == "sft"
        assert self.asked(server) == {"tts_text": TEXT, "spk_id": "英文男"}

    def test_a_speaker_says_things_as_it_is_told(self, server: StandIn) -> None:
        extra = {"instruct": "A rebel leader.", "speakers": ["Theo"]}
        tts = self.speak_with(server.url, voice="Theo", extra=extra)
        all_of(tts)
        assert self.route(server) == "instruct"
        assert self.asked(server) == {"tts_text": TEXT, "spk_id": "Theo", "instruct_text": "A rebel leader."}

    def test_the_rate_is_the_models_or_that_of_the_settings(self, server: StandIn) -> None:
        known: list[tuple[dict[str, Any], int]] = [
            ({"model": "iic/CosyVoice2-0.5B"}, 24_000),
            ({"model": "iic/CosyVoice-300M"}, 22_050),
            ({"extra": {"rate": 16_000}}, 16_000),
        ]
        for settings, rate in known:
            tts = self.speak_with(server.url, **settings)
            assert joined(all_of(tts))[1] == rate

    def test_a_sound_of_one_sample_is_heard(self, server: StandIn, tts: TTS) -> None:
        server.content = b"\x01\x02"
        assert joined(all_of(tts))[0].tolist() == [0x0201]

    def test_a_recording_that_the_server_would_refuse_is_refused_here(
        self, server: StandIn, tts: TTS
    ) -> None:
        (self.folder / "anna.wav").write_bytes(wav(tone(16_000, 31), 16_000))
        _, error = until_error(tts)
        assert "anna.wav lasts 31.0 s" in str(error)
        assert not server.requests


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(url="ftp://localhost"), "tts_url"),
        (VoiceOptions(extra={"rate": 1}), "rate of cosyvoice"),
        (VoiceOptions(extra={"rate": True}), "rate is a whole number"),
        (VoiceOptions(extra={"speed": 1}), "no option 'speed'"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: VoiceOptions, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        cosyvoice(options)
