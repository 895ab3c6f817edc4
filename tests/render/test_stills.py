from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.errors import RenderError
from livetalk.render.partial import check_file, check_folder
from livetalk.render.stills import Write, png_folder, raw_file
from livetalk.types import Picture


def picture(level: int) -> Picture:
    made = np.full((96, 64), 128, np.uint8)
    made[:64] = level
    return made


def test_pngs_are_numbered_from_zero_and_have_the_pictures_colours(tmp_path: Path) -> None:
    with png_folder(tmp_path / "pictures") as write:
        for level in (16, 126, 235):
            write(picture(level))
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert names == ["00000000.png", "00000001.png", "00000002.png"]
    seen = [np.asarray(cv2.imread(str(tmp_path / "pictures" / name))) for name in names]
    assert [each.shape for each in seen] == [(64, 64, 3)] * 3
    assert [int(each.mean()) for each in seen] == [0, 128, 255]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    check_folder(tmp_path / "pictures")
    with png_folder(tmp_path / "pictures") as write:
        write(picture(100))
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["00000000.png"]


def test_raw_pictures_are_their_bytes(tmp_path: Path) -> None:
    pictures = [picture(1), picture(2)]
    with raw_file(tmp_path / "pictures.i420") as write:
        for each in pictures:
            write(each)
    assert np.array_equal(np.fromfile(tmp_path / "pictures.i420", np.uint8), np.ravel(pictures))


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    with raw_file(tmp_path / ("x" * 255)) as write:
        write(picture(1))
    assert [path.name for path in tmp_path.iterdir()] == ["x" * 255]


def test_long_names_that_only_end_differently_are_written_at_once(tmp_path: Path) -> None:
    names = ["x" * 40 + ending for ending in (".i420", ".yuv")]
    with raw_file(tmp_path / names[0]) as one, raw_file(tmp_path / names[1]) as other:
        one(picture(1))
        other(picture(2))
    assert [(tmp_path / name).read_bytes()[0] for name in names] == [1, 2]


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(way: Callable[[Path], AbstractContextManager[Write]]) -> None:
        with way(tmp_path / "pictures") as write:
            write(picture(1))
            raise KeyboardInterrupt

    for way in (png_folder, raw_file):
        with pytest.raises(KeyboardInterrupt):
            interrupted(way)
    assert [*tmp_path.iterdir()] == []


def test_a_folder_that_went_away_is_named(tmp_path: Path) -> None:
    for way in (png_folder, raw_file):
        with pytest.raises(RenderError, match="x cannot be written"), way(tmp_path / "gone" / "x"):
            pass


def test_a_file_is_replaced_only_when_that_is_asked_for(tmp_path: Path) -> None:
    there = tmp_path / "there.mp4"
    check_file(there, (".mp4",), force=False)
    there.touch()
    check_file(there, (".mp4",), force=True)
    with pytest.raises(RenderError, match="--force"):
        check_file(there, (".mp4",), force=False)


def test_places_that_cannot_be_written_to_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, told in (("clip.webm", "must end in .mp4"), ("gone/clip.mp4", "there is no folder")):
        with pytest.raises(RenderError, match=told):
            check_file(tmp_path / name, (".mp4",), force=True)
    with pytest.raises(RenderError, match="is a folder"):
        check_file(tmp_path, (), force=True)
    for folder, told in ((tmp_path, "not empty"), (tmp_path / "file", "is a file")):
        with pytest.raises(RenderError, match=told):
            check_folder(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_device_or_a_pipe_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for shared in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(RenderError, match="is a device or a pipe"):
            check_file(shared, (), force=True)
