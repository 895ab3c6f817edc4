from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts import xtts as xtts_module
from livetalk.tts.xtts import xtts
from tests.tts.cloning import CloningContract, File, form_of
from tests.tts.contract import TEXT, all_of, until_error
from tests.tts.sounds import tone, wav
from tests.tts.stand_in import StandIn

LATENTS = {"gpt_cond_latent": [[0.25] * 1024] * 2, "speaker_embedding": [-0.5] * 512}
CLARIBEL = {"gpt_cond_latent": [[0.125] * 1024], "speaker_embedding": [0.0625] * 512}


class TestXtts(CloningContract):
    plugin = "xtts"
    says = '{"detail":[{"type":"literal_error","loc":["body","language"],"msg":"Input should be \'en\'"}]}'
    told = "body.language: Input should be 'en'"
    bad_status = 422
    studio: Any = {"Claribel Dervla": CLARIBEL}  # noqa: RUF012
    languages: Any = ("en", "de", "zh-cn", "ja")

    @pytest.fixture(autouse=True)
    def asked_before(self) -> None:
        self.cloned: list[dict[str, Any]] = []
        self.listed: list[str] = []
        self.latents: Any = LATENTS
        self.clone_status = 200

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        async def clone(request: web.Request) -> web.Response:
            form = form_of(request, await request.read())
            self.cloned.append(form)
            return web.json_response(self.latents_of(form), status=self.clone_status)

        async def tell(request: web.Request) -> web.Response:
            self.listed.append(request.path)
            told = self.studio if request.path == "/studio_speakers" else self.languages
            return web.json_response(told, status=404 if told is None else 200)

        return [
            web.post("/tts_stream", server.sound),
            web.post("/clone_speaker", clone),
            web.get("/studio_speakers", tell),
            web.get("/languages", tell),
        ]

    def latents_of(self, form: dict[str, Any]) -> Any:
        """What is made of a recording: of each something else."""
        if self.latents is not LATENTS:
            return self.latents
        number = zlib.crc32(form["wav_file"].content) % 97 / 128
        return {**LATENTS, "speaker_embedding": [number] * 512}

    def asked(self, server: StandIn) -> dict[str, Any]:
        assert server.requests[-1].headers["Content-Type"] == "application/json"
        fields = json.loads(server.bodies[-1])
        assert isinstance(fields, dict)
        return fields

    def asked_text(self, server: StandIn) -> str:
        return str(self.asked(server)["text"])

    def test_the_request_is_what_the_server_takes(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert self.asked(server) == {
            "text": TEXT,
            "language": "en",
            "add_wav_header": True,
            "stream_chunk_size": "20",
            **self.latents_of(self.cloned[0]),
        }

    def test_a_recording_is_cloned_once(self, server: StandIn, tts: TTS) -> None:
        for _ in range(2):
            all_of(tts)
        sound = (self.folder / "anna.wav").read_bytes()
        assert self.cloned == [{"wav_file": File("reference.wav", "audio/wav", sound)}]
        assert self.listed == ["/languages"]

    def test_of_many_recordings_the_oldest_are_forgotten(
        self, server: StandIn, tts: TTS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(xtts_module, "MOST_KEPT", 2)
        for name in ("anna", "berta", "carl", "carl", "anna"):
            all_of(tts, voice=name)
        assert len(self.cloned) == 4

    def test_a_recording_that_changed_is_cloned_again(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        (self.folder / "anna.wav").write_bytes(wav(tone(16_000, 5), 16_000))
        all_of(tts)
        assert len(self.cloned) == 2

    def test_a_clone_that_failed_is_tried_again(self, server: StandIn, tts: TTS) -> None:
        self.clone_status = 500
        _, error = until_error(tts)
        assert error.retryable
        self.clone_status = 200
        all_of(tts)

    def test_a_speaker_that_came_with_the_model_is_a_voice(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.voices()][5:] == ["Claribel Dervla"]
        all_of(tts, voice="Claribel Dervla")
        assert self.asked(server)["speaker_embedding"] == CLARIBEL["speaker_embedding"]
        assert self.asked(server)["gpt_cond_latent"] == CLARIBEL["gpt_cond_latent"]
        assert not self.cloned

    def test_without_a_recording_it_says_where_to_put_one(self, server: StandIn) -> None:
        self.studio = None
        super().test_without_a_recording_it_says_where_to_put_one(server)

    @pytest.mark.parametrize("parts", [[], {"gpt_cond_latent": []}, None])
    def test_a_server_that_tells_something_else_is_refused(
        self, server: StandIn, tts: TTS, parts: Any
    ) -> None:
        self.latents = parts
        _, error = until_error(tts)
        assert "gpt_cond_latent" in str(error)

    def test_the_languages_are_told_as_the_server_calls_them(self, server: StandIn, tts: TTS) -> None:
        for text, language in [
            ("Guten Tag, wie geht es dir?", "de"),
            ("你好。", "zh-cn"),
            ("こんにちは", "ja"),
        ]:
            all_of(tts, text)
            assert self.asked(server)["language"] == language

    def test_a_server_that_calls_chinese_by_another_code_gets_that(self, server: StandIn) -> None:
        self.languages = ["en", "zh"]
        tts = self.speak_with(server.url)
        all_of(tts, "你好。")
        assert self.asked(server)["language"] == "zh"

    def test_a_server_that_tells_no_languages_has_those_of_its_model(self, server: StandIn) -> None:
        self.languages = None
        tts = self.speak_with(server.url)
        all_of(tts, "안녕하세요.")
        assert self.asked(server)["language"] == "ko"

    def test_a_language_that_it_does_not_speak_is_told(self, server: StandIn, tts: TTS) -> None:
        with pytest.raises(ProviderError, match="does not speak 'ko', but en, de") as caught:
            all_of(tts, "안녕하세요.")
        assert not caught.value.retryable

    def test_settings_go_into_the_request(self, server: StandIn) -> None:
        extra = {"language": "zh", "stream_chunk_size": 60}
        tts = self.speak_with(server.url, extra=extra)
        all_of(tts)
        assert self.asked(server)["language"] == "zh"
        assert self.asked(server)["stream_chunk_size"] == "60"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(url="nowhere"), "tts_url"),
        (VoiceOptions(extra={"stream_chunk_size": "20"}), "stream_chunk_size is a whole number"),
        (VoiceOptions(extra={"speed": 1}), "no option 'speed'"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: VoiceOptions, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        xtts(options)
