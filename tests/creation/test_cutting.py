"""Who is seen, cut out of what is behind them while an avatar is made."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import HIDDEN
from livetalk.cancellation import Cancellation
from livetalk.creation.bench import bench_in
from livetalk.creation.making import NewAction, Places, make, make_action
from livetalk.creation.worker import Told
from livetalk.errors import AvatarError
from tests.clips import before, green_wall, mira, opacity, write_clip, write_photo, write_transparent

SIZE = 256


@pytest.fixture
def places(tmp_path: Path, face_models: Path) -> Iterator[Places]:
    made = Places(tmp_path / "avatars", face_models, "cpu")
    yield made
    assert not list(made.avatars.glob(f"{HIDDEN}*"))


def made(source: Path, places: Places, **choices: object) -> AvatarBundle:
    with bench_in(places.avatars) as bench:
        recipe = Recipe.model_validate({"size": SIZE, **choices})
        target = make(source, "anna", recipe, places, bench, lambda _told: None, Cancellation())
    return open_bundle(target, places.avatars.parent / "cache")


def wrong(bundle: AvatarBundle, frame: int) -> float:
    """Mean distance from how opaque she is in truth, of 255."""
    assert bundle.mattes is not None
    truth = cv2.resize(opacity(frame + 1)[frame], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return float(np.abs(bundle.mattes[frame][:SIZE].astype(int) - truth).mean())


@pytest.mark.parametrize("suffix", [".webm", ".mov"])
def test_a_clips_own_transparency_is_kept(suffix: str, tmp_path: Path, places: Places) -> None:
    clip = write_transparent(tmp_path / f"clip{suffix}", mira(13), opacity(13))
    bundle = made(clip, places)
    assert wrong(bundle, 0) < 2.5
    assert wrong(bundle, 12) < 2.5
    assert bundle.manifest.background == "#e8e6e2"


def test_a_photos_own_transparency_moves_with_it(tmp_path: Path, places: Places) -> None:
    photo = tmp_path / "face.png"
    layers = np.dstack([mira(1)[0][..., ::-1], opacity(1)[0]])
    assert cv2.imwrite(str(photo), layers)
    bundle = made(photo, places, background="#204080")
    assert wrong(bundle, 0) < 8
    assert bundle.mattes is not None
    moved = np.abs(np.diff(bundle.mattes[::20, :SIZE].astype(int), axis=0)).max(axis=(1, 2))
    assert (moved > 20).any()
    assert bundle.manifest.background == "#204080"


def test_a_green_wall_goes(tmp_path: Path, places: Places) -> None:
    bundle = made(write_clip(tmp_path / "clip.mp4", before(green_wall(), 13)), places, cut_out="key")
    assert wrong(bundle, 6) < 4


def test_auto_finds_the_person_where_there_is_nothing_else_to_go_by(tmp_path: Path, places: Places) -> None:
    bundle = made(write_clip(tmp_path / "clip.mp4", mira(13)), places, cut_out="auto")
    assert wrong(bundle, 6) < 8


@pytest.mark.parametrize("choices", [{}, {"cut_out": "no"}])
def test_an_opaque_clip_is_left_as_it_is(choices: dict[str, str], tmp_path: Path, places: Places) -> None:
    bundle = made(write_clip(tmp_path / "clip.mp4", mira(13)), places, **choices)
    assert bundle.mattes is None
    assert not (bundle.folder / "matte.mp4").exists()


def test_a_png_that_is_wholly_opaque_is_not_transparent(tmp_path: Path, places: Places) -> None:
    photo = tmp_path / "face.png"
    assert cv2.imwrite(str(photo), np.dstack([mira(1)[0][..., ::-1], np.full((512, 512), 255, np.uint8)]))
    assert made(photo, places).mattes is None


def test_a_palettes_transparency_is_kept(tmp_path: Path, places: Places) -> None:
    colours = mira(1)[0].astype(int)
    coarse = colours[..., 0] >> 5 << 5 | colours[..., 1] >> 5 << 2 | colours[..., 2] >> 6
    rows = np.where(opacity(1)[0] > 128, np.maximum(coarse, 1), 0).astype(np.uint8)
    shades = [((each >> 5) * 255 // 7, (each >> 2 & 7) * 255 // 7, (each & 3) * 85) for each in range(256)]
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 512, 512, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(np.array(shades, np.uint8))),
        (b"tRNS", b"\0"),
        (b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))),
        (b"IEND", b""),
    )
    parts = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    (tmp_path / "face.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    assert wrong(made(tmp_path / "face.png", places), 0) < 8


@pytest.mark.parametrize("opaque", [0, 2])
def test_photos_some_of_which_are_opaque_are_told(opaque: int, tmp_path: Path, places: Places) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, (colours, alpha) in enumerate(zip(mira(13), opacity(13), strict=True)):
        layers = np.dstack([colours[..., ::-1], alpha])
        assert cv2.imwrite(str(photos / f"{number}.png"), layers[..., :3] if number == opaque else layers)
    told: list[Told] = []
    with bench_in(places.avatars) as bench:
        target = make(photos, "anna", Recipe(size=SIZE), places, bench, told.append, Cancellation())
    bundle = open_bundle(target, tmp_path / "cache")
    assert bundle.mattes is not None
    assert bundle.mattes[opaque].min() == 255
    assert wrong(bundle, 5) < 2.5
    assert [each.text for each in told if each.doubt == "cut"] == [
        "in 1 of 13 pictures hardly anything was behind the person to be cut away"
    ]


def test_a_room_cannot_be_keyed(tmp_path: Path, places: Places) -> None:
    with pytest.raises(AvatarError, match="no wall of one strong colour"):
        made(write_photo(tmp_path / "face.png", mira(1)[0]), places, cut_out="key")


def test_a_background_without_somebody_cut_out_is_refused(tmp_path: Path, places: Places) -> None:
    with pytest.raises(AvatarError, match="choose cut out auto"):
        made(write_photo(tmp_path / "face.png", mira(1)[0]), places, background="#ff0000")


def test_the_thumbnail_shows_the_background(tmp_path: Path, places: Places) -> None:
    clip = write_transparent(tmp_path / "clip.mov", mira(13), opacity(13))
    bundle = made(clip, places, background="#ff0000")
    thumbnail = cv2.imread(str(bundle.folder / bundle.manifest.thumbnail))
    assert thumbnail is not None
    assert np.abs(thumbnail[:20, :20].reshape(-1, 3).mean(axis=0) - (0, 0, 255)).max() < 12


def test_a_picture_without_anybody_is_told_and_is_no_thumbnail(tmp_path: Path, places: Places) -> None:
    nobody = np.zeros((512, 512), np.uint8)
    clip = write_transparent(tmp_path / "clip.mov", mira(13), [nobody, *opacity(13)[1:]])
    told: list[Told] = []
    with bench_in(places.avatars) as bench:
        recipe = Recipe(size=SIZE, background="#ff0000")
        target = make(clip, "anna", recipe, places, bench, told.append, Cancellation())
    assert [each.text for each in told if each.doubt == "cut"] == [
        "in 1 of 13 pictures nobody was found to cut out; choose a part without them"
    ]
    thumbnail = cv2.imread(str(target / "thumbnail.jpg"))
    assert thumbnail is not None
    assert np.abs(thumbnail[SIZE // 2, SIZE // 2].astype(int) - (0, 0, 255)).max() > 60


# -- actions --------------------------------------------------------------------------------------


def act(clip: Path, places: Places, **choices: object) -> AvatarBundle:
    with bench_in(places.avatars) as bench:
        recipe = Recipe.model_validate(choices)
        wave = NewAction("wave", sound=False)
        target = make_action(clip, "anna", wave, recipe, places, bench, lambda _told: None, Cancellation())
    return open_bundle(target, places.avatars.parent / "cache")


def test_actions_are_cut_out_as_the_body_is(tmp_path: Path, places: Places) -> None:
    made(write_transparent(tmp_path / "clip.mov", mira(13), opacity(13)), places)
    bundle = act(write_clip(tmp_path / "wave.mp4", before(green_wall(), 13)), places)
    assert bundle.mattes is not None
    assert len(bundle.mattes) == len(bundle.pictures) == 26
    truth = cv2.resize(opacity(1)[0], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    assert np.abs(bundle.mattes[13][:SIZE].astype(int) - truth).mean() < 4


def test_an_action_of_another_size_is_as_opaque_as_it_says(tmp_path: Path, places: Places) -> None:
    made(write_transparent(tmp_path / "clip.mov", mira(13), opacity(13)), places)
    frames = [np.ascontiguousarray(each[:508]) for each in mira(13)]
    mattes = [np.ascontiguousarray(each[:508]) for each in opacity(13)]
    bundle = act(write_transparent(tmp_path / "wave.mov", frames, mattes), places)
    assert bundle.mattes is not None
    truth = cv2.resize(mattes[0], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    said = bundle.mattes[13][:SIZE]
    assert said[truth == 0].mean() < 1
    assert said[truth == 255].mean() > 254


def test_an_action_that_must_not_be_cut_out_does_not_fit(tmp_path: Path, places: Places) -> None:
    made(write_transparent(tmp_path / "clip.mov", mira(13), opacity(13)), places)
    with pytest.raises(AvatarError, match="and so are its actions"):
        act(write_clip(tmp_path / "wave.mp4", mira(13)), places, cut_out="no")


def test_an_action_of_an_avatar_that_is_not_cut_out_is_not_either(tmp_path: Path, places: Places) -> None:
    made(write_clip(tmp_path / "clip.mp4", mira(13)), places)
    for way in ("key", "person"):
        with pytest.raises(AvatarError, match="is not cut out, and nor are its actions"):
            act(write_clip(tmp_path / "nod.mp4", mira(13)), places, cut_out=way)
    assert act(write_transparent(tmp_path / "wave.mov", mira(13), opacity(13)), places).mattes is None
