from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from bench.clips import vowel, wav
from livetalk.avatar.bundle import open_bundle
from livetalk.cli import main
from livetalk.render.progress import Progress
from livetalk.types import planes

ROOT = Path(__file__).resolve().parents[2]
QUIET_S, LOUD_S = 0.8, 1.03


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """An "ah" between two silences, 2.63 s, 65.75 pictures."""
    rest = np.zeros(round(QUIET_S * 16_000), np.float32)
    (tmp_path / "speech.wav").write_bytes(wav(np.concatenate([rest, vowel(LOUD_S), rest])))
    return tmp_path / "speech.wav"


@pytest.fixture
def base(speech: Path, cache: Path) -> list[str]:
    return ["render", "--audio", str(speech), "--cache-dir", str(cache)]


def opened(pictures: list[npt.NDArray[np.uint8]], cache: Path) -> npt.NDArray[np.float64]:
    """How much of each picture is not the body's own."""
    bundle = open_bundle(ROOT / "data" / "avatars" / "default", cache)
    moved = [
        np.abs(picture.astype(int)[: bundle.height] - planes(bundle.picture(pose))[0]) > 24
        for pose, picture in enumerate(pictures)
    ]
    return np.array([float(each.sum()) for each in moved])


def test_a_recording_becomes_a_clip_whose_mouth_moves_with_the_sound(
    base: list[str], tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip.mp4"
    assert main([*base, "--out", str(clip)]) == 0
    assert capsys.readouterr().err.startswith("66 pictures, 2.64 s: ")
    with av.open(str(clip)) as container:
        assert container.metadata["comment"].startswith("Synthetic pictures")
        sound = container.streams.audio[0]
        assert sound.duration is not None
        assert sound.time_base is not None
        assert sound.duration * sound.time_base == pytest.approx(2 * QUIET_S + LOUD_S, abs=1e-3)
        pictures = [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]
    assert len(pictures) == 66
    mouth = opened(pictures, cache)
    loud = slice(round(QUIET_S * 25), round((QUIET_S + LOUD_S) * 25))
    assert mouth[loud].mean() > 20 * (mouth[:15].mean() + 1)
    onset = int(np.argmax(mouth > mouth.max() / 4))
    assert abs(onset - loud.start) <= 2
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "speech.wav"}


def test_streamed_pictures_are_those_of_the_whole_recording_to_the_bit(
    base: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, streamed = tmp_path / "whole.i420", tmp_path / "streamed.i420"
    assert main([*base, "--raw", str(whole), "--png", str(tmp_path / "png")]) == 0
    assert main([*base, "--stream", "--lookahead-ms", "400", "--raw", str(streamed)]) == 0
    assert whole.read_bytes() == streamed.read_bytes()
    assert len([*(tmp_path / "png").glob("*.png")]) == 66
    assert main([*base, "--compare"]) == 0
    assert "all 66 pictures are the same to the bit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "nothing to make"),
        (["--out", "clip.avi"], "must end in .mp4 or .webm or .mov"),
        (["--out", "clip.mp4", "--background", "transparent"], "clip.mp4 cannot be transparent"),
        (["--out", "clip.mp4", "--background", "chartreuse"], "no background 'chartreuse'"),
        (["--out", "gone/clip.mp4"], "there is no folder"),
        (["--out", "there.mp4"], "use --force"),
        (["--raw", "speech.wav", "--force"], "is the recording"),
        (["--png", "."], "not empty"),
        (["--out", "clip.mp4", "--raw", "clip.mp4"], "name the same place"),
        (["--png", "clip", "--raw", "./clip"], "name the same place"),
        (["--out", "clip.mp4", "--audio", "missing.wav"], "missing.wav cannot be read"),
        (["--out", "clip.mp4", "--audio", "there.mp4"], "not a sound file"),
        (["--out", "clip.mp4", "--avatar", "nobody"], "no avatar 'nobody'; there are: default"),
        (["--out", "clip.mp4", "--engine", "nobody"], "unknown engine 'nobody'"),
        (["--out", "clip.mp4", "--crf", "52"], "from 0 to 51"),
        (["--out", "clip.mp4", "--lookahead-ms", "400"], "is for --stream"),
        (["--out", "clip.mp4", "--stream", "--lookahead-ms", "100"], "has to hear 120 ms ahead"),
    ],
)
def test_what_cannot_work_is_told_in_one_line_and_nothing_is_touched(
    base: list[str],
    tmp_path: Path,
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "there.mp4").write_bytes(b"something else")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.chdir(tmp_path)
    assert main([*base, *arguments]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_is_there_is_replaced_when_that_is_asked_for(base: list[str], tmp_path: Path) -> None:
    (tmp_path / "there.mp4").write_bytes(b"something else")
    assert main([*base, "--out", str(tmp_path / "there.mp4"), "--force"]) == 0
    assert (tmp_path / "there.mp4").stat().st_size > 1000


@pytest.mark.parametrize("way", [[], ["--stream"], ["--compare"]])
def test_ctrl_c_ends_it_with_130_and_leaves_nothing(
    base: list[str],
    tmp_path: Path,
    way: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = Progress.step

    def press(progress: Progress) -> None:
        step(progress)
        if progress._done == 20:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Progress, "step", press)
    assert main([*base, *way, "--out", str(tmp_path / "clip.mp4"), "--png", str(tmp_path / "png")]) == 130
    assert [path.name for path in tmp_path.iterdir()] == ["speech.wav"]
    assert "stopped" in capsys.readouterr().err


LONG_BATCH = """
import os, signal, sys, threading
from livetalk import worker
from livetalk.cli import main
from livetalk.engines.viseme.engine import VisemeEngine

def infer(engine, jobs):
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(60)

worker.STOP_TIMEOUT_S = 0.1
VisemeEngine.infer = infer
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("way", ["--stream", "--compare"])
def test_ctrl_c_waits_for_no_batch_that_takes_long(base: list[str], tmp_path: Path, way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LONG_BATCH, *base, way, "--out", str(tmp_path / "clip.mp4")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (130, "livetalk: stopped; nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["speech.wav"]


@pytest.mark.parametrize("flag", ["--out", "--raw", "--png"])
def test_a_full_disk_is_told_and_nothing_is_left(base: list[str], tmp_path: Path, flag: str) -> None:
    resource = pytest.importorskip("resource")
    name = {"--out": "clip.mp4", "--raw": "clip.i420", "--png": "clip"}[flag]
    done = subprocess.run(
        [sys.executable, "-m", "livetalk", *base, flag, str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert done.returncode == 1
    assert f"{name} cannot be written: File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["speech.wav"]
