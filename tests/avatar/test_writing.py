from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from livetalk.assets import asset
from livetalk.avatar.footage import write_meshes
from livetalk.avatar.shelf import Shelf
from livetalk.avatar.writing import MANIFEST, new_bundle, write_thumbnail
from livetalk.creation.bench import clear_benches
from livetalk.errors import OutOfRoom


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked there")
def test_a_bundle_that_is_being_filled_is_not_cleared_away(tmp_path: Path) -> None:
    with new_bundle(tmp_path, "anna") as folder:
        clear_benches(tmp_path)
        (folder / MANIFEST).write_text("{}")
    assert [path.name for path in tmp_path.iterdir()] == ["anna"]
    assert [path.name for path in (tmp_path / "anna").iterdir()] == [MANIFEST]


def test_nothing_stays_of_a_bundle_that_failed(tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_bundle(tmp_path, "anna"):
        raise KeyError
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_a_thumbnail_that_the_disk_does_not_hold_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        write_thumbnail(Path("/dev/full"), np.full((96, 64), 80, np.uint8))


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such limit there")
def test_meshes_that_the_disk_does_not_hold_are_told_as_any_file_is(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_meshes(tmp_path / "face.safetensors", np.zeros((4, 468, 3), np.float32))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_rename_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(asset("data") / "avatars" / "default", tmp_path / "default")
    before = sorted(folder.iterdir())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutOfRoom, match="default cannot be changed: No space left"):
        Shelf(folder.parent, folder.parent / "cache").rename(folder.name, "Anna")
    assert sorted(folder.iterdir()) == before
