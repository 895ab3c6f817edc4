from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from livetalk.cli import main

TEXT = "Hello there. This is one clip."


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_a_text_becomes_a_clip_with_sound_and_pictures_of_one_length(tmp_path: Path, cache: Path) -> None:
    clip = tmp_path / "clip.mp4"
    assert main(["speak", TEXT, "--out", str(clip), "--cache-dir", str(cache)]) == 0
    with av.open(str(clip)) as container:
        assert container.metadata["comment"].startswith("Synthetic pictures")
        pictures = sum(1 for _ in container.decode(video=0))
    with av.open(str(clip)) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    assert pictures > 25
    assert abs(pictures / 25 - len(sound) / rate) < 0.15
    assert np.abs(sound).max() > 0.05


def test_a_text_is_read_from_standard_input(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Bonjour.\n"))
    clip = tmp_path / "clip.mp4"
    assert main(["speak", "-", "--voice", "fr", "--out", str(clip), "--cache-dir", str(cache)]) == 0
    assert clip.stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["...", "--out", "{folder}/a.mp4"], "nothing that can be spoken"),
        (["Hello", "--out", "{folder}/a.wav"], "must end in .mp4"),
        (["Hello", "--out", "{folder}/none/a.mp4"], "there is no folder"),
        (["Hello", "--out", "{folder}/there.mp4"], "is there already"),
        (["Hello", "--out", "{folder}/a.mp4", "--tts", "none"], "unknown voice plugin"),
        (["Hello"], "--out"),
    ],
)
def test_what_cannot_become_a_clip_is_told_and_nothing_is_written(
    arguments: list[str], message: str, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there.mp4").write_bytes(b"mine")
    given = [each.format(folder=tmp_path) for each in arguments]
    assert main(["speak", *given, "--cache-dir", str(cache)]) == 1
    assert message in capsys.readouterr().err
    assert {each.name for each in tmp_path.iterdir()} == {"there.mp4"}
    assert (tmp_path / "there.mp4").read_bytes() == b"mine"
