from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.footage import read_meshes
from livetalk.avatar.manifest import Action, Cue, EngineEntry, Manifest, read_manifest
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.shelf import Shelf
from livetalk.avatar.writing import HIDDEN, write_manifest
from livetalk.cancellation import Cancellation
from livetalk.creation import making
from livetalk.creation.bench import BEFORE, bench_in, clear_benches
from livetalk.creation.making import NewAction, Places, make, make_action, make_without
from livetalk.creation.removing import remove_action, without
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.paste import place
from livetalk.engines.musetalk.prepared import FILE, Prepared, read_prepared, write_prepared
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.errors import AvatarError, Conflict, NotFound
from tests.clips import mira, write_clip

SIZE = 256


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory, face_models: Path) -> Places:
    """An avatar `anna` with the actions wave, nod and line, one behind the other."""
    folder = tmp_path_factory.mktemp("acting")
    places = Places(folder / "avatars", face_models, "cpu")
    told, never = (lambda _told: None), Cancellation()
    frames = mira(25)
    with bench_in(places.avatars) as bench:
        make(write_clip(folder / "a.mp4", frames[:13]), "anna", Recipe(size=SIZE), places, bench, told, never)
    for name, part in (("wave", frames[:10]), ("nod", frames[5:17]), ("bow", frames[12:25])):
        clip = write_clip(folder / f"{name}.mp4", part)
        with bench_in(places.avatars) as bench:
            make_action(clip, "anna", NewAction(name, False), Recipe(), places, bench, told, never)
    return places


@pytest.fixture
def places(acting: Places, tmp_path: Path) -> Places:
    shutil.copytree(acting.avatars, tmp_path / "avatars")
    return Places(tmp_path / "avatars", acting.models, "cpu")


def remove(places: Places, name: str, avatar_id: str = "anna") -> Path:
    with bench_in(places.avatars) as bench:
        return make_without(avatar_id, name, places, bench)


def test_an_actions_pictures_go_and_all_that_belongs_to_them(places: Places, tmp_path: Path) -> None:
    before = open_bundle(places.avatars / "anna", tmp_path / "cache")
    face, lips = (read_meshes(before.folder / before.manifest.face, 48), _landmarks(before.folder))
    kept = np.r_[0:23, 35:48]
    pictures = before.pictures[kept]
    folder = remove(places, "nod")
    after = open_bundle(folder, tmp_path / "cache")
    assert {name: (each.first, each.frames) for name, each in after.manifest.actions.items()} == {
        "wave": (13, 10),
        "bow": (23, 13),
    }
    assert np.array_equal(after.pictures, pictures)
    assert np.array_equal(read_meshes(folder / after.manifest.face, 36), face[kept])
    assert np.array_equal(_landmarks(folder), lips[kept])
    painter = VisemeEngine().open_avatar(after).painter
    opened = painter.paint(np.array([0.8, 0, 0, 0, 0, 0, 0], np.float32), 30)
    assert np.abs(opened.astype(int) - after.pictures[30])[150:180, 100:160].max() > 40
    assert not list(folder.glob("action-nod*"))
    assert not list(places.avatars.glob(f"{HIDDEN}*"))


def test_all_actions_can_go_and_others_come(places: Places, tmp_path: Path) -> None:
    for name in ("bow", "wave", "nod"):
        folder = remove(places, name)
    manifest = read_manifest(folder)
    assert (manifest.actions, manifest.pictures) == ({}, 13)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("avatar.json", "body.mp4", "face.safetensors", "thumbnail.jpg", "viseme.safetensors")
    ]
    with bench_in(places.avatars) as bench:
        clip = write_clip(tmp_path / "wave.mp4", mira(12))
        action = NewAction("wave", False)
        make_action(clip, "anna", action, Recipe(), places, bench, lambda _told: None, Cancellation())
    assert len(open_bundle(folder, tmp_path / "cache").pictures) == 25


def test_what_musetalk_prepared_is_cut_alike(places: Places) -> None:
    folder = places.avatars / "anna"
    before = _prepare_for_musetalk(folder)
    after = read_prepared(remove(places, "nod") / FILE, 36, (SIZE, SIZE))
    kept = [*range(23), *range(35, 48)]
    assert torch.equal(after.latents, before.latents[kept])
    for number, each in zip(kept, after.places, strict=True):
        theirs = before.places[number]
        assert (each.box, each.inner) == (theirs.box, theirs.inner)
        assert np.array_equal(each.luma, theirs.luma)
    assert after.version == before.version


def test_what_a_plan_shows_is_refused(places: Places) -> None:
    path = places.avatars / "anna"
    planned = read_manifest(path).model_copy(update={"plan": {"idle": Cue(actions=("wave", "nod"))}})
    write_manifest(path, planned)
    before = _files(path)
    with pytest.raises(Conflict, match="the plan of anna shows 'nod' while idle; change the plan first"):
        remove(places, "nod")
    assert _files(path) == before
    remove(places, "bow")


@pytest.mark.parametrize("name", ["fly", "", "../wave", "x" * 10_000])
def test_what_is_not_there_is_not_found(places: Places, name: str) -> None:
    before = _files(places.avatars / "anna")
    with pytest.raises(NotFound, match=r"has no action .{2,70}; there are: bow, nod, wave"):
        remove(places, name)
    for nobody in ("nobody", "../anna", ""):
        with pytest.raises(NotFound, match="no avatar"):
            remove(places, "wave", nobody)
    assert _files(places.avatars / "anna") == before
    assert [path.name for path in places.avatars.iterdir()] == ["anna"]


@pytest.mark.parametrize("file", ["face.safetensors", "viseme.safetensors"])
@pytest.mark.parametrize("content", [b"", b"\xff" * 500])
def test_a_damaged_avatar_stays_as_it_is(places: Places, file: str, content: bytes) -> None:
    (places.avatars / "anna" / file).write_bytes(content)
    before = _files(places.avatars / "anna")
    with pytest.raises(AvatarError, match=file):
        remove(places, "nod")
    assert _files(places.avatars / "anna") == before


def test_what_was_prepared_of_other_pictures_is_refused(places: Places) -> None:
    _prepare_for_musetalk(places.avatars / "anna", 40)
    with pytest.raises(AvatarError, match="other pictures than the body's"):
        remove(places, "nod")


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Has something done between an avatar's copy, and its place's taking."""

    def arrange(doing: Callable[[], object]) -> None:
        def removing(folder: Path, name: str, models: Path, device: str) -> Manifest:
            doing()
            return remove_action(folder, name, models, device)

        monkeypatch.setattr(making, "remove_action", removing)

    return arrange


Meanwhile = Callable[[Callable[[], object]], None]


def test_a_name_and_a_plan_that_are_given_meanwhile_are_kept(places: Places, meanwhile: Meanwhile) -> None:
    shelf = Shelf(places.avatars, places.avatars.parent / "cache")

    def changed() -> None:
        shelf.rename("anna", "Anna B.")
        shelf.plan("anna", {"idle": {"actions": ["wave"]}})

    meanwhile(changed)
    manifest = read_manifest(remove(places, "nod"))
    assert (manifest.name, {state: cue.actions for state, cue in manifest.plan.items()}) == (
        "Anna B.",
        {"idle": ("wave",)},
    )
    assert sorted(manifest.actions) == ["bow", "wave"]
    assert not list(places.avatars.rglob(f"{HIDDEN}*"))


def test_an_action_that_a_plan_shows_meanwhile_stays(places: Places, meanwhile: Meanwhile) -> None:
    shelf = Shelf(places.avatars, places.avatars.parent / "cache")
    meanwhile(lambda: shelf.plan("anna", {"idle": {"actions": ["nod"]}}))
    with pytest.raises(Conflict, match="change the plan first"):
        remove(places, "nod")
    assert sorted(shelf.card("anna").actions) == ["bow", "nod", "wave"]


def test_who_is_deleted_meanwhile_does_not_come_back(places: Places, meanwhile: Meanwhile) -> None:
    meanwhile(lambda: Shelf(places.avatars, places.avatars.parent / "cache").delete("anna"))
    with pytest.raises(NotFound, match="anna was deleted meanwhile"):
        remove(places, "nod")
    assert not list(places.avatars.iterdir())


def test_of_two_who_change_an_avatar_at_once_the_second_is_told(places: Places, meanwhile: Meanwhile) -> None:
    other = Places(places.avatars, places.models, "cpu")

    def removed() -> None:
        with pytest.MonkeyPatch.context() as as_before:
            as_before.setattr(making, "remove_action", remove_action)
            remove(other, "bow")

    meanwhile(removed)
    with pytest.raises(Conflict, match="anna became another one meanwhile; try again"):
        remove(places, "nod")
    assert sorted(read_manifest(places.avatars / "anna").actions) == ["nod", "wave"]


def test_a_copy_that_does_not_fit_on_the_disk_is_told_in_words(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, _target: Path, **_how: object) -> None:
        raise shutil.Error([("a", "b", "[Errno 28] No space left on device")])

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OSError, match="anna could not be copied") as told:
        remove(places, "nod")
    assert told.value.strerror is not None


def test_who_was_killed_between_two_names_has_the_old_avatar_put_back(places: Places) -> None:
    bench = places.avatars / f"{HIDDEN}killed"
    (bench / BEFORE).mkdir(parents=True)
    before = _files(places.avatars / "anna")
    (places.avatars / "anna").rename(bench / BEFORE / "anna")
    clear_benches(places.avatars)
    assert _files(places.avatars / "anna") == before
    assert [path.name for path in places.avatars.iterdir()] == ["anna"]


def test_what_cannot_take_its_place_leaves_the_old_one(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _files(places.avatars / "anna")
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.parent.name == "bundle":
            raise OSError("the disk is gone")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(OSError, match="the disk is gone"):
        remove(places, "nod")
    assert _files(places.avatars / "anna") == before


def test_the_order_of_pictures_counts_and_not_that_of_names() -> None:
    actions = {
        "late": Action(first=30, frames=4, video="c.mp4"),
        "early": Action(first=10, frames=15, video="a.mp4"),
        "middle": Action(first=25, frames=5, video="b.mp4"),
    }
    fields = {"id": "a", "name": "A", "source": "", "licence": "", "video": "v.mp4", "thumbnail": "t.jpg"}
    manifest = Manifest(
        **fields,
        schema_version=1,
        fps=25,
        loop="cycle",
        width=64,
        height=64,
        frames=10,
        engines={},
        checksums={},
        actions=actions,
    )
    left = without(manifest, "early").actions
    assert {name: each.first for name, each in left.items()} == {"late": 15, "middle": 10}


def _landmarks(folder: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return load_file(folder / "viseme.safetensors")["landmarks"]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _prepare_for_musetalk(folder: Path, pictures: int = 48) -> Prepared:
    """As if its networks had been here: each picture's part is another one, and of another size."""
    latents = torch.arange(pictures).half()[:, None, None, None].expand(-1, 8, 32, 32)
    places = []
    for number in range(pictures):
        inner = Box(10, 20, 50 + number // 2 * 2, 60)
        luma = np.full((inner.height, inner.width), number, np.uint8)
        places.append(place(Box(8, 8, 120, 130 + number), inner, luma))
    prepared = Prepared("v10", latents, places)
    write_prepared(folder / FILE, prepared)
    manifest = read_manifest(folder)
    engines = {**manifest.engines, "musetalk": EngineEntry(kind="latents", file=FILE)}
    write_manifest(folder, manifest.model_copy(update={"engines": engines}))
    assert json.loads((folder / "avatar.json").read_text())["engines"]["musetalk"]
    return prepared
