"""A viewer who speaks: over the connection by which they watch, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack

from livetalk.audio.silero import SileroModel
from livetalk.listening.ear import Ear, Hearing
from livetalk.types import SAMPLE_RATE, Int16Array
from tests.listening.speech import quiet, speech
from tests.listening.test_ear import FakeSTT
from tests.server.asking import read_events
from tests.server.conftest import Client, FakeService, Viewer, within

QUESTION = "How are you today?"
PACKET = SAMPLE_RATE // 50


class Mouth(MediaStreamTrack):
    """Somebody who is quiet until they have something to say."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.to_say: Int16Array = np.zeros(0, np.int16)
        self.said = asyncio.Event()
        self._sent = 0
        self._begun = asyncio.get_running_loop().time()

    async def recv(self) -> av.AudioFrame:
        due = self._begun + self._sent / SAMPLE_RATE
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        pcm, self.to_say = self.to_say[:PACKET], self.to_say[PACKET:]
        if not len(self.to_say):
            self.said.set()
        frame = av.AudioFrame.from_ndarray(
            np.pad(pcm, (0, PACKET - len(pcm)))[np.newaxis], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, self._sent, Fraction(1, SAMPLE_RATE)
        self._sent += PACKET
        return frame

    def say(self, *sounds: Int16Array) -> None:
        self.said.clear()
        self.to_say = np.concatenate(sounds)


@pytest.fixture
def stt(service: FakeService) -> FakeSTT:
    made = FakeSTT(QUESTION)
    service.listen_with(Hearing(SileroModel.load().stream, made))
    return made


@pytest.fixture
async def speaker(client: Client, stt: FakeSTT) -> AsyncIterator[tuple[Viewer, Mouth]]:
    viewer = Viewer(client)
    mouth = Mouth()
    viewer.connection.addTransceiver(mouth, direction="sendrecv")
    await viewer.connect()
    await within(viewer.seen.wait())
    yield viewer, mouth
    await viewer.close()


async def test_what_a_viewer_says_is_understood_and_answered_aloud(
    client: Client, service: FakeService, speaker: tuple[Viewer, Mouth]
) -> None:
    viewer, mouth = speaker
    listening = asyncio.Event()
    events = asyncio.create_task(read_events(client, viewer.session_id, "end", listening))
    await within(listening.wait())
    mouth.say(speech(QUESTION), quiet(0.2))
    told = await within(events)
    states = [fields["state"] for name, fields in told if name == "state"]
    assert states == ["listening", "thinking", "speaking"]
    transcripts = [(fields["text"], fields["final"]) for name, fields in told if name == "transcript"]
    assert transcripts[-1] == (QUESTION, True)
    latency = next(fields for name, fields in told if name == "latency")
    assert 0 < latency["recognised_ms"] <= latency["first_token_ms"] <= latency["first_played_ms"]
    assert service.model.asked[0].messages[-1].text == QUESTION


async def test_a_viewer_who_speaks_over_the_face_stops_it(
    client: Client, service: FakeService, speaker: tuple[Viewer, Mouth]
) -> None:
    viewer, mouth = speaker
    await viewer.say("word " * 200)
    await within(viewer.loud.wait())
    mouth.say(speech(QUESTION), quiet(0.2))
    await within(viewer.quiet.wait())
    told = await within(read_events(client, viewer.session_id, "interrupted"))
    assert told[-1][1]["spoken"].startswith("word")


async def test_a_microphone_that_is_closed_leaves_no_ear_behind(
    service: FakeService, speaker: tuple[Viewer, Mouth]
) -> None:
    viewer, mouth = speaker
    session = service.sessions.get(viewer.session_id)
    mouth.say(speech(QUESTION)[: SAMPLE_RATE // 2])
    await within(mouth.said.wait())
    assert not all(ear.closed for ear in session.conversation._ears)
    await viewer.close()
    for ear in session.conversation._ears:
        assert isinstance(ear, Ear)
        await within(asyncio.to_thread(ear._worker.join))
    assert all(ear.closed for ear in session.conversation._ears)


async def test_without_ears_a_microphone_is_not_taken(client: Client) -> None:
    viewer = Viewer(client)
    viewer.connection.addTransceiver(Mouth(), direction="sendrecv")
    await viewer.connect()
    (sound,) = [each for each in viewer.connection.getTransceivers() if each.kind == "audio"]
    assert sound.currentDirection == "recvonly"
    await viewer.close()


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livetalk.conversation.MOST_EARS", 0)


async def test_a_microphone_too_many_is_not_heard_and_its_viewer_watches_on(
    no_room: None, service: FakeService, speaker: tuple[Viewer, Mouth]
) -> None:
    viewer, mouth = speaker
    mouth.say(quiet(0.1))
    await within(mouth.said.wait())
    assert service.sessions.get(viewer.session_id).conversation._ears == []
    assert await viewer.say("still here") == 200
    await within(viewer.loud.wait())
