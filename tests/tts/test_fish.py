from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import TTS, VoiceOptions
from livetalk.tts.fish import Fish, fish
from tests.remote.unpacking import unpacked
from tests.tts.cloning import SAID, CloningContract
from tests.tts.contract import KEY, TEXT, all_of, until_error
from tests.tts.sounds import joined, tone, wav
from tests.tts.stand_in import StandIn

MODEL_ID = "802e3bc2b27e49c2995d23ef70e6ac89"


class TestFish(CloningContract):
    """fish-speech."""

    plugin = "fish"
    rate = 44_100
    says = '{"statusCode":400,"message":"Text is too long, max length is 10","error":"Bad Request"}'
    told = "Text is too long, max length is 10"
    manner: dict[str, Any] = {"streaming": True, "use_memory_cache": "on"}  # noqa: RUF012
    list_route = "/v1/references/list"
    lists: Any = {"success": True, "reference_ids": ["my speaker", "../../etc", 7], "message": "Success"}  # noqa: RUF012
    own = ("my speaker", "my speaker")
    """(name, id) of a voice that lies on the server"""

    @pytest.fixture(autouse=True)
    def asked_lists(self) -> None:
        self.listed: list[web.Request] = []
        self.list_status = 200

    def routes(self, server: StandIn) -> Sequence[web.AbstractRouteDef]:
        async def tell(request: web.Request) -> web.Response:
            self.listed.append(request)
            return web.json_response(self.lists, status=self.list_status)

        return [web.post("/v1/tts", server.sound), web.get(self.list_route, tell)]

    def asked(self, server: StandIn) -> dict[str, Any]:
        kind = server.requests[-1].headers["Content-Type"]
        body = server.bodies[-1]
        fields = unpacked(body) if kind == "application/msgpack" else json.loads(body)
        assert isinstance(fields, dict)
        return fields

    def asked_text(self, server: StandIn) -> str:
        return str(self.asked(server)["text"])

    def test_a_recording_goes_with_the_request_as_bytes(self, server: StandIn, tts: TTS) -> None:
        all_of(tts)
        assert server.requests[-1].headers["Content-Type"] == "application/msgpack"
        sound = (self.folder / "anna.wav").read_bytes()
        assert self.asked(server) == {
            "text": TEXT,
            "format": "wav",
            "references": [{"audio": sound, "text": SAID["anna"]}],
            **self.manner,
        }

    def test_a_voice_of_the_server_is_named(self, server: StandIn, tts: TTS) -> None:
        name, voice_id = self.own
        all_of(tts, voice=name)
        assert server.requests[-1].headers["Content-Type"] == "application/json"
        assert self.asked(server) == {"text": TEXT, "format": "wav", "reference_id": voice_id, **self.manner}
        all_of(tts, voice=name)
        assert len(self.listed) == 1

    def test_the_voices_are_the_recordings_and_the_servers_own(self, server: StandIn, tts: TTS) -> None:
        assert [*tts.voices()][5:] == [self.own[0]]
        assert self.listed[-1].headers["Authorization"] == f"Bearer {KEY}"

    def test_where_there_are_no_recordings_the_servers_first_voice_speaks(self, server: StandIn) -> None:
        for path in self.folder.iterdir():
            path.unlink()
        tts = self.speak_with(server.url, voice="auto")
        all_of(tts)
        assert self.asked(server)["reference_id"] == self.own[1]

    def test_without_a_recording_it_says_where_to_put_one(self, server: StandIn) -> None:
        self.lists = {"reference_ids": []}
        super().test_without_a_recording_it_says_where_to_put_one(server)

    @pytest.mark.parametrize("status", [404, 200])
    def test_a_server_that_has_no_list_has_no_voices_of_its_own(self, server: StandIn, status: int) -> None:
        self.list_status, self.lists = status, ["something", "else"]
        tts = self.speak_with(server.url)
        assert [*tts.voices()] == ["auto", "anna", "berta", "carl", "小明"]

    def test_what_is_said_in_the_recording_has_to_be_known(self, server: StandIn, tts: TTS) -> None:
        with pytest.raises(ProviderError, match=r"write it into carl\.txt"):
            all_of(tts, voice="carl")
        assert not server.requests

    def test_a_whole_file_is_heard_too(self, server: StandIn, tts: TTS) -> None:
        server.content = wav(tone(self.rate), self.rate)
        assert joined(all_of(tts))[1] == self.rate


class TestFishService(TestFish):
    """The service."""

    extra = {"service": True}  # noqa: RUF012
    says = '{"message": "Invalid parameter: latency", "status": 400}'
    told = "Invalid parameter: latency"
    manner = {"latency": "balanced"}  # noqa: RUF012
    list_route = "/model"
    lists = {"total": 1, "items": [{"_id": MODEL_ID, "title": "Max", "type": "tts"}, {"title": "x"}, 3]}  # noqa: RUF012
    own = ("Max", MODEL_ID)

    def test_it_is_asked_as_its_reference_has_it(self, server: StandIn) -> None:
        tts = self.speak_with(server.url, model="s2-pro")
        all_of(tts)
        assert [*tts.voices()][-1] == "Max"
        assert server.requests[-1].headers["model"] == "s2-pro"
        assert self.listed[-1].query["self"] == "true"

    def test_a_voice_of_its_library_is_taken_by_its_id(self, server: StandIn, tts: TTS) -> None:
        all_of(tts, voice="0" * 32)
        assert self.asked(server)["reference_id"] == "0" * 32

    def test_without_a_recording_it_says_where_to_put_one(self, server: StandIn) -> None:
        """It has a voice of its own, which is taken where there is no other."""
        for path in self.folder.iterdir():
            path.unlink()
        self.lists = {"items": []}
        tts = self.speak_with(server.url, voice="auto")
        all_of(tts)
        assert self.asked(server) == {"text": TEXT, "format": "wav", **self.manner}

    def test_an_empty_purse_is_told(self, server: StandIn, tts: TTS) -> None:
        server.faults.status = 402
        server.faults.says = '{"message": "Insufficient API credit", "status": 402}'
        _, error = until_error(tts)
        assert not error.retryable
        assert "Insufficient API credit" in str(error)


def test_with_a_key_alone_it_is_the_service() -> None:
    assert Fish(VoiceOptions(key=KEY)).url == "https://api.fish.audio"
    assert Fish(VoiceOptions()).url == "http://127.0.0.1:8080"
    assert Fish(VoiceOptions(key=KEY, url="http://gpu:8080/")).url == "http://gpu:8080"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (VoiceOptions(url="http://"), "tts_url"),
        (VoiceOptions(extra={"service": 1}), "service is true or false"),
        (VoiceOptions(extra={"temperature": 1}), "no option 'temperature'"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: VoiceOptions, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        fish(options)
