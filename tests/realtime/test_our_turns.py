"""A session that tells itself when somebody speaks to a server of the Realtime API."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livetalk.audio.silero import SileroModel
from livetalk.listening.ear import Hearing
from livetalk.parts import Parts
from livetalk.protocols import RealtimeOptions
from livetalk.session import Session
from livetalk.types import CHUNK_SAMPLES
from tests.fakes import FakeAvatar
from tests.listening.speech import quiet, speech
from tests.player import Player
from tests.realtime.realtime_server import RATE, RealtimeServer, Saying, heard, tone, transcribed


@pytest.fixture
def options(server: RealtimeServer) -> RealtimeOptions:
    return RealtimeOptions(url=server.url, model="gpt-test", turn_detection="ours")


def test_a_turn_is_sent_committed_and_answered(parts: Parts, server: RealtimeServer) -> None:
    session = Session("two", replace(parts, hearing=Hearing(SileroModel.load().stream)), FakeAvatar())
    session.start()
    player = Player(session)
    (update,) = server.wait("session.update")
    assert update["session"]["audio"]["input"]["turn_detection"] is None
    server.sayings = [Saying([(tone(0.4), "Gladly.")])]
    said = speech("Would you tell me a story, please?")
    microphone = session.conversation.hear()
    sound = np.concatenate([quiet(0.5), said, quiet(1.5)])
    for at in range(0, len(sound), CHUNK_SAMPLES):
        microphone.push(sound[at : at + CHUNK_SAMPLES])
    server.wait("input_audio_buffer.commit")
    assert session.conversation._speech._spoken_at is not None
    server.send({"type": "input_audio_buffer.committed", "item_id": "said_1"})
    player.until("end")
    sent = sum(len(heard(each)) for each in server.of("input_audio_buffer.append")) / RATE
    assert len(said) / 16_000 - 0.3 < sent < len(sound) / 16_000
    kinds = [each["type"] for each in server.got]
    assert kinds.index("input_audio_buffer.commit") < kinds.index("response.create")
    assert server.of("input_audio_buffer.clear") == []
    server.send(transcribed("said_1", "A story?"))
    transcript = player.hear("transcript")
    assert (transcript.fields["text"], transcript.fields["turn"]) == ("A story?", 1)
    session.close()
