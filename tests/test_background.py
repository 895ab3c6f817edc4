"""What is seen behind an avatar: colours, and pictures of a folder."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.background import KEPT, LARGEST_PX, MOST_BYTES, THUMBNAIL_PX, Backgrounds, colour
from livetalk.errors import InvalidRequest
from livetalk.types import planes


def _write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), pixels)


def test_a_colour_fills_a_picture() -> None:
    filled = colour("#00ff00").fill(64, 48)
    seen = cv2.cvtColor(filled, cv2.COLOR_YUV2BGR_I420)
    assert seen.shape == (48, 64, 3)
    assert np.abs(seen.astype(int) - (0, 255, 0)).max() <= 3
    assert not filled.flags.writeable


@pytest.mark.parametrize("name", ["00ff00", "#0f0", "#00ff0g", "green", "#00ff00\n", "../secret", "x" * 500])
def test_what_is_no_background_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no background") as refused:
        Backgrounds(tmp_path).get(name)
    assert len(str(refused.value)) < 250


def test_none_is_the_avatars_own() -> None:
    assert Backgrounds(None).get("") is None


def test_a_picture_is_cut_to_the_shape_and_not_stretched(tmp_path: Path) -> None:
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, :100], wide[:, 200:] = 255, 255
    _write(tmp_path / "stripes.png", wide)
    found = Backgrounds(tmp_path).get("stripes")
    assert found is not None
    luma, _ = planes(found.fill(200, 200))
    assert luma[:, 10:190].max() <= 20
    assert luma.shape == (200, 200)


def test_pictures_are_named_without_their_suffix_and_others_are_not_seen(tmp_path: Path) -> None:
    for name in ("beach.jpg", "Office_2.PNG", "a b.png", ".hidden.png"):
        _write(tmp_path / name, np.full((8, 8, 3), 90, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    assert Backgrounds(tmp_path).names() == ["Office_2", "beach"]
    assert Backgrounds(tmp_path / "nowhere").names() == []


def test_a_damaged_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "beach.jpg").write_bytes(b"no picture")
    with pytest.raises(InvalidRequest, match="beach cannot be read"):
        Backgrounds(tmp_path).get("beach")


def test_a_large_picture_is_kept_small(tmp_path: Path) -> None:
    _write(tmp_path / "wall.png", np.full((40, 3 * LARGEST_PX, 3), 90, np.uint8))
    found = Backgrounds(tmp_path).get("wall")
    assert found is not None
    thumbnail = cv2.imdecode(np.frombuffer(found.thumbnail(), np.uint8), cv2.IMREAD_COLOR)
    assert thumbnail is not None
    assert thumbnail.shape[1] == THUMBNAIL_PX
    assert found.fill(2, 2).shape == (3, 2)


@pytest.mark.parametrize("shape", [(1, LARGEST_PX, 3), (LARGEST_PX, 1, 3)])
def test_of_a_line_the_middle_alone_is_scaled(shape: tuple[int, int, int], tmp_path: Path) -> None:
    """As a whole it would take gigabytes, and seconds of the session that shows it."""
    line = np.full(shape, 255, np.uint8)
    line.reshape(-1, 3)[LARGEST_PX // 2 - 1 : LARGEST_PX // 2 + 1] = 0
    _write(tmp_path / "line.png", line)
    found = Backgrounds(tmp_path).get("line")
    assert found is not None
    tracemalloc.start()
    filled = found.fill(768, 768)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 32 << 20
    assert planes(filled)[0].max() <= 20


def test_a_picture_that_is_too_large_is_not_decoded(tmp_path: Path) -> None:
    flat = np.zeros((9000, 9000), np.uint8)
    _write(tmp_path / "flat.png", flat)
    _write(tmp_path / "endless.png", np.zeros((8, 8), np.uint8))
    with (tmp_path / "endless.png").open("ab") as file:
        file.truncate(MOST_BYTES + 1)
    for name in ("flat", "endless"):
        with pytest.raises(InvalidRequest, match="at most 64 million pixels"):
            Backgrounds(tmp_path).get(name)


def test_what_is_no_file_is_no_picture(tmp_path: Path) -> None:
    _write(tmp_path / "beach.png", np.full((8, 8, 3), 90, np.uint8))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone")
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.png")  # whoever opens it waits for ever
    assert Backgrounds(tmp_path).names() == ["beach"]
    with pytest.raises(InvalidRequest, match="no background 'pipe'"):
        Backgrounds(tmp_path).get("pipe")
    assert Backgrounds(tmp_path / "beach.png").names() == []


def test_a_picture_is_decoded_once_and_again_when_it_is_another(tmp_path: Path) -> None:
    backgrounds = Backgrounds(tmp_path)
    _write(tmp_path / "wall.png", np.full((8, 8, 3), 90, np.uint8))
    first = backgrounds.get("wall")
    assert first is not None
    assert backgrounds.get("wall") is first
    _write(tmp_path / "wall.png", np.full((9, 9, 3), 200, np.uint8))
    other = backgrounds.get("wall")
    assert other is not None
    assert planes(other.fill(8, 8))[0].mean() > planes(first.fill(8, 8))[0].mean() + 50
    for number in range(KEPT):
        _write(tmp_path / f"{number}.png", np.full((8, 8, 3), 90, np.uint8))
        backgrounds.get(str(number))
    assert backgrounds.get("wall") is not other, "only so many are kept"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_has_no_pictures(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    assert Backgrounds(tmp_path).names() == []
