from __future__ import annotations

import threading
from collections.abc import Iterator

import av
import numpy as np
import pytest

from livetalk.broadcast.encoders import OpusEncoder
from livetalk.transports.webrtc.hearing import QUEUED_PACKETS, Hearing
from livetalk.types import CHUNK_SAMPLES, SAMPLE_RATE, Int16Array
from tests.fakes import WAIT_S, Basket

PACKETS = 50


class Voice(Basket[Int16Array]):
    """Keeps what it is told."""

    def push(self, pcm: Int16Array) -> None:
        """Keep it."""
        self.put(pcm)

    def close(self) -> None:
        """Nothing to end."""


@pytest.fixture
def voice() -> Voice:
    return Voice()


@pytest.fixture
def hearing(voice: Voice) -> Iterator[Hearing]:
    hearing = Hearing(voice)
    hearing.start()
    yield hearing
    hearing.close()


def tone() -> list[bytes]:
    """A second of 300 Hz."""
    time = np.arange(PACKETS * CHUNK_SAMPLES) / SAMPLE_RATE
    pcm = (8000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16)
    encoder = OpusEncoder(48_000)
    return [encoder.encode(chunk) for chunk in pcm.reshape(-1, CHUNK_SAMPLES)]


def long_packets() -> list[bytes]:
    """The same in packets of 60 ms."""
    codec = av.AudioCodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 48_000, "mono", "s16"
    codec.options = {"frame_duration": "60"}
    pcm = (8000 * np.sin(2 * np.pi * 300 * np.arange(48_000) / 48_000)).astype(np.int16)
    packets = []
    for place, piece in enumerate(pcm[: 16 * 2880].reshape(16, 1, 2880)):
        frame = av.AudioFrame.from_ndarray(piece, "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, place * 2880
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return packets


def level(pcm: Int16Array) -> float:
    return float(np.abs(pcm.astype(np.float32)).mean())


def test_packets_become_sound_as_long_and_as_loud(hearing: Hearing, voice: Voice) -> None:
    for number, packet in enumerate(tone()):
        hearing.push(number, packet)
    pcm = np.concatenate(voice.wait(PACKETS))
    assert len(pcm) == pytest.approx(PACKETS * CHUNK_SAMPLES, abs=CHUNK_SAMPLES // 10)
    assert level(pcm[SAMPLE_RATE // 4 :]) == pytest.approx(8000 * 2 / np.pi, rel=0.1)


def test_no_sound_waits_for_the_next_packet(hearing: Hearing, voice: Voice) -> None:
    for number, packet in enumerate(tone()):
        hearing.push(number, packet)
    assert {len(each) for each in voice.wait(PACKETS)} == {CHUNK_SAMPLES}


def test_a_lost_packet_leaves_a_hole_as_long_as_it_was(hearing: Hearing, voice: Voice) -> None:
    for number, packet in enumerate(tone()):
        if number != 20:
            hearing.push(number, packet)
    pieces = voice.wait(PACKETS)
    assert not np.any(pieces[20])
    assert len(np.concatenate(pieces)) == pytest.approx(PACKETS * CHUNK_SAMPLES, abs=CHUNK_SAMPLES // 10)


def test_a_hole_is_as_long_as_the_sender_s_packets(hearing: Hearing, voice: Voice) -> None:
    packets = long_packets()
    for number in (0, 1, 2, 3, 5, 6, 7, 8):
        hearing.push(number, packets[number])
    pieces = voice.wait(9)
    assert len(pieces[4]) == 3 * CHUNK_SAMPLES
    assert not pieces[4].any()


def test_what_comes_faster_than_it_is_said_is_lost_and_counted() -> None:
    wall, go_on = threading.Event(), threading.Event()

    class Slow(Voice):
        def push(self, pcm: Int16Array) -> None:
            wall.set()
            assert go_on.wait(WAIT_S)
            super().push(pcm)

    voice = Slow()
    hearing = Hearing(voice)
    hearing.start()
    packet = tone()[0]
    hearing.push(0, packet)
    assert wall.wait(WAIT_S)
    for number in range(1, QUEUED_PACKETS + 21):
        hearing.push(number, packet)
    go_on.set()
    assert len(voice.wait(QUEUED_PACKETS + 1)) == QUEUED_PACKETS + 1
    assert hearing.dropped == 20
    hearing.close()


def test_a_voice_that_fails_once_is_heard_on() -> None:
    class Failing(Voice):
        failed = False

        def push(self, pcm: Int16Array) -> None:
            if not self.failed:
                self.failed = True
                raise RuntimeError("the stage is not there")
            super().push(pcm)

    voice = Failing()
    hearing = Hearing(voice)
    hearing.start()
    for number, packet in enumerate(tone()[:3]):
        hearing.push(number, packet)
    voice.wait(2)
    hearing.close()


def test_what_is_no_sound_is_left_out(hearing: Hearing, voice: Voice) -> None:
    packets = tone()
    hearing.push(0, packets[0])
    hearing.push(1, b"\xff\x00\x01 this is no Opus")
    hearing.push(2, packets[1])
    voice.wait(2)
    assert hearing.dropped == 1


def test_one_that_never_began_ends_as_well(voice: Voice) -> None:
    Hearing(voice).close()
