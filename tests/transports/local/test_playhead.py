from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from livetalk.transports.local.playhead import BEND, MARGIN_S, SETTLE_S, Playhead

RATE = 48_000
BLOCK = 960
AHEAD_S = 0.08


@dataclass
class Device:
    """A sound device in virtual time, whose clock is off and whose reports shake."""

    ppm: float = 0.0
    jitter_s: float = 0.0
    now_s: float = 100.0
    """when its next frame really is heard"""
    frames: int = BLOCK

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(0)

    @property
    def frame_s(self) -> float:
        """What a frame really takes."""
        return (1 + self.ppm * 1e-6) / RATE

    def play(self, playhead: Playhead, seconds: float) -> Iterator[tuple[float, float]]:
        """For each block: how far its sound is from its time, in seconds, and how far its pace from right."""
        shakes = self._random.exponential(self.jitter_s, round(seconds * RATE / self.frames))
        for shake in shakes:
            stretch = playhead.block(self.frames, self.now_s + shake - self.jitter_s, AHEAD_S)
            if stretch is not None:
                assert playhead.latency_s is not None
                yield stretch.start_s + playhead.latency_s - self.now_s, stretch.step_s / self.frame_s - 1
            self.now_s += self.frames * self.frame_s


@pytest.mark.parametrize("ppm", [200, -200])
def test_a_device_that_is_200_ppm_off_is_in_time_for_hours(ppm: float) -> None:
    playhead = Playhead(RATE)
    off, _ = np.array(list(Device(ppm, jitter_s=0.001).play(playhead, 2 * 3600))).T
    assert np.abs(off).max() < 0.002
    assert np.abs(off[1500:]).max() < 0.0005
    assert playhead.drift == pytest.approx(ppm * 1e-6, abs=20e-6)
    assert playhead.jumps == 0


def test_the_pace_is_never_bent_by_more_than_half_a_percent_and_soon_by_less_than_is_measurable() -> None:
    _, pace = np.array(list(Device(200, jitter_s=0.003).play(Playhead(RATE), 600))).T
    assert np.abs(pace).max() <= 0.0055
    assert np.abs(pace[1500:]).max() < 0.002


def test_blocks_of_any_size_will_do() -> None:
    for frames in (104, 1200, 2205):
        off, _ = np.array(list(Device(150, jitter_s=0.001, frames=frames).play(Playhead(RATE), 120))).T
        assert np.abs(off).max() < 0.002


def test_a_device_is_given_silence_until_it_runs_steadily() -> None:
    device, playhead = Device(), Playhead(RATE)
    for _ in range(5):  # it fills its buffer at once
        assert playhead.block(BLOCK, device.now_s, 0.03) is None
    device.now_s += 1.9  # and then stands still
    played = list(device.play(playhead, 2.0))
    assert 2.0 - SETTLE_S - 0.35 < len(played) * BLOCK / RATE < 2.0 - SETTLE_S
    assert np.abs(np.array(played)[:, 0]).max() < 0.001
    assert playhead.jumps == 0


def test_the_latency_is_what_the_device_holds_and_a_margin_and_it_stays() -> None:
    device, playhead = Device(), Playhead(RATE)
    assert playhead.latency_s is None
    list(device.play(playhead, 1.0))
    assert playhead.latency_s == pytest.approx(AHEAD_S + BLOCK / RATE + MARGIN_S, abs=0.001)
    again = Playhead(RATE, latency_s=0.15)
    list(Device().play(again, 1.0))
    assert again.latency_s == 0.15


def test_one_report_that_is_far_off_moves_nothing() -> None:
    device, playhead = Device(), Playhead(RATE)
    list(device.play(playhead, 10.0))
    playhead.block(BLOCK, device.now_s + 0.3, AHEAD_S)
    device.now_s += BLOCK / RATE
    off, _ = np.array(list(device.play(playhead, 5.0))).T
    assert np.abs(off).max() < 0.001
    assert playhead.jumps == 0


@pytest.mark.parametrize("lost_s", [0.02, -0.02, 0.5])
def test_a_device_that_lost_or_repeated_sound_jumps_once_and_is_soon_in_time_again(lost_s: float) -> None:
    device, playhead = Device(), Playhead(RATE)
    list(device.play(playhead, 10.0))
    device.now_s += lost_s
    off, pace = np.array(list(device.play(playhead, 10.0))).T
    assert len(off) == 10 * RATE / BLOCK, "it goes on meanwhile"
    assert abs(off[0]) == pytest.approx(abs(lost_s), abs=0.001)
    assert np.abs(off[20:]).max() < 0.001
    assert np.abs(pace).max() <= BEND + 0.0025
    assert playhead.jumps == 1


def test_a_device_that_is_a_little_off_is_brought_back_by_its_pace_alone() -> None:
    device, playhead = Device(), Playhead(RATE)
    list(device.play(playhead, 10.0))
    device.now_s += 0.008
    off, pace = np.array(list(device.play(playhead, 60.0))).T
    assert np.abs(off[-100:]).max() < 0.001
    assert np.abs(pace).max() <= BEND + 0.0025
    assert playhead.jumps == 0
