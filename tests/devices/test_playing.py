from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from livetalk.devices.playing import OncePlayer
from livetalk.devices.portaudio import Asked, Fill
from livetalk.errors import OutputError
from livetalk.types import Float32Array
from tests.fakes import WAIT_S, background, blocks

BLOCK = 480


class Device:
    """A device that asks when the test says so."""

    rate = 48_000

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.closed = False

    def open(self, name: str | None, fill: Fill, ended: Callable[[], object]) -> Device:
        self.name, self.fill, self.lose = name, fill, ended
        return self

    def ask(self) -> Float32Array:
        """A block of left samples, as 16 bits have them."""
        block = np.full((BLOCK, 2), 9, np.float32)
        self.fill(block, Asked(self.rate, 0.0, 0.01))
        assert (block[:, 0] == block[:, 1]).all()
        return np.asarray(np.rint(block[:, 0] * 32768), np.float32)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def device() -> Device:
    return Device()


def test_sound_is_played_in_order_and_to_its_end(device: Device) -> None:
    player = OncePlayer("cable", device.open)
    assert device.name == "cable"
    pcm = np.arange(1_000, dtype=np.int16)
    player.push(pcm[:300], device.rate)
    first = device.ask()
    assert first[:300].tolist() == [*range(300)]
    assert not first[300:].any()
    player.push(pcm[300:], device.rate)
    finished = background(player.finish)
    assert blocks(finished)
    rest = np.concatenate([device.ask(), device.ask()])
    finished.result(WAIT_S)
    assert rest[:700].tolist() == [*range(300, 1_000)]
    assert not rest[700:].any()
    player.close()
    assert device.closed


def test_other_rates_are_resampled_to_the_devices(device: Device) -> None:
    player = OncePlayer(None, device.open)
    player.push(np.full(1_600, 1_000, np.int16), 16_000)
    player.push(np.full(2_400, 1_000, np.int16), 24_000)
    finished = background(player.finish)
    assert blocks(finished)
    heard = np.concatenate([device.ask() for _ in range(21)])
    finished.result(WAIT_S)
    assert np.count_nonzero(np.abs(heard) > 500) == pytest.approx(9_600, abs=200)


def test_a_device_that_is_lost_is_told(device: Device) -> None:
    player = OncePlayer(None, device.open)
    player.push(np.ones(10_000, np.int16), device.rate)
    finished = background(player.finish)
    assert blocks(finished)
    device.lose()
    with pytest.raises(OutputError, match="lost"):
        finished.result(WAIT_S)
