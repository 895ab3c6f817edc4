"""Folders of other programs as bundles: drawn pictures, and nothing else of theirs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.avatar.foreign import is_foreign, open_foreign, read_picture
from livetalk.errors import AvatarError

WIDTH, HEIGHT = 70, 66


def write_folder(folder: Path, count: int = 4, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
    """Noise, so that a picture out of place shows."""
    (folder / "full_imgs").mkdir(parents=True)
    (folder / "coords.pkl").write_bytes(b"")
    numbers = np.random.default_rng(3)
    for place in range(count):
        picture = numbers.integers(0, 255, (*size, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / "full_imgs" / f"{place:08}.png"), picture)
    return folder


def add_the_way_back(folder: Path, count: int) -> None:
    for place in range(count):
        content = (folder / "full_imgs" / f"{place:08}.png").read_bytes()
        (folder / "full_imgs" / f"{2 * count - 1 - place:08}.png").write_bytes(content)


def test_its_pictures_are_the_body_walked_back_and_forth_each_end_twice(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "theirs")
    bundle = open_foreign(folder, tmp_path / "cache")
    assert (bundle.id, bundle.width, bundle.height, len(bundle.pictures)) == ("theirs", WIDTH, HEIGHT, 4)
    for place in range(4):
        expected = cv2.cvtColor(
            read_picture(folder / "full_imgs" / f"{place:08}.png"), cv2.COLOR_BGR2YUV_I420
        )
        assert np.array_equal(bundle.pictures[place], expected)
    assert [bundle.fold(pose) for pose in range(9)] == [0, 1, 2, 3, 3, 2, 1, 0, 0]


def test_a_way_back_that_is_stored_too_is_taken_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "theirs")
    add_the_way_back(folder, 4)
    bundle = open_foreign(folder, tmp_path / "cache")
    assert [bundle.fold(pose) for pose in range(9)] == [0, 1, 2, 3, 3, 2, 1, 0, 0]


def test_pictures_of_odd_size_lose_a_row_and_a_column(tmp_path: Path) -> None:
    bundle = open_foreign(write_folder(tmp_path / "odd", size=(67, 71)), tmp_path / "cache")
    assert (bundle.width, bundle.height) == (70, 66)


def test_a_picture_that_changed_is_decoded_anew(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "theirs")
    before = open_foreign(folder, tmp_path / "cache").pictures.copy()
    cv2.imwrite(str(folder / "full_imgs" / "00000002.png"), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    after = open_foreign(folder, tmp_path / "cache").pictures
    assert [bool((before[place] != after[place]).any()) for place in range(4)] == [False, False, True, False]


def test_nothing_of_the_folder_is_touched(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "theirs")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    open_foreign(folder, tmp_path / "cache")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_corrupt_picture_is_refused_by_name_and_leaves_no_cache(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "theirs")
    (folder / "full_imgs" / "00000001.png").write_bytes(b"no picture")
    with pytest.raises(AvatarError, match=r"00000001\.png is not a PNG"):
        open_foreign(folder, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_picture_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "theirs")
    cv2.imwrite(str(folder / "full_imgs" / "00000003.png"), np.zeros((HEIGHT, WIDTH + 2, 3), np.uint8))
    with pytest.raises(AvatarError, match=r"00000003\.png is 72x66, unlike the first"):
        open_foreign(folder, tmp_path / "cache")


def test_a_body_of_a_size_that_no_avatar_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="width"):
        open_foreign(write_folder(tmp_path / "wide", size=(66, 2050)), tmp_path / "cache")


def test_only_such_folders_look_like_one(tmp_path: Path) -> None:
    assert is_foreign(write_folder(tmp_path / "theirs"))
    assert not is_foreign(tmp_path)
