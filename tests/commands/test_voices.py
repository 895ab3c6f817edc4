from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from aiohttp import web

from livetalk.cli import main
from livetalk.devices import portaudio
from livetalk.devices.portaudio import Asked, Fill
from livetalk.errors import OutputError
from tests.fakes import WAIT_S
from tests.tts.sounds import tone
from tests.tts.stand_in import StandIn

HTTP = (
    '{"json": {"text": "{text}", "voice": "{voice}"}, "format": "pcm", "rate": 24000, '
    '"voices": ["ann", "bob"]}'
)


def test_plugins_and_the_voices_of_the_chosen_one_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Voice plugins: azure, ")
    assert lines[0].endswith("; these are the voices of espeak:")
    assert {"auto", "de", "cmn"} <= set(lines[1:])


def test_a_word_picks_those_that_have_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices", "--tts", "espeak", "EN-us"]) == 0
    assert "en-us" in capsys.readouterr().out.splitlines()
    assert main(["voices", "klingon-of-the-north"]) == 1
    assert "no voice of espeak has 'klingon-of-the-north'" in capsys.readouterr().err


def test_voices_of_another_plugin_are_had_by_its_settings(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--tts", "http", "--tts-url", "http://127.0.0.1:9/", "--tts-options", HTTP]
    assert main(["voices", *flags]) == 0
    assert capsys.readouterr().out.split() == ["auto", "ann", "bob"]


def test_a_voice_is_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "voice.wav"
    assert main(["voices", "--out", str(file), "--text", "One two three."]) == 0
    sound, rate = soundfile.read(file)
    assert rate == 22_050
    assert 0.5 < len(sound) / rate < 4
    assert np.abs(sound).max() > 0.05
    assert main(["voices", "--out", str(file)]) == 1
    assert main(["voices", "--out", str(file), "--force", "--voice", "de"]) == 0


def test_a_voice_of_a_server_is_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "voice.wav"
    stand_in = StandIn(tone(24_000).tobytes())
    with stand_in.serving([web.post("/", stand_in.sound)]):
        flags = ["--tts", "http", "--tts-url", stand_in.url, "--tts-options", HTTP, "--voice", "bob"]
        assert main(["voices", *flags, "--out", str(file), "--text", "Hello."]) == 0
    sound, rate = soundfile.read(file, dtype="int16")
    assert rate == 24_000
    assert sound.tobytes() == tone(24_000).tobytes()
    assert b'"bob"' in stand_in.bodies[0]


class Device:
    """A device with a thread that asks for block after block."""

    rate = 48_000

    def __init__(self) -> None:
        self.heard: list[float] = []

    def open(self, name: str | None, fill: Fill, ended: Callable[[], object]) -> Device:
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(fill,))
        self._thread.start()
        return self

    def close(self) -> None:
        self._closed.set()
        self._thread.join(WAIT_S)

    def _ask(self, fill: Fill) -> None:
        while not self._closed.wait(0.001):
            block = np.zeros((480, 1), np.float32)
            fill(block, Asked(self.rate, 0.0, 0.0))
            self.heard += block[:, 0].tolist()


def test_a_voice_is_played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    device, file = Device(), tmp_path / "voice.wav"
    monkeypatch.setattr(portaudio._PORTAUDIO, "open", device.open)
    assert main(["voices", "--play", "de", "--out", str(file)]) == 0
    sound, rate = soundfile.read(file)
    loud = np.flatnonzero(np.abs(device.heard) > 0.02)
    assert (loud[-1] - loud[0]) / device.rate > 0.5 * len(sound) / rate


def test_where_nothing_can_be_played_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> None:
        raise OutputError('sound needs sounddevice: pip install "livetalk[camera]"')

    monkeypatch.setattr(portaudio._PORTAUDIO, "open", missing)
    assert main(["voices", "--play", "auto"]) == 1
    assert 'pip install "livetalk[camera]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--tts", "nobody"], "unknown voice plugin 'nobody'"),
        (["--tts", "azure"], "LIVETALK_TTS_KEY"),
        (["--tts", "edge", "--tts-url", "http://a"], "leave tts_url empty"),
        (["--out", "voice.mp3"], ".wav"),
        (["--out", "voice.wav", "--text", "..."], "nothing in the text that can be spoken"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    flags: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["voices", *flags]) == 1
    assert told in capsys.readouterr().err
