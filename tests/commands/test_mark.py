"""`livetalk mark`, on clips of `livetalk render`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from livetalk.cli import main
from livetalk.marking.code import parse_payload


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mark") / "speech.wav"
    wave = 0.3 * np.sin(np.arange(2 * 16_000) / 16_000 * 2 * np.pi * 220)
    soundfile.write(path, wave.astype(np.float32), 16_000)
    return path


def render(recording: Path, out: Path, *more: str) -> Path:
    assert main(["render", "--audio", str(recording), "--out", str(out), *more]) == 0
    return out


def test_a_rendered_clip_tells_its_watermark(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = render(
        recording, tmp_path / "a.mp4", "--watermark", "example.org", "--label", "AI-generated", "--crf", "28"
    )
    capsys.readouterr()
    assert main(["mark", str(clip)]) == 0
    assert f"watermark 0x{parse_payload('example.org'):08x} in 50 pictures" in capsys.readouterr().out
    assert main(["mark", str(clip), "--expect", "example.org"]) == 0
    assert "it is the expected one" in capsys.readouterr().out
    assert main(["mark", str(clip), "--expect", "example.com"]) == 1
    assert "not the expected" in capsys.readouterr().out


def test_a_clip_without_a_mark_is_told_apart(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = render(recording, tmp_path / "b.mp4")
    capsys.readouterr()
    assert main(["mark", str(clip)]) == 1
    assert capsys.readouterr().out == "no watermark found in 50 pictures\n"


def test_what_holds_no_pictures_is_told(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mark", str(recording)]) == 1
    assert "holds no pictures" in capsys.readouterr().err


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mark", str(tmp_path / "missing.mp4")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_label_that_cannot_be_drawn_stops_before_any_work(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["render", "--audio", str(recording), "--out", str(tmp_path / "c.mp4"), "--label", "人工智能"]
    assert main(asked) == 1
    assert "label_font" in capsys.readouterr().err
