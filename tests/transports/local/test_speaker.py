from __future__ import annotations

import threading

import numpy as np
import pytest

from livetalk.transports.local import speaker as module
from livetalk.transports.local.speaker import Speaker
from tests.transports.local.fakes import RATE, VirtualSound
from tests.waiting import until

HERTZ = 1000.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    monkeypatch.setattr("livetalk.transports.local.again.FIRST_S", 0.01)


def test_the_sound_is_heard_one_latency_after_it_is_due_on_a_device_with_a_clock_of_its_own() -> None:
    sound = VirtualSound(ppm=200)
    speaker = Speaker("cable", sound.clock, sound.open)
    speaker.start()
    until(lambda: sound.playing)
    ticks = list(sound.feed(speaker.line.take, HERTZ, 60.0))
    speaker.stop()
    heard = np.concatenate([block for _, block in sound.heard[-1500:]])
    at_s = np.concatenate(
        [when + np.arange(len(block)) * (1 + 200e-6) / RATE for when, block in sound.heard[-1500:]]
    )
    wanted = 0.5 * np.sin(2 * np.pi * HERTZ * (at_s - ticks[0].due - speaker.latency_s))
    error = heard[:-RATE] - wanted[:-RATE]
    assert np.sqrt(np.mean(error**2)) < 0.5 * 2 * np.pi * HERTZ * 0.0002, "within 0.2 ms"
    assert (sound.opened, sound.closed) == (["cable"], 1)
    assert (speaker.line.underruns, speaker.jumps, speaker.state) == (0, 0, "stopped")
    assert speaker.drift == pytest.approx(200e-6, abs=30e-6)


def test_the_tone_is_as_clean_as_16_bits_while_the_pace_is_corrected() -> None:
    sound = VirtualSound(ppm=-200)
    speaker = Speaker(None, sound.clock, sound.open)
    speaker.start()
    until(lambda: sound.playing)
    list(sound.feed(speaker.line.take, HERTZ, 60.0))
    speaker.stop()
    heard = np.concatenate([block for _, block in sound.heard])[-11 * RATE : -RATE]
    spectrum = np.abs(np.fft.rfft(heard * np.blackman(len(heard)))) ** 2
    hertz = np.fft.rfftfreq(len(heard), 1 / RATE)
    near = np.abs(hertz - HERTZ) < 20
    assert hertz[spectrum.argmax()] == pytest.approx(HERTZ, abs=0.5)
    assert 10 * np.log10(spectrum[near].sum() / spectrum[~near].sum()) > 75


def test_a_device_that_vanishes_is_waited_for_and_opened_again() -> None:
    sound = VirtualSound()
    speaker = Speaker("cable", sound.clock, sound.open)
    speaker.start()
    until(lambda: sound.playing)
    sound.run(1.0)
    latency_s = speaker.latency_s
    sound.refuse = "no sound device 'cable'"
    sound.vanish()
    until(lambda: len(sound.opened) >= 4)
    assert (speaker.state, speaker.detail) == ("waiting", "no sound device 'cable'")
    sound.refuse = ""
    until(lambda: sound.playing)
    sound.run(1.0)
    until(lambda: speaker.state == "live")
    assert (speaker.latency_s, speaker.detail, speaker.reconnects) == (latency_s, "", 1)
    speaker.stop()
    assert speaker.state == "stopped"


def test_a_device_that_asks_for_nothing_is_opened_again() -> None:
    sound = VirtualSound()
    speaker = Speaker("cable", sound.clock, sound.open)
    speaker.start()
    until(lambda: sound.playing)
    sound.run(1.0)
    sound.now_s += module.STALL_S + 1
    until(lambda: len(sound.opened) == 2)
    assert sound.closed == 1
    speaker.stop()


def test_stopping_does_not_wait_for_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livetalk.transports.local.again.FIRST_S", 1000.0)
    sound = VirtualSound()
    sound.refuse = "nothing there"
    speaker = Speaker(None, sound.clock, sound.open)
    speaker.start()
    until(lambda: speaker.state == "waiting")
    speaker.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "speaker"]


def test_what_nobody_thought_of_is_told_and_the_device_is_tried_again() -> None:
    sound = VirtualSound()
    sound.fault = ValueError("odd")
    speaker = Speaker(None, sound.clock, sound.open)
    speaker.start()
    until(lambda: len(sound.opened) >= 2)
    assert (speaker.state, speaker.detail) == ("waiting", "the sound device cannot be used; the log says why")
    sound.fault = None
    until(lambda: sound.playing)
    speaker.stop()
    assert speaker.state == "stopped"
