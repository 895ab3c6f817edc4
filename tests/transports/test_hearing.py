from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from livetalk.broadcast.encoders import OpusEncoder
from livetalk.transports.webrtc.hearing import Hearing
from livetalk.types import CHUNK_SAMPLES, SAMPLE_RATE, Int16Array
from tests.fakes import Basket

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


def test_what_is_no_sound_is_left_out(hearing: Hearing, voice: Voice) -> None:
    packets = tone()
    hearing.push(0, packets[0])
    hearing.push(1, b"\xff\x00\x01 this is no Opus")
    hearing.push(2, packets[1])
    voice.wait(2)
    assert hearing.dropped == 1


def test_one_that_never_began_ends_as_well(voice: Voice) -> None:
    Hearing(voice).close()
