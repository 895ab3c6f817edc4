"""Sound and picture on real devices: PulseAudio plays, and is recorded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from bench.sound_recorder import SoundRecorder
from bench.sound_server import RATE, PulseServer
from livetalk.errors import OutputError
from livetalk.registry import make_output
from livetalk.types import Float32Array
from tests.transports.local.cast import HERTZ, OPTIONS, WHITE, NotedCamera, Tones, broadcast
from tests.waiting import until

pyvirtualcam = pytest.importorskip("pyvirtualcam")

LOUD = 0.05
QUIET_S = 0.1
"""silence that parts two bursts"""
WINDOW = RATE // 100
"""10 ms, in which a gap is seen"""


@pytest.fixture(autouse=True)
def _camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"noted": NotedCamera})
    NotedCamera.sent, NotedCamera.opened, NotedCamera.closed, NotedCamera.broken = [], [], 0, ""


def onsets(sound: Float32Array, begin_s: float) -> npt.NDArray[np.float64]:
    """When bursts began."""
    loud = np.flatnonzero(np.abs(sound) > LOUD)
    first = loud[np.r_[True, np.diff(loud) > QUIET_S * RATE]]
    times: npt.NDArray[np.float64] = begin_s + first / RATE
    return times


def flashes() -> npt.NDArray[np.float64]:
    """When the camera was sent a white picture."""
    return np.array([at for at, frame in NotedCamera.sent if frame[0] == WHITE])


def levels(sound: Float32Array) -> Float32Array:
    """How loud each 10 ms were."""
    whole = len(sound) // WINDOW * WINDOW
    root: Float32Array = np.sqrt(np.mean(sound[:whole].reshape(-1, WINDOW) ** 2, axis=1))
    return root


def test_a_burst_is_heard_when_its_picture_is_sent_to_the_camera(pulse: PulseServer) -> None:
    recorder = SoundRecorder(pulse)
    with broadcast(Tones(bursts=True)) as cast:
        output = make_output("camera?sound=pulse", OPTIONS)
        output.start(cast)
        until(lambda: len(flashes()) >= 18)
        output.stop()
    heard = onsets(*recorder.stop())
    seen = flashes()
    nearest = np.abs(heard[:, np.newaxis] - seen[np.newaxis]).argmin(axis=1)
    skew = heard - seen[nearest]
    assert len(heard) >= 8
    assert abs(np.median(skew)) < 0.02
    assert np.mean(np.abs(skew) < 0.02) > 0.7, "all of them, where the machine is not busy"


def test_the_sound_is_whole_and_clean(pulse: PulseServer) -> None:
    recorder = SoundRecorder(pulse)
    with broadcast(Tones(bursts=False)) as cast:
        output = make_output("sound:pulse", OPTIONS)
        output.start(cast)
        until(lambda: output.status().ticks >= 25 * 8)
        status = output.status()
        output.stop()
    sound, _ = recorder.stop()
    level = levels(sound)
    heard = np.flatnonzero(level > 0.3)
    gaps = np.count_nonzero(level[heard[0] + 1 : heard[-1]] < 0.3)
    assert len(heard) > 400
    assert gaps == 0 or "too late" in status.detail, "a gap is counted"
    assert gaps < 0.5 * len(heard)
    steady = sound[(heard[-1] - 210) * WINDOW : (heard[-1] - 10) * WINDOW]
    spectrum = np.abs(np.fft.rfft(steady * np.blackman(len(steady)))) ** 2
    hertz = np.fft.rfftfreq(len(steady), 1 / RATE)
    near = np.abs(hertz - HERTZ) < 20
    assert hertz[spectrum.argmax()] == pytest.approx(HERTZ, abs=2)
    if not gaps:
        assert 10 * np.log10(spectrum[near].sum() / spectrum[~near].sum()) > 50


def test_a_sound_server_that_is_killed_and_comes_back_is_played_to_again(pulse: PulseServer) -> None:
    with broadcast(Tones(bursts=False)) as cast:
        output = make_output("sound:pulse", OPTIONS)
        output.start(cast)
        until(lambda: output.status().state == "live")
        pulse.kill()
        until(lambda: output.status().state == "waiting")
        assert output.status().detail
        pulse.start()
        recorder = SoundRecorder(pulse)
        until(lambda: output.status().state == "live")
        at = output.status().ticks
        until(lambda: output.status().ticks >= at + 25 * 5)
        assert output.status().reconnects == 1
        output.stop()
    sound, _ = recorder.stop()
    assert np.count_nonzero(levels(sound) > 0.3) > 100


def test_a_device_that_is_not_there_is_named_with_those_there_are(pulse: PulseServer) -> None:
    there = r"no sound device 'cable'; there are: .*pulse"
    with broadcast(Tones(bursts=False)) as cast, pytest.raises(OutputError, match=there):
        make_output("camera?sound=cable", OPTIONS).start(cast)
