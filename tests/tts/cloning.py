"""What every voice that clones recordings must do, besides the contract of all: `CloningContract`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from livetalk.protocols import TTS, VoiceOptions
from livetalk.registry import make_tts
from tests.fakes import WAIT_S
from tests.tts.contract import KEY, Contract, all_of, until_error
from tests.tts.sounds import tone, wav
from tests.tts.stand_in import StandIn

SAID = {
    "anna": "Hello, my name is Anna.",
    "berta": "Guten Tag, ich bin die Berta.",
    "小明": "你好，我是小明。",
}
"""what is said in the recordings; nobody wrote down what carl says"""


@dataclass(frozen=True, slots=True)
class File:
    """One that was sent with a form."""

    name: str
    kind: str
    content: bytes


def form_of(request: web.Request, body: bytes) -> dict[str, str | File]:
    """A form as a server reads it: URL-encoded, or multipart (RFC 7578)."""
    kind = request.headers["Content-Type"]
    if kind == "application/x-www-form-urlencoded":
        return {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
    assert kind.startswith("multipart/form-data; boundary=")
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    form: dict[str, str | File] = {}
    for part in message.iter_parts():
        name, file_name = part.get_param("name", header="content-disposition"), part.get_filename()
        content = part.get_payload(decode=True)
        assert isinstance(name, str)
        assert isinstance(content, bytes)
        if file_name is None:
            form[name] = content.decode()
        else:
            form[name] = File(file_name, part.get_content_type(), content)
    return form


class CloningContract(Contract):
    """Tests of one provider with recordings; `says` is how it refuses, and `told` is shown of that."""

    voice = "anna"
    says: ClassVar[str]
    told: ClassVar[str]
    bad_status: ClassVar[int] = 400
    model: ClassVar[str] = ""
    content_type = "audio/wav"
    folder: Path

    def content(self, rate: int) -> bytes:
        """A WAV that was begun before its length was known."""
        return wav(tone(rate), rate, size=0)

    @pytest.fixture(autouse=True)
    def recordings(self, tmp_path: Path) -> Iterator[None]:
        self.made: list[TTS] = []
        self.folder = tmp_path / "voices"
        self.folder.mkdir()
        for number, name in enumerate((*SAID, "carl")):
            (self.folder / f"{name}.wav").write_bytes(wav(tone(16_000, 4, 200 + 20 * number), 16_000))
        for name, text in SAID.items():
            (self.folder / f"{name}.txt").write_text(text, "utf-8")
        yield
        for tts in self.made:
            tts.close()

    def voice_options(self, url: str, timeout_s: float) -> VoiceOptions:
        """With the folder of recordings."""
        options = super().voice_options(url, timeout_s)
        return replace(options, references=self.folder, model=self.model)

    def speak_with(self, url: str, **settings: Any) -> TTS:
        """The voice with other settings, loaded; closed after the test."""
        tts = make_tts(self.plugin, replace(self.voice_options(url, WAIT_S), **settings))
        tts.load()
        self.made.append(tts)
        return tts

    def test_a_refusal_is_told_in_the_servers_own_words(self, server: StandIn, tts: TTS) -> None:
        server.faults.status, server.faults.says = self.bad_status, self.says
        heard, error = until_error(tts)
        assert not heard
        assert str(self.bad_status) in str(error)
        assert self.told in str(error)
        assert error.retryable == (self.bad_status >= 500)

    def test_the_recordings_are_voices(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.voices()][:5] == ["auto", "anna", "berta", "carl", "小明"]

    def test_the_voice_is_the_sentences_else_the_settings_else_the_first(self, server: StandIn) -> None:
        anna, berta = self.asked_by(server, "berta", "anna", "auto")
        assert anna != berta
        assert self.asked_by(server, "berta", "", "auto") == [berta, berta]
        assert self.asked_by(server, "auto", "") == [anna]

    def test_an_unknown_voice_is_refused_and_the_others_are_named(self, server: StandIn, tts: TTS) -> None:
        for name in ("nobody", "../anna", "/etc/passwd", "anna.wav", "voices/anna", "anna\0", "\ud800"):
            with pytest.raises(Exception, match=r"has no voice .*anna, berta") as caught:
                all_of(tts, voice=name)
            assert not caught.value.retryable  # type: ignore[attr-defined]
        assert not server.bodies

    def test_without_a_recording_it_says_where_to_put_one(self, server: StandIn) -> None:
        for path in self.folder.iterdir():
            path.unlink()
        tts = self.speak_with(server.url, voice="auto")
        _, error = until_error(tts)
        assert not error.retryable
        assert "voices_dir" in str(error)
        assert not server.bodies

    def test_a_recording_that_is_no_sound_is_named(self, server: StandIn, tts: TTS) -> None:
        (self.folder / "anna.wav").write_bytes(b"nothing that sounds")
        _, error = until_error(tts)
        assert not error.retryable
        assert "anna.wav" in str(error)
        assert str(self.folder) not in str(error)
        assert not server.bodies

    def test_a_key_goes_with_the_request_and_none_does_not(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"
        keyless = self.speak_with(server.url, key="")
        all_of(keyless)
        assert "Authorization" not in server.requests[-1].headers

    def test_half_a_character_does_not_matter(self, server: StandIn, tts: TTS) -> None:
        all_of(tts, "Hello \ud83d there")
        assert self.asked_text(server).split() == ["Hello", "there"]

    def test_a_further_field_goes_into_the_request(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, extra={**self.extra, "body": {"seed": 7}})
        all_of(tts)
        assert str(self.asked(server)["seed"]) == "7"

    def asked(self, server: StandIn) -> dict[str, Any]:
        """The fields of the last request."""
        raise NotImplementedError

    def asked_by(self, server: StandIn, voice: str, *names: str) -> list[dict[str, Any]]:
        """The fields of the requests that these voices lead to, where the settings have `voice`."""
        tts = self.speak_with(server.url, voice=voice)
        asked = []
        for name in names:
            all_of(tts, voice=name)
            asked.append(self.asked(server))
        return asked


__all__ = ["SAID", "CloningContract", "File", "form_of"]
