from __future__ import annotations

from pathlib import Path

import pytest

from livetalk.avatar.manifest import read_manifest
from livetalk.cli import main
from livetalk.creation.telling import Teller
from tests.clips import mira, write_clip
from tests.enhancement.bodies import write_anna
from tests.enhancement.networks import place_of, write_brighter


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    write_anna(tmp_path / "avatars" / "anna")
    write_brighter(place_of(tmp_path / "models"))
    return [f"--{name}-dir={tmp_path / name}" for name in ("avatars", "models", "cache")]


def enhance(*line: str) -> int:
    return main(["avatar", "enhance", *line])


def avatars(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "avatars").iterdir())


def test_an_avatar_is_enhanced_and_how_it_is_shown_is_told(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert enhance("--id", "anna", *folders) == 0
    told = capsys.readouterr()
    shown = f"livetalk --avatar anna-enhanced --avatars-dir {tmp_path / 'avatars'}"
    assert told.out == f"{tmp_path / 'avatars' / 'anna-enhanced'} is ready: {shown}\n"
    assert told.err == ""
    assert "strength 0.8" in read_manifest(tmp_path / "avatars" / "anna-enhanced").source
    assert enhance("--id", "anna", *folders) == 1
    assert "there is an avatar 'anna-enhanced' already" in capsys.readouterr().err


def test_the_new_ones_id_name_and_strength_may_be_chosen(tmp_path: Path, folders: list[str]) -> None:
    assert enhance("--id", "anna", "--to", "b", "--name", "B", "--strength", "0.5", *folders) == 0
    made = read_manifest(tmp_path / "avatars" / "b")
    assert made.name == "B"
    assert "strength 0.5" in made.source
    assert avatars(tmp_path) == ["anna", "b"]


def test_an_avatar_that_was_just_made_is_enhanced(tmp_path: Path, face_models: Path) -> None:
    write_brighter(place_of(tmp_path / "models"))
    there = f"--avatars-dir={tmp_path / 'avatars'}"
    clip = str(write_clip(tmp_path / "clip.mp4", mira(12)))
    made = [
        "avatar",
        "create",
        "--id",
        "eve",
        "--source",
        clip,
        "--size",
        "256",
        f"--models-dir={face_models}",
    ]
    assert main([*made, there]) == 0
    given = (there, f"--models-dir={tmp_path / 'models'}", f"--cache-dir={tmp_path / 'cache'}")
    assert enhance("--id", "eve", *given) == 0
    assert avatars(tmp_path) == ["eve", "eve-enhanced"]


def test_without_the_network_what_to_do_is_told_in_one_line(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    place_of(tmp_path / "models").unlink()
    assert enhance("--id", "anna", *folders) == 1
    told = capsys.readouterr().err
    assert told.startswith("livetalk: restoring faces needs GFPGAN as ONNX")
    assert told.count("\n") == 1
    assert avatars(tmp_path) == ["anna"]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (["--strength", "1.5"], "--strength: it is 0 to 1, not 1.5"),
        (["--strength", "nan"], "--strength"),
        (["--strength", "much"], "--strength"),
        (["--engines", "nerf"], "nerf"),
        (["--bbox-shift", "far"], "--bbox-shift"),
        (["--to", "../b"], "cannot be an avatar's id"),
        (["--size", "300"], "unknown argument --size"),
    ],
)
def test_a_choice_that_is_none_is_told(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str], choice: list[str], said: str
) -> None:
    assert enhance("--id", "anna", *choice, *folders) == 1
    assert said in capsys.readouterr().err
    assert avatars(tmp_path) == ["anna"]


def test_stopping_it_keeps_nothing(
    tmp_path: Path,
    folders: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def press(teller: Teller, words: str, share: float) -> None:
        if share == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Teller, "show", press)
    assert enhance("--id", "anna", *folders) == 130
    assert capsys.readouterr().err == "livetalk: stopped; nothing was kept\n"
    assert avatars(tmp_path) == ["anna"]
