from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from livetalk.audio.clip import decode_frames
from livetalk.errors import SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts.gpt_sovits import gpt_sovits
from tests.tts.cloning import SAID, CloningContract
from tests.tts.contract import TEXT, all_of, until_error
from tests.tts.sounds import coded, joined, tone, wav
from tests.tts.stand_in import StandIn


class TestGptSovits(CloningContract):
    plugin = "gpt-sovits"
    rate = 32_000
    other_rate = 48_000
    says = '{"message":"tts failed","Exception":"[Errno 2] No such file"}'
    told = "tts failed: [Errno 2] No such file"

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [web.post("/tts", server.sound)]

    def asked(self, server: StandIn) -> dict[str, Any]:
        request = server.requests[-1]
        assert request.headers["Content-Type"] == "application/json"
        fields = json.loads(server.bodies[-1])
        assert isinstance(fields, dict)
        return fields

    def asked_text(self, server: StandIn) -> str:
        return str(self.asked(server)["text"])

    def test_the_request_is_what_the_server_takes(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert self.asked(server) == {
            "text": TEXT,
            "text_lang": "en",
            "ref_audio_path": str((self.folder / "anna.wav").resolve()),
            "prompt_text": SAID["anna"],
            "prompt_lang": "en",
            "media_type": "wav",
            "streaming_mode": True,
        }

    def test_the_languages_are_told_as_the_server_calls_them(self, server: StandIn, tts: TTS) -> None:
        for text, language in [
            ("你好，世界。", "zh"),
            ("こんにちは、世界。", "ja"),
            ("안녕하세요.", "ko"),
            ("Guten Tag, wie geht es dir?", "auto"),
        ]:
            all_of(tts, text, "小明")
            assert (self.asked(server)["text_lang"], self.asked(server)["prompt_lang"]) == (language, "zh")

    def test_settings_go_into_the_request(self, server: StandIn) -> None:
        extra = {
            "reference_dir": "/srv/voices/",
            "streaming_mode": 3,
            "text_lang": "yue",
            "prompt_lang": "all_yue",
            "body": {"speed_factor": 1.1},
        }
        tts = self.speak_with(server.url, extra=extra)
        all_of(tts)
        asked = self.asked(server)
        assert asked["ref_audio_path"] == "/srv/voices/anna.wav"
        assert asked["streaming_mode"] == 3
        assert (asked["text_lang"], asked["prompt_lang"]) == ("yue", "all_yue")
        assert asked["speed_factor"] == 1.1

    def test_a_folder_is_told_from_the_root(self, server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(self.folder.parent)
        tts = self.speak_with(server.url, references=Path("voices"))
        all_of(tts)
        assert str((self.folder / "anna.wav").resolve()) in self.asked(server).values()

    def test_a_folder_on_windows_keeps_its_manner(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, extra={"reference_dir": "D:\\voices"})
        all_of(tts)
        assert self.asked(server)["ref_audio_path"] == "D:\\voices\\anna.wav"

    def test_what_is_said_in_the_recording_has_to_be_known(self, server: StandIn, tts: TTS) -> None:
        (self.folder / "anna.txt").unlink()
        _, error = until_error(tts)
        assert "write it into anna.txt" in str(error)
        assert not server.requests

    @pytest.mark.parametrize("seconds", [2.5, 10.5])
    def test_a_recording_that_the_server_would_refuse_is_refused_here(
        self, server: StandIn, tts: TTS, seconds: float
    ) -> None:
        (self.folder / "anna.wav").write_bytes(wav(tone(16_000, seconds), 16_000))
        _, error = until_error(tts)
        assert f"anna.wav lasts {seconds} s" in str(error)
        assert not server.requests


class TestGptSovitsOld(TestGptSovits):
    extra = {"api": "v1"}  # noqa: RUF012
    says = '{"code": 400, "message": "未指定参考音频且接口无预设"}'
    told = "未指定参考音频且接口无预设"

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        return [web.post("/", server.sound)]

    def test_the_request_is_what_the_server_takes(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert self.asked(server) == {
            "refer_wav_path": str((self.folder / "anna.wav").resolve()),
            "prompt_text": SAID["anna"],
            "prompt_language": "en",
            "text": TEXT,
            "text_language": "en",
        }

    def test_the_languages_are_told_as_the_server_calls_them(self, server: StandIn, tts: TTS) -> None:
        all_of(tts, "你好，世界。", "anna")
        assert (self.asked(server)["text_language"], self.asked(server)["prompt_language"]) == ("zh", "en")

    def test_settings_go_into_the_request(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, extra={"api": "v1", "body": {"cut_punc": ",."}})
        all_of(tts)
        assert self.asked(server)["cut_punc"] == ",."

    def test_a_folder_on_windows_keeps_its_manner(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, extra={"api": "v1", "reference_dir": "D:\\voices"})
        all_of(tts)
        assert self.asked(server)["refer_wav_path"] == "D:\\voices\\anna.wav"

    def test_aac_is_heard_where_the_server_was_started_for_it(self, server: StandIn, tts: TTS) -> None:
        server.content = coded(tone(self.rate), self.rate, "aac")
        pcm, rate = joined(all_of(tts))
        assert rate == self.rate
        assert len(pcm) == sum(frame.samples for frame in decode_frames(server.content))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(url="localhost:9880"), "tts_url"),
        (VoiceOptions(extra={"api": "v3"}), "v1"),
        (VoiceOptions(extra={"streaming_mode": 4}), "0 to 3"),
        (VoiceOptions(extra={"streaming_mode": "fast"}), "streaming_mode"),
        (VoiceOptions(extra={"speed": 1}), "no option 'speed'"),
        (VoiceOptions(extra={"body": [1]}), "body is an object"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: VoiceOptions, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        gpt_sovits(options)
