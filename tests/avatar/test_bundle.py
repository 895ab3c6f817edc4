from __future__ import annotations

import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.avatar.manifest import AVATAR_ID, read_manifest
from livetalk.errors import AvatarError, UnfitAvatar
from tests.avatar.test_frames import pictures, write_video
from tests.fakes import bundle as fake_bundle

SIZE = 64


class Maker:
    """Makes a bundle on disk, and breaks it in one place."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "avatars" / "ada"
        self.cache = root / "cache"
        self.folder.mkdir(parents=True)
        write_video(self.folder / "body.mkv", pictures(5, SIZE, SIZE))
        (self.folder / "thumbnail.png").write_bytes(b"a small picture")
        (self.folder / "mouths.bin").write_bytes(b"some mouths")
        self.manifest: dict[str, Any] = {
            "schema_version": 1,
            "id": "ada",
            "name": "Ada",
            "width": SIZE,
            "height": SIZE,
            "fps": 25,
            "frames": 5,
            "loop": "pingpong",
            "video": "body.mkv",
            "thumbnail": "thumbnail.png",
            "source": "made in a test",
            "licence": "none",
            "engines": {"viseme": {"kind": "atlas", "file": "mouths.bin"}},
            "checksums": {
                file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in self.folder.iterdir()
            },
        }

    def list(self, name: str, file: Path) -> None:
        """Give a file its true checksum."""
        self.manifest["checksums"][name] = hashlib.sha256(file.read_bytes()).hexdigest()

    def open(self, **changed: Any) -> AvatarBundle:
        text = json.dumps({**self.manifest, **changed})
        (self.folder / "avatar.json").write_text(text, encoding="utf-8")
        return open_bundle(self.folder, self.cache)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


# -- a good one -----------------------------------------------------------------------------------


def test_a_bundle_opens_with_its_pictures_and_what_engines_prepared(maker: Maker) -> None:
    bundle = maker.open()
    assert (bundle.id, bundle.width, bundle.height) == ("ada", SIZE, SIZE)
    assert np.array_equal(bundle.pictures, np.stack(pictures(5, SIZE, SIZE)))
    assert bundle.engine_file("viseme") == ("atlas", maker.folder / "mouths.bin")
    assert not bundle.picture(0).flags.writeable


def test_an_engine_it_was_not_prepared_for_is_told_which_there_are(maker: Maker) -> None:
    with pytest.raises(UnfitAvatar, match="not prepared for engine 'musetalk', but for: viseme"):
        maker.open().engine_file("musetalk")
    with pytest.raises(AvatarError, match="but for: none"):
        maker.open(engines={}).engine_file("viseme")


def test_opening_again_reads_the_cache(maker: Maker) -> None:
    first = maker.open()
    (cached,) = maker.cache.iterdir()
    made = cached.stat().st_mtime_ns
    assert np.array_equal(maker.open().pictures, first.pictures)
    assert [each.stat().st_mtime_ns for each in maker.cache.iterdir()] == [made]


def test_another_video_under_the_same_name_is_not_taken_from_the_cache(maker: Maker) -> None:
    maker.open()
    others = pictures(7, SIZE, SIZE)[:5]
    write_video(maker.folder / "body.mkv", others)
    maker.list("body.mkv", maker.folder / "body.mkv")
    assert np.array_equal(maker.open().pictures, np.stack(others))


# -- the endless walk -----------------------------------------------------------------------------


def test_a_cycle_begins_again_and_a_pingpong_turns_round() -> None:
    assert [fake_bundle(4, "cycle").fold(pose) for pose in range(9)] == [0, 1, 2, 3, 0, 1, 2, 3, 0]
    assert [fake_bundle(4, "pingpong").fold(pose) for pose in range(9)] == [0, 1, 2, 3, 2, 1, 0, 1, 2]


@given(frames=st.integers(1, 200), pose=st.integers(0, 10**9))
def test_a_pingpong_goes_one_frame_a_pose_and_a_cycle_all_round(frames: int, pose: int) -> None:
    there, back = fake_bundle(frames, "pingpong"), fake_bundle(frames, "cycle")
    assert abs(there.fold(pose + 1) - there.fold(pose)) == (1 if frames > 1 else 0)
    assert back.fold(pose + 1) == (back.fold(pose) + 1) % frames
    assert 0 <= there.fold(pose) < frames
    assert np.all(back.picture(pose) == back.fold(pose))


@pytest.mark.parametrize("frames", [1, 2, 3, 25])
def test_a_pingpong_shows_every_frame_and_lingers_on_none(frames: int) -> None:
    loop = [fake_bundle(frames, "pingpong").fold(pose) for pose in range(max(1, 2 * frames - 2))]
    assert set(loop) == set(range(frames))
    assert frames == 1 or all(one != other for one, other in itertools.pairwise(loop))


# -- files that are not what they should be -------------------------------------------------------


@pytest.mark.parametrize("name", ["body.mkv", "thumbnail.png", "mouths.bin"])
def test_a_file_that_was_changed_is_refused(maker: Maker, name: str) -> None:
    content = bytearray((maker.folder / name).read_bytes())
    content[-1] ^= 1
    (maker.folder / name).write_bytes(content)
    with pytest.raises(AvatarError, match=f"{name} is not the file it was made with"):
        maker.open()


@pytest.mark.parametrize("name", ["body.mkv", "thumbnail.png", "mouths.bin"])
def test_a_file_that_is_missing_is_named(maker: Maker, name: str) -> None:
    (maker.folder / name).unlink()
    with pytest.raises(AvatarError, match=f"{name} is missing"):
        maker.open()


@pytest.mark.parametrize("name", ["body.mkv", "thumbnail.png", "mouths.bin"])
def test_a_file_without_a_checksum_is_refused(maker: Maker, name: str) -> None:
    del maker.manifest["checksums"][name]
    with pytest.raises(AvatarError, match=f"no checksum for {name}"):
        maker.open()


def outside(maker: Maker) -> Path:
    """A good file that is not the bundle's."""
    secret = maker.folder.parent / "secret.mkv"
    write_video(secret, pictures(5, SIZE, SIZE))
    return secret


@pytest.mark.parametrize("absolute", [False, True])
def test_a_checksum_of_a_file_outside_is_refused(maker: Maker, absolute: bool) -> None:
    secret = outside(maker)
    maker.list(str(secret) if absolute else "../secret.mkv", secret)
    with pytest.raises(AvatarError, match="missing"):
        maker.open()


@pytest.mark.parametrize("field", ["video", "thumbnail"])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("absolute", [False, True])
def test_a_file_outside_is_refused_even_with_its_true_checksum(
    maker: Maker, field: str, listed: bool, absolute: bool
) -> None:
    secret = outside(maker)
    name = str(secret) if absolute else "../secret.mkv"
    if listed:
        maker.list(name, secret)
    with pytest.raises(AvatarError):
        maker.open(**{field: name})


def test_an_engines_file_outside_is_refused(maker: Maker) -> None:
    maker.list("../secret.mkv", outside(maker))
    with pytest.raises(AvatarError):
        maker.open(engines={"viseme": {"kind": "atlas", "file": "../secret.mkv"}})


@pytest.mark.parametrize("name", ["", ".", "..", "sub/../body.mkv", "./body.mkv", "a\0b"])
def test_odd_names_in_the_checksums_are_refused(maker: Maker, name: str) -> None:
    (maker.folder / "sub").mkdir()
    maker.list(name, maker.folder / "body.mkv")
    with pytest.raises(AvatarError, match="missing"):
        maker.open()


def test_a_folder_is_no_file_of_a_bundle(maker: Maker) -> None:
    (maker.folder / "sub").mkdir()
    with pytest.raises(AvatarError, match="missing"):
        maker.open(checksums={**maker.manifest["checksums"], "sub": "0" * 64})


@pytest.mark.parametrize("changed", [{"frames": 4}, {"frames": 6}, {"width": 66}, {"height": 66}])
def test_a_video_of_another_length_or_size_is_refused_and_leaves_no_cache(
    maker: Maker, changed: dict[str, int]
) -> None:
    with pytest.raises(AvatarError, match="expected"):
        maker.open(**changed)
    assert list(maker.cache.iterdir()) == []


# -- the manifest ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"schema_version": 2},
        {"fps": 30},
        {"frames": 0},
        {"frames": 10_000_000},
        {"width": 65},
        {"height": 62},
        {"width": 4096},
        {"loop": "once"},
        {"id": "../ada"},
        {"id": "ada\n"},
        {"id": "-ada"},
        {"id": ""},
        {"video": None},
        {"video": ["body.mkv"]},
        {"engines": []},
        {"engines": {"viseme": {"kind": "atlas"}}},
        {"engines": {"viseme": {"kind": "atlas", "file": "mouths.bin", "run": "me"}}},
        {"checksums": None},
        {"surprise": 1},
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused(maker: Maker, changed: dict[str, Any]) -> None:
    with pytest.raises(AvatarError, match=r"avatar\.json is not an avatar manifest"):
        maker.open(**changed)


@pytest.mark.parametrize("field", ["schema_version", "id", "frames", "video", "licence", "checksums"])
def test_a_manifest_without_a_field_is_refused_by_its_name(maker: Maker, field: str) -> None:
    del maker.manifest[field]
    with pytest.raises(AvatarError, match=field):
        maker.open()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe{}", b'{"id": NaN}'])
def test_what_is_no_manifest_is_refused(maker: Maker, content: bytes) -> None:
    (maker.folder / "avatar.json").write_bytes(content)
    with pytest.raises(AvatarError, match="not an avatar manifest"):
        read_manifest(maker.folder)


def test_no_manifest_is_no_avatar(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="no avatar 'bob'"):
        open_bundle(tmp_path / "bob", tmp_path)


def test_a_bundle_in_a_folder_of_another_name_is_refused(maker: Maker) -> None:
    with pytest.raises(AvatarError, match="calls itself 'bob'"):
        maker.open(id="bob")


# -- the list -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["..", "a/b", "a\\b", "", "a\n", "ä", "a" * 65, "a.b"])
def test_an_id_is_never_a_path(name: str) -> None:
    assert not AVATAR_ID.fullmatch(name)
