from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from livetalk.errors import RenderError
from livetalk.render import recording as module
from livetalk.render.recording import read_recording
from livetalk.types import FRAME_SAMPLES
from tests.render.sounds import tone, write_tone


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("more", "pictures"), [(-1, 50), (0, 50), (1, 51)])
def test_there_is_a_picture_for_each_started_40_ms_whatever_the_rate(
    tmp_path: Path, rate: int, more: int, pictures: int
) -> None:
    assert tone(tmp_path, 2.0 + more / rate, rate).pictures == pictures


def test_the_engine_hears_mono_at_16_khz_and_silence_after_the_end(tmp_path: Path) -> None:
    recording = tone(tmp_path, 0.99, 44_100, channels=2)
    assert recording.pcm.shape == (25 * FRAME_SAMPLES,)
    assert recording.pcm.dtype == np.int16
    assert not recording.pcm.flags.writeable
    heard = recording.pcm[: round(0.9 * 16_000)].astype(float)
    assert np.abs(np.fft.rfft(heard)).argmax() == round(440 * 0.9)
    assert not recording.pcm[-100:].any()


def test_a_sound_shorter_than_a_picture_has_one(tmp_path: Path) -> None:
    assert tone(tmp_path, 0.005).pictures == 1


def test_the_files_own_sound_is_kept_as_it_is(tmp_path: Path) -> None:
    recording = tone(tmp_path, 1.5, 44_100, channels=2)
    assert (recording.rate, recording.channels) == (44_100, 2)
    for _ in range(2):
        assert sum(frame.samples for frame in recording.frames()) == 66_150


def test_a_damaged_end_is_left_out_of_both_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = write_tone(tmp_path / "whole.flac", 2.0, 48_000, channels=2).read_bytes()
    noise = np.random.default_rng(0).bytes(40_000)
    (tmp_path / "damaged.flac").write_bytes(whole[: len(whole) // 2] + noise)
    recording = read_recording(tmp_path / "damaged.flac")
    samples = sum(frame.samples for frame in recording.frames())
    assert recording.pictures == -(-samples // 1920)
    assert 12 < recording.pictures < 40
    assert caplog.text.count("damaged") == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.wav", b"", "empty.wav: not a sound file"),
        ("text.wav", b"hello " * 100, "text.wav: not a sound file"),
    ],
)
def test_what_is_no_sound_is_refused_by_name(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RenderError, match=told):
        read_recording(tmp_path / name)


@pytest.mark.parametrize(
    ("samples", "told"), [(16_000, "silent from beginning to end"), (0, "no sound in it")]
)
def test_a_recording_without_anything_to_hear_is_refused(tmp_path: Path, samples: int, told: str) -> None:
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * samples))
    with pytest.raises(RenderError, match=told):
        read_recording(tmp_path / "quiet.wav")


def test_a_single_sample_of_a_faster_rate_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "one.wav"), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(b"\x00\x40" * 2)
    with pytest.raises(RenderError, match="there is nothing to say"):
        read_recording(tmp_path / "one.wav")


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"missing\.wav cannot be read"):
        read_recording(tmp_path / "missing.wav")
    with pytest.raises(RenderError, match="cannot be read"):
        read_recording(tmp_path)


def test_a_recording_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_S", 1)
    with pytest.raises(RenderError, match="cut it into parts"):
        tone(tmp_path, 1.5)


@pytest.mark.skipif(sys.platform == "win32", reason="has no device without end")
def test_a_device_without_end_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIECES", 2)
    with pytest.raises(RenderError, match=r"/dev/zero has more than .* cut it into parts"):
        read_recording(Path("/dev/zero"))
