from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from livetalk.assets import asset
from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.manifest import read_manifest
from livetalk.avatar.recipe import MuseTalkChoices, Recipe
from livetalk.avatar.shelf import Shelf
from livetalk.avatar.writing import HIDDEN
from livetalk.cancellation import Cancellation
from livetalk.creation.bench import bench_in
from livetalk.creation.making import NewAction, Places, make, make_action
from livetalk.creation.worker import Told
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.errors import AvatarError, Conflict, InvalidRequest, NotFound
from tests.clips import grey, mira, write_clip, write_photo

Act = Callable[..., Path]


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory, face_models: Path) -> Places:
    """An avatar `anna` of half a second."""
    folder = tmp_path_factory.mktemp("bodies")
    places = Places(folder / "avatars", face_models, "cpu")
    clip = write_clip(folder / "clip.mp4", mira(13))
    with bench_in(places.avatars) as bench:
        make(clip, "anna", Recipe(size=256), places, bench, lambda _told: None, Cancellation())
    return places


@pytest.fixture
def places(body: Places, tmp_path: Path) -> Places:
    shutil.copytree(body.avatars, tmp_path / "avatars")
    return Places(tmp_path / "avatars", body.models, "cpu")


def act(
    clip: Path, places: Places, name: str = "wave", *, sound: bool = False, avatar_id: str = "anna"
) -> Path:
    with bench_in(places.avatars) as bench:
        action = NewAction(name, sound)
        return make_action(
            clip, avatar_id, action, Recipe(), places, bench, lambda _told: None, Cancellation()
        )


def test_an_actions_pictures_come_behind_the_bodys(places: Places, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wave.mp4", [*mira(25)][13:])
    folder = act(clip, places)
    bundle = open_bundle(folder, tmp_path / "cache")
    action = bundle.manifest.actions["wave"]
    assert (bundle.manifest.frames, action.first, action.frames, action.lips) == (13, 13, 12, True)
    assert len(bundle.pictures) == 25
    assert (bundle.fold(13), bundle.fold(12)) == (11, 12), "the body walks its own pictures alone"
    painter = VisemeEngine().open_avatar(bundle).painter
    opened = painter.paint(np.array([0.8, 0, 0, 0, 0, 0, 0], np.float32), 20)
    assert np.abs(opened.astype(int) - bundle.pictures[20])[150:180, 100:160].max() > 40
    assert not list(places.avatars.glob(f"{HIDDEN}*"))


def test_a_name_that_an_avatar_is_given_while_an_action_is_made_is_kept(
    places: Places, tmp_path: Path
) -> None:
    shelf = Shelf(places.avatars, tmp_path / "cache")
    clip = write_clip(tmp_path / "wave.mp4", mira(12))

    def rename(told: Told) -> None:
        if told.step == "encode":
            shelf.rename("anna", "Anna B.")

    with bench_in(places.avatars) as bench:
        wave = NewAction("wave", sound=False)
        make_action(clip, "anna", wave, Recipe(), places, bench, rename, Cancellation())
    assert (shelf.card("anna").name, [*shelf.card("anna").actions]) == ("Anna B.", ["wave"])


def test_a_second_action_comes_behind_the_first(places: Places, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wave.mp4", mira(12))
    act(clip, places)
    bundle = open_bundle(act(clip, places, "nod"), tmp_path / "cache")
    assert [bundle.manifest.actions[name].first for name in ("wave", "nod")] == [13, 25]
    assert len(bundle.pictures) == 37


def test_a_gesture_that_hides_the_face_leaves_the_lips(places: Places, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "turn.mp4", [grey(90, 512, 512)] * 15)
    assert not read_manifest(act(clip, places, "turn")).actions["turn"].lips


def spoken(path: Path) -> Path:
    """A clip with a sound of its own, 0.6 s."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        sound = container.add_stream("aac", rate=16_000, layout="mono")
        assert isinstance(video, av.VideoStream)
        assert isinstance(sound, av.AudioStream)
        video.width = video.height = 512
        video.pix_fmt = "yuv420p"
        for number, colours in enumerate(mira(15)):
            frame = av.VideoFrame.from_ndarray(colours, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        tone = (8000 * np.sin(np.arange(9600) * 0.2)).astype(np.int16)
        samples = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
        samples.sample_rate, samples.pts = 16_000, 0
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
    return path


def test_an_action_keeps_its_own_sound_and_lips(places: Places, tmp_path: Path) -> None:
    folder = act(spoken(tmp_path / "line.mp4"), places, "line", sound=True)
    action = read_manifest(folder).actions["line"]
    assert (action.sound, action.lips) == ("action-line.flac", False)
    pcm, rate = soundfile.read(folder / action.sound, dtype="int16")
    assert rate == 16_000
    assert len(pcm) == pytest.approx(15 * 640, abs=1500)
    assert np.abs(pcm).max() > 5000


def test_a_clip_without_sound_has_none_to_keep(places: Places, tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="no sound track; add it without sound"):
        act(write_clip(tmp_path / "wave.mp4", mira(12)), places, sound=True)


def test_what_is_filmed_otherwise_is_refused_and_the_avatar_stays(places: Places, tmp_path: Path) -> None:
    before = (places.avatars / "anna" / "avatar.json").read_bytes()
    wide = write_clip(tmp_path / "wide.mp4", [grey(90, 640, 360)] * 15)
    with pytest.raises(AvatarError, match="film both in the same way"):
        act(wide, places)
    with pytest.raises(AvatarError, match="made of a clip"):
        act(write_photo(tmp_path / "a.png", mira(1)[0]), places)
    assert (places.avatars / "anna" / "avatar.json").read_bytes() == before
    assert [path.name for path in places.avatars.iterdir()] == ["anna"]


def test_names_that_are_none_or_taken_are_refused(places: Places, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "wave.mp4", mira(12))
    act(clip, places)
    with pytest.raises(Conflict, match="has an action 'wave' already"):
        act(clip, places)
    with pytest.raises(InvalidRequest, match="cannot be an action's name"):
        act(clip, places, "../wave")
    with pytest.raises(NotFound):
        act(clip, places, avatar_id="../anna")
    with pytest.raises(NotFound):
        act(clip, places, avatar_id="nobody")


def test_an_avatar_made_otherwise_takes_no_actions(tmp_path: Path, body: Places) -> None:
    shutil.copytree(asset("data") / "avatars" / "default", tmp_path / "avatars" / "default")
    mine = Places(tmp_path / "avatars", body.models, "cpu")
    with pytest.raises(AvatarError, match="take actions"):
        act(write_clip(tmp_path / "wave.mp4", mira(12)), mine, avatar_id="default")


def test_an_action_is_prepared_as_its_avatar_was(places: Places, tmp_path: Path) -> None:
    manifest = places.avatars / "anna" / "avatar.json"
    kept = read_manifest(manifest.parent)
    assert kept.recipe is not None
    chosen = kept.recipe.model_copy(update={"musetalk": MuseTalkChoices(extra_margin=23)})
    manifest.write_text(kept.model_copy(update={"recipe": chosen}).model_dump_json(exclude_none=True))
    added = read_manifest(act(write_clip(tmp_path / "wave.mp4", mira(12)), places))
    assert added.recipe is not None
    assert (added.recipe.musetalk.extra_margin, added.recipe.size) == (23, 256)
