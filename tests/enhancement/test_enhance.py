from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.assets import asset
from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.footage import FACE
from livetalk.avatar.manifest import read_manifest
from livetalk.avatar.matte import grey
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import write_manifest, write_video
from livetalk.creation.making import Places
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.enhancement.enhance import Stage, Wish, enhance
from livetalk.errors import AvatarError, Conflict, InvalidRequest, ModelError, NotFound
from livetalk.types import Float32Array
from tests.engines.musetalk.mira import mesh
from tests.enhancement.bodies import LOOP, TURN, WAVE, write_anna
from tests.enhancement.networks import place_of, write_brighter, write_broken, write_identity

WISH = Wish("anna", "anna-enhanced", 1.0, Recipe())
NOSE = tuple(mesh()[1, 1::-1].astype(int))


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_anna(tmp_path_factory.mktemp("bodies") / "anna")


@pytest.fixture
def places(anna: Path, tmp_path: Path) -> Places:
    """Her alone, and a network that brightens."""
    shutil.copytree(anna, tmp_path / "avatars" / "anna")
    write_brighter(place_of(tmp_path / "models"), 20)
    return Places(tmp_path / "avatars", tmp_path / "models", "cpu")


def make(places: Places, wish: Wish = WISH) -> Path:
    return enhance(wish, places, places.avatars.parent / "cache", lambda _stage, _share: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def differences(places: Places, made: Path) -> Float32Array:
    """New less old luma, of all pictures."""
    cache = places.avatars.parent / "cache"
    new, old = (open_bundle(each, cache).pictures for each in (made, places.avatars / "anna"))
    return new[:, :512].astype(np.float32) - old[:, :512]


def test_an_avatar_whose_faces_are_restored_is_made_and_the_other_one_stays(places: Places) -> None:
    before = contents(places.avatars / "anna")
    made = make(places)
    assert made == places.avatars / "anna-enhanced"
    differ = differences(places, made)
    assert (differ[: LOOP + WAVE, *NOSE] > 10).all()
    assert np.abs(differ[:, :60]).mean() < 0.6, "beyond the face is nothing but another encoding"
    assert contents(places.avatars / "anna") == before
    assert sorted(path.name for path in places.avatars.iterdir()) == ["anna", "anna-enhanced"]


def test_an_action_without_a_face_stays_as_it_is(places: Places) -> None:
    differ = differences(places, make(places))
    assert len(differ) == LOOP + WAVE + TURN
    assert not differ[LOOP + WAVE :].any()


def test_what_is_told_of_it_says_what_was_done(places: Places) -> None:
    old, new = read_manifest(places.avatars / "anna"), read_manifest(make(places))
    assert (new.id, new.name) == ("anna-enhanced", "Anna, enhanced")
    assert new.source == "drawn by us; faces restored by GFPGANv1.4.onnx, strength 1"
    assert new.checksums.keys() == old.checksums.keys()
    changed = {"id", "name", "source", "checksums"}
    assert new.model_dump(exclude=changed) == old.model_dump(exclude=changed)
    assert new.checksums[FACE] == old.checksums[FACE]
    assert new.checksums[new.thumbnail] != old.checksums[old.thumbnail]


def test_somebody_who_was_cut_out_stays_so(places: Places, tmp_path: Path) -> None:
    folder = places.avatars / "anna"
    manifest = read_manifest(folder)
    alpha = np.zeros((512, 512), np.uint8)
    alpha[100:, 100:400] = 255
    for name, count in manifest.videos:
        write_video(folder / f"matte-{name}", [grey(alpha)] * count, (512, 512))
    acted = {
        name: action.model_copy(update={"matte": f"matte-{action.video}"})
        for name, action in manifest.actions.items()
    }
    cut = {"matte": f"matte-{manifest.video}", "background": "#00ff00", "actions": acted}
    before = write_manifest(folder, manifest.model_copy(update=cut))
    made = make(places)
    bundle = open_bundle(made, tmp_path / "cache")
    assert bundle.manifest.mattes == before.mattes
    assert bundle.mattes is not None
    thumbnail = np.asarray(cv2.imread(str(made / bundle.manifest.thumbnail)))
    assert thumbnail[20, 20].tolist() == pytest.approx([0, 255, 0], abs=12)
    assert (differences(places, made)[: LOOP + WAVE, *NOSE] > 10).all()


def test_a_name_may_be_chosen_and_a_long_one_is_cut(places: Places) -> None:
    chosen = dataclasses.replace(WISH, target="b", recipe=Recipe(name="Anna B."))
    assert read_manifest(make(places, chosen)).name == "Anna B."
    folder = places.avatars / "anna"
    write_manifest(folder, read_manifest(folder).model_copy(update={"name": "n" * 80}))
    assert read_manifest(make(places)).name == "n" * 70 + ", enhanced"


def test_engines_are_prepared_anew(places: Places, tmp_path: Path) -> None:
    """Whatever was there: here, something that no engine opens."""
    folder = places.avatars / "anna"
    (folder / "viseme.safetensors").write_bytes(b"of other pictures")
    write_manifest(folder, read_manifest(folder))
    bundle = open_bundle(make(places), tmp_path / "cache")
    painter = VisemeEngine().open_avatar(bundle).painter
    opened = painter.paint(np.array([0.8, 0, 0, 0, 0, 0, 0], np.float32), LOOP + 1)
    assert np.abs(opened.astype(int) - bundle.pictures[LOOP + 1])[:512].max() > 40


def test_each_stage_is_told_to_its_end(places: Places, tmp_path: Path) -> None:
    told: list[tuple[Stage, float]] = []
    enhance(WISH, places, tmp_path / "cache", lambda stage, share: told.append((stage, share)))
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["restore", "encode", "prepare"]
    for stage in ("restore", "encode", "prepare"):
        shares = [share for each, share in told if each == stage]
        assert shares == sorted(shares)
        assert shares[-1] == 1


def test_engines_that_are_not_named_are_left_out(places: Places) -> None:
    folder = places.avatars / "anna"
    manifest = read_manifest(folder)
    shutil.copy(folder / "viseme.safetensors", folder / "musetalk.safetensors")
    entry = manifest.engines["viseme"].model_copy(update={"file": "musetalk.safetensors", "kind": "latents"})
    write_manifest(folder, manifest.model_copy(update={"engines": {**manifest.engines, "musetalk": entry}}))
    with pytest.raises(ModelError, match=r"cannot be prepared for musetalk again: .*--engines viseme"):
        make(places)
    made = make(places, dataclasses.replace(WISH, recipe=Recipe(engines=("viseme",))))
    assert list(read_manifest(made).engines) == ["viseme"]
    assert not (made / "musetalk.safetensors").exists()


def test_without_a_network_nothing_is_begun(places: Places) -> None:
    place_of(places.models).unlink()
    with pytest.raises(ModelError, match=r"GFPGANv1\.4\.onnx"):
        make(places)
    assert [path.name for path in places.avatars.iterdir()] == ["anna"]
    assert not (places.avatars.parent / "cache").exists(), "no picture was decoded for nothing"


def test_a_network_that_fails_leaves_nothing(places: Places) -> None:
    write_broken(place_of(places.models))
    with pytest.raises(ModelError, match="no picture"):
        make(places)
    assert [path.name for path in places.avatars.iterdir()] == ["anna"]


@pytest.mark.parametrize("stopped", ["restore", "encode", "prepare"])
def test_what_is_stopped_leaves_nothing(places: Places, tmp_path: Path, stopped: Stage) -> None:
    def stop(stage: Stage, share: float) -> None:
        if stage == stopped:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enhance(WISH, places, tmp_path / "cache", stop)
    assert [path.name for path in places.avatars.iterdir()] == ["anna"]


def test_ids_that_are_none_unknown_or_taken_are_refused(places: Places) -> None:
    for unknown in ("nobody", "../anna", ""):
        with pytest.raises(NotFound, match="no avatar"):
            make(places, dataclasses.replace(WISH, avatar=unknown))
    with pytest.raises(InvalidRequest, match="cannot be an avatar's id"):
        make(places, dataclasses.replace(WISH, target="../b"))
    place_of(places.models).write_bytes(b"never looked at")
    with pytest.raises(Conflict, match="there is an avatar 'anna' already"):
        make(places, dataclasses.replace(WISH, target="anna"))


def test_an_avatar_that_was_made_otherwise_is_refused(places: Places) -> None:
    shutil.copytree(asset("data") / "avatars" / "default", places.avatars / "default")
    (places.avatars / "theirs").mkdir()
    for other in ("default", "theirs"):
        with pytest.raises(AvatarError, match="was not made by livetalk avatar create"):
            make(places, dataclasses.replace(WISH, avatar=other))


def test_a_damaged_avatar_is_refused(places: Places) -> None:
    (places.avatars / "anna" / "body.mp4").write_bytes(b"cut")
    with pytest.raises(AvatarError, match="is not the file it was made with"):
        make(places)


def test_a_network_that_changes_nothing_gives_the_same_pictures(places: Places) -> None:
    write_identity(place_of(places.models))
    differ = differences(places, make(places))
    assert 10 * np.log10(255**2 / (differ**2).mean()) > 45
