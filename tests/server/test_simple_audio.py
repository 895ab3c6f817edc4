"""Recordings of what a user says, over HTTP: understood, then answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, FormData

from livetalk.errors import ProviderError
from livetalk.protocols import Cancel, Transcript
from livetalk.types import Int16Array
from tests.fakes import WAIT_S
from tests.listening.test_ear import FakeSTT
from tests.server.asking import answer, read_events
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within
from tests.server.simply import post, serving
from tests.server.test_simple_jobs import REPLY
from tests.server.test_uploads import form, wav

QUESTION = "Would you tell me a story?"
PATH = "/api/conversation/audio"


def recording(content: bytes) -> FormData:
    """What a simple client sends."""
    data = FormData()
    data.add_field("file", content, filename="question.wav", content_type="audio/wav")
    return data


class SlowSTT(FakeSTT):
    """Does not come to an end before it is told to give up."""

    def __init__(self) -> None:
        super().__init__("never")
        self.begun = threading.Event()

    def transcribe(self, sound: Iterator[Int16Array], cancel: Cancel) -> Iterator[Transcript]:
        """Wait."""
        given_up = threading.Event()
        end = cancel.watch(given_up.set)
        self.begun.set()
        assert given_up.wait(WAIT_S)
        end()
        yield from super().transcribe(sound, cancel)


async def test_a_recording_is_understood_and_answered(client: Client, service: FakeService) -> None:
    service.stt = stt = FakeSTT(QUESTION)
    status, told = await within(answer(client, PATH, data=recording(wav(0.5))))
    assert (status, told["heard"], told["text"], told["spoken"]) == (200, QUESTION, REPLY, REPLY)
    assert told["latency"]["recognised_ms"] <= told["latency"]["first_played_ms"]
    assert stt.heard == [8000]
    [asked] = service.model.asked
    assert asked.messages[-1].text == QUESTION
    _, told = await within(post(client, "/api/conversation/text", text="Go on."))
    assert (told["turn"], told["new_session"]) == (2, False)
    assert [each.text for each in service.model.asked[1].messages][1:] == [QUESTION, REPLY, "Go on."]


async def test_without_a_recogniser_it_says_what_to_set(client: Client, service: FakeService) -> None:
    status, told = await answer(client, PATH, data=recording(wav(0.5)))
    assert status == 503
    assert "setting stt" in told["msg"]
    assert len(service.sessions) == 0


async def test_a_recogniser_that_fails_is_told(client: Client, service: FakeService) -> None:
    service.stt = FakeSTT(ProviderError("it is down", retryable=True), QUESTION)
    status, told = await within(answer(client, PATH, data=recording(wav(0.5))))
    assert (status, told["msg"]) == (503, "it is down")
    status, told = await within(answer(client, PATH, data=recording(wav(0.5))))
    assert (status, told["heard"], told["new_session"]) == (200, QUESTION, False)


async def test_a_recording_without_words_asks_nothing(client: Client, service: FakeService) -> None:
    service.stt = FakeSTT("")
    status, told = await within(answer(client, PATH, data=recording(wav(0.5))))
    assert status == 400
    assert "no words" in told["msg"]
    assert service.model.asked == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"words " * 50, 415), (wav(60.0), 413), (b"\0" * (3 << 20), 413), (b"", 415)],
    ids=["words", "too many seconds", "too many bytes", "empty"],
)
async def test_what_is_no_fit_sound_is_refused_and_opens_nothing(
    start: Start, service: FakeService, content: bytes, status: int
) -> None:
    service.stt = FakeSTT(QUESTION)
    client = await start(upload_limit_mb=2, clip_limit_s=30)
    assert (await answer(client, PATH, data=recording(content)))[0] == status
    assert (await answer(client, PATH, json={"file": "x"}))[0] == 415
    assert len(service.sessions) == 0


async def test_a_form_without_a_file_is_refused(client: Client, service: FakeService) -> None:
    service.stt = FakeSTT(QUESTION)
    data = FormData()
    data.add_field("text", "Hi.", content_type="text/plain")
    data.add_field("name", "x", filename="x")
    assert (await answer(client, PATH, data=data))[0] == 400


async def test_who_leaves_while_a_recording_is_understood_ends_that(
    service: FakeService, tmp_path: Path
) -> None:
    service.stt = stt = SlowSTT()
    async with serving(service, tmp_path) as address:
        async with ClientSession(address) as leaving:
            asking = asyncio.create_task(leaving.post(address + PATH, data=recording(wav(0.5))))
            await until(stt.begun.is_set)
            asking.cancel()
        await until(stt.cancelled.is_set)
    assert service.model.asked == []
    assert stt.heard == [0], "no more of the recording was decoded"


async def test_a_server_that_stops_gives_up_what_it_understands(service: FakeService, tmp_path: Path) -> None:
    service.stt = stt = SlowSTT()
    async with ClientSession() as waiting:
        async with serving(service, tmp_path) as address:
            asking = asyncio.create_task(waiting.post(address + PATH, data=recording(wav(0.5))))
            await until(stt.begun.is_set)
        assert stt.cancelled.is_set()
        assert not [each for each in threading.enumerate() if each.name.startswith("transcribing")]
        assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], Exception)


async def test_a_sessions_recording_is_answered_where_it_is_to_be(
    viewer: Viewer, client: Client, service: FakeService
) -> None:
    service.stt = FakeSTT(QUESTION)
    listening = asyncio.Event()
    events = asyncio.create_task(read_events(client, viewer.session_id, "end", listening))
    await within(listening.wait())
    data = form(viewer.session_id, wav(0.5))
    data.add_field("type", "chat")
    data.add_field("entry", "17")
    status, told = await within(answer(client, "/humanaudio", data=data))
    assert (status, told["data"]) == (200, {"heard": QUESTION})
    seen = await within(events)
    [transcript] = [fields for name, fields in seen if name == "transcript"]
    assert (transcript["text"], transcript["final"]) == (QUESTION, True)
    assert seen[-1][1] | {"turn": 1} == {
        "entry": "17",
        "turn": transcript["turn"],
        "text": "I heard you.",
        "last": False,
    }


@pytest.mark.parametrize(("wanted", "status"), [("echo", 200), ("sing", 400), ("chat", 503)])
async def test_a_sessions_recording_is_said_unless_it_is_asked_for_otherwise(
    viewer: Viewer, client: Client, service: FakeService, wanted: str, status: int
) -> None:
    data = form(viewer.session_id, wav(0.5))
    data.add_field("type", wanted)
    assert (await within(answer(client, "/humanaudio", data=data)))[0] == status
    if wanted == "echo":
        await within(viewer.loud.wait())
