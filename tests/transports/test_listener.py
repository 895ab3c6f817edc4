from __future__ import annotations

import re
import threading

import numpy as np
import pytest
from aiortc.rtp import RtcpByePacket, RtpPacket

from livetalk.broadcast.encoders import OpusEncoder
from livetalk.transports.webrtc.connection import Connection, Ties
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.listener import Listener
from livetalk.types import CHUNK_SAMPLES, Int16Array
from tests.transports.offers import OBS

SILENCE = np.zeros(CHUNK_SAMPLES, np.int16)


class Voice:
    """Counts what it hears, and notes its end."""

    def __init__(self) -> None:
        self.closed = False
        self.heard = 0

    def push(self, pcm: Int16Array) -> None:
        """Count."""
        self.heard += len(pcm)

    def close(self) -> None:
        """Note it."""
        self.closed = True


async def test_the_voice_and_its_thread_end_also_where_the_connection_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voice = Voice()
    listener = Listener(voice, IceServers(), 10.0, Ties(on_gone=lambda: None))
    await listener.answer(OBS)
    assert "hearing" in {thread.name for thread in threading.enumerate()}
    close = listener._connection.rtc.close

    async def fail() -> None:
        await close()
        raise ConnectionError("it broke")

    monkeypatch.setattr(listener._connection.rtc, "close", fail)
    with pytest.raises(ConnectionError):
        await listener.close()
    assert voice.closed
    assert "hearing" not in {thread.name for thread in threading.enumerate()}


async def test_what_is_no_opus_is_not_heard() -> None:
    voice = Voice()
    listener = Listener(voice, IceServers(), 10.0, Ties(on_gone=lambda: None))
    answer = await listener.answer(OBS)
    rtpmap = re.search(r"a=rtpmap:(\d+) opus/48000", answer)
    assert rtpmap is not None
    first, second = OpusEncoder(48_000).encode(SILENCE), OpusEncoder(48_000).encode(SILENCE)
    listener._on_packet(RtpPacket(int(rtpmap[1]), sequence_number=0, payload=first))
    listener._on_packet(RtpPacket(int(rtpmap[1]) + 1, sequence_number=1, payload=second))
    await listener.close()
    assert 0 < voice.heard <= CHUNK_SAMPLES


@pytest.mark.parametrize("kind", ["a packet", "a report"])
async def test_whatever_comes_tells_that_the_speaker_is_there(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    heard = []
    monkeypatch.setattr(Connection, "hear", lambda _: heard.append(True))
    listener = Listener(Voice(), IceServers(), 10.0, Ties(on_gone=lambda: None))
    await listener.answer(OBS)
    (transceiver,) = listener._connection.rtc.getTransceivers()
    if kind == "a packet":
        await transceiver.receiver._handle_rtp_packet(RtpPacket(13, payload=b"noise"), 0)
    else:
        await transceiver.receiver._handle_rtcp_packet(RtcpByePacket([1]))
    await listener.close()
    assert heard == [True]
