from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from livetalk.assets import asset
from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.manifest import read_manifest
from livetalk.avatar.recipe import Recipe
from livetalk.cli import main
from livetalk.commands import avatar_create
from tests.clips import grey, mira, write_clip, write_photo


@pytest.fixture
def folders(tmp_path: Path, face_models: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    places = {"avatars": tmp_path / "avatars", "models": face_models, "cache": tmp_path / "cache"}
    return [f"--avatars-dir={places['avatars']}", f"--models-dir={places['models']}"]


def test_an_avatar_is_made_listed_renamed_and_deleted(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", mira(15))
    choices = ["--size", "256", "--name", "Anna", "--no-flow", "--credit", "drawn by us", "--licence", "CC0"]
    assert main(["avatar", "create", "--id", "anna", "--source", str(clip), *choices, *folders]) == 0
    told = capsys.readouterr()
    assert f"livetalk --avatar anna --avatars-dir {tmp_path / 'avatars'}" in told.out
    assert told.err == ""
    manifest = read_manifest(tmp_path / "avatars" / "anna")
    assert (manifest.name, manifest.source, manifest.licence) == ("Anna", "drawn by us", "CC0")
    assert (manifest.width, manifest.frames) == (256, 15)
    assert main(["avatar", "list", folders[0]]) == 0
    assert "256x256, 0.6 s, for viseme: Anna" in capsys.readouterr().out
    assert main(["avatar", "rename", "anna", "Anna B.", folders[0]]) == 0
    assert read_manifest(tmp_path / "avatars" / "anna").name == "Anna B."
    assert main(["avatar", "delete", "anna", folders[0]]) == 0
    assert not list((tmp_path / "avatars").iterdir())


def test_an_avatar_gets_an_action_and_a_plan(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(write_clip(tmp_path / "clip.mp4", mira(12)))
    assert main(["avatar", "create", "--id", "anna", "--source", clip, *folders]) == 0
    assert main(["avatar", "action", "--id", "anna", "--action", "wave", "--source", clip, *folders]) == 0
    assert "anna has the action wave now" in capsys.readouterr().out
    assert main(["avatar", "action", "--id", "anna", "--action", "wave", "--source", clip, *folders]) == 1
    assert "has an action 'wave' already; delete it first" in capsys.readouterr().err
    plan = tmp_path / "plan.yaml"
    plan.write_text("idle:\n  actions: [wave]\n  every_s: [8, 20]\n")
    assert main(["avatar", "plan", "anna", str(plan), folders[0]]) == 0
    assert read_manifest(tmp_path / "avatars" / "anna").plan["idle"].every_s == (8, 20)
    capsys.readouterr()
    assert main(["avatar", "list", folders[0]]) == 0
    assert "for viseme, 1 action: anna" in capsys.readouterr().out
    plan.write_text("idle:\n  actions: [fly]\n")
    assert main(["avatar", "plan", "anna", str(plan), folders[0]]) == 1
    assert "the plan names 'fly'; there are: wave" in capsys.readouterr().err


def test_an_action_is_removed_once_no_plan_shows_it(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(write_clip(tmp_path / "clip.mp4", mira(12)))
    assert main(["avatar", "create", "--id", "anna", "--source", clip, *folders]) == 0
    assert main(["avatar", "action", "--id", "anna", "--action", "wave", "--source", clip, *folders]) == 0
    cache = ["--cache-dir", str(tmp_path / "cache")]
    open_bundle(tmp_path / "avatars" / "anna", tmp_path / "cache")
    plan = tmp_path / "plan.yaml"
    plan.write_text("idle: {actions: [wave]}\n")
    assert main(["avatar", "plan", "anna", str(plan), folders[0]]) == 0
    capsys.readouterr()
    assert main(["avatar", "delete-action", "anna", "wave", *folders]) == 1
    assert "change the plan first" in capsys.readouterr().err
    plan.write_text("")
    assert main(["avatar", "plan", "anna", str(plan), folders[0]]) == 0
    assert main(["avatar", "delete-action", "anna", "wave", *folders, *cache]) == 0
    assert "anna has no action wave any more" in capsys.readouterr().out
    assert read_manifest(tmp_path / "avatars" / "anna").actions == {}
    assert not list((tmp_path / "cache").iterdir()), "decoded pictures of what it was before"
    open_bundle(tmp_path / "avatars" / "anna", tmp_path / "cache")
    add = ["avatar", "action", "--id", "anna", "--action", "nod", "--source", clip, *folders, *cache]
    assert main(add) == 0
    assert not list((tmp_path / "cache").iterdir())


def test_a_preview_is_drawn_with_the_choices_of_create_and_nothing_is_made(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    photo = str(write_photo(tmp_path / "face.png", mira(1)[0]))
    pictures = []
    for choices in ([], ["--parsing-mode", "raw"], ["--musetalk-version", "v10", "--bbox-shift=9"]):
        out = tmp_path / "preview.jpg"
        assert main(["avatar", "preview", "--source", photo, "--out", str(out), *choices, *folders]) == 0
        assert str(out) in capsys.readouterr().out
        pictures.append(out.read_bytes())
    assert all(each.startswith(b"\xff\xd8\xff") for each in pictures)
    assert len(set(pictures)) == 3
    assert not list((tmp_path / "avatars").iterdir())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--out", "preview.png"], "should end with .jpg"),
        (["--out", "nowhere/preview.jpg"], "cannot be written"),
        (["--out", "preview.jpg", "--bbox-shift", "far"], "--bbox-shift"),
        (["--out", "preview.jpg", "--face", "3"], "there is no face 3"),
    ],
)
def test_a_preview_that_cannot_be_drawn_is_told(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str], asked: list[str], said: str
) -> None:
    photo = str(write_photo(tmp_path / "face.png", mira(1)[0]))
    assert main(["avatar", "preview", "--source", photo, *asked, *folders]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("preview*"))


def test_what_is_doubtful_is_told_with_a_picture_to_look_at(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    two = grey(90, 1024, 512)
    two[:, :512] = two[:, 512:] = mira(1)[0]
    photo = write_photo(tmp_path / "two.png", two)
    assert main(["avatar", "create", "--id", "anna", "--source", str(photo), *folders]) == 0
    told = capsys.readouterr().err
    assert "2 faces are seen at once" in told
    assert "anna-doubts/doubt-1.jpg" in told
    assert (tmp_path / "anna-doubts" / "doubt-1.jpg").read_bytes().startswith(b"\xff\xd8\xff")


def test_what_was_doubtful_can_be_looked_at_where_nothing_was_made(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    two = grey(90, 1024, 512)
    two[:, :512] = two[:, 512:] = mira(1)[0]
    photo = str(write_photo(tmp_path / "two.png", two))
    assert main(["avatar", "create", "--id", "anna", "--source", photo, "--cut-out=key", *folders]) == 1
    assert "(see anna-doubts/doubt-1.jpg)" in capsys.readouterr().err
    assert (tmp_path / "anna-doubts" / "doubt-1.jpg").is_file()


def test_an_avatar_that_is_damaged_is_named_by_the_list_of_those_that_are_whole(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    default = asset("data") / "avatars" / "default"
    for name in ("default", "copied"):
        shutil.copytree(default, tmp_path / "avatars" / name)
    (tmp_path / "avatars" / "notes").mkdir()
    assert main(["avatar", "list", folders[0]]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("default ")
    assert told.out.count("\n") == 1
    assert told.err.count("\n") == 1
    assert "calls itself 'default'; rename the folder to that" in told.err


def test_an_avatar_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(asset("data") / "avatars" / "default", tmp_path / "avatars" / "default")
    for asked in (["rename", "anna", "Anna"], ["delete", "anna"], ["plan", "anna", "plan.yaml"]):
        (tmp_path / "plan.yaml").write_text("")
        assert main(["avatar", *asked, folders[0]]) == 1
        assert "no avatar 'anna'; there are: default\n" in capsys.readouterr().err
    assert main(["avatar", "delete-action", "anna", "wave", *folders]) == 1
    assert "no avatar 'anna'; there are: default\n" in capsys.readouterr().err


def test_what_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    photo = write_photo(tmp_path / "wall.png", grey(90))
    assert main(["avatar", "create", "--id", "anna", "--source", str(photo), *folders]) == 1
    assert capsys.readouterr().err.startswith("livetalk: no face was found")
    assert not list((tmp_path / "avatars").iterdir())


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (["--seconds", "1000"], "--seconds"),
        (["--start", "-1"], "--start"),
        (["--bbox-shift", "far"], "--bbox-shift"),
        (["--musetalk-version", "v2"], "--musetalk-version"),
        (["--engines", "viseme,nerf"], "nerf"),
        (["--colour", "blue"], "unknown argument --colour"),
    ],
)
def test_a_choice_that_is_none_is_told_by_its_flag(
    tmp_path: Path, folders: list[str], capsys: pytest.CaptureFixture[str], choice: list[str], said: str
) -> None:
    photo = write_photo(tmp_path / "face.png", mira(1)[0])
    assert main(["avatar", "create", "--id", "anna", "--source", str(photo), *choice, *folders]) == 1
    assert said in capsys.readouterr().err


def test_every_choice_of_a_recipe_has_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["avatar", "create", "--help"])
    told = capsys.readouterr().out
    assert "None" not in told, "a choice without a word about it"

    def names(part: type) -> list[str]:
        found: list[str] = []
        for name, field in part.model_fields.items():  # type: ignore[attr-defined]
            inner = field.annotation
            found += names(inner) if hasattr(inner, "model_fields") else [name]
        return found

    for name in names(Recipe):
        flag = avatar_create.FLAGS.get(name, "--" + name.replace("_", "-"))
        assert flag in told or flag.replace("--", "--no-", 1) in told, name
