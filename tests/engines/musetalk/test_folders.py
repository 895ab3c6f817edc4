from __future__ import annotations

import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from livetalk.avatar.bundle import mirrored
from livetalk.avatar.foreign import read_picture
from livetalk.engines.musetalk.folders import read_folder
from livetalk.errors import AvatarError

GOLDEN = Path(__file__).parent / "goldens" / "avatar_livetalking_syn"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "avatar"))


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch pwned",)


def test_a_folder_of_livetalkings_is_read(folder: Path) -> None:
    found = read_folder(folder)
    assert len(found.pictures) == len(found.masks) == len(found.boxes) == len(found.latents) == 4
    assert found.latents.shape == (4, 8, 32, 32)
    assert found.version is None


def test_a_folder_of_musetalks_holds_the_way_back_already(folder: Path) -> None:
    for name in ("coords.pkl", "mask_coords.pkl"):
        boxes = pickle.loads((folder / name).read_bytes())
        (folder / name).write_bytes(pickle.dumps([*boxes, *reversed(boxes)]))
    latents = torch.load(folder / "latents.pt", weights_only=True)
    torch.save([*latents, *reversed(latents)], folder / "latents.pt")
    for kind in ("full_imgs", "mask"):
        for place in range(4):
            shutil.copy(folder / kind / f"{3 - place:08}.png", folder / kind / f"{4 + place:08}.png")
    found = read_folder(folder)
    assert len(found.pictures) == len(found.masks) == len(found.boxes) == len(found.latents) == 4


def test_pictures_that_come_back_with_boxes_that_do_not_are_refused(folder: Path) -> None:
    boxes = pickle.loads((folder / "coords.pkl").read_bytes())
    for name in ("coords.pkl", "mask_coords.pkl"):
        (folder / name).write_bytes(pickle.dumps([*boxes, *boxes]))
    latents = torch.load(folder / "latents.pt", weights_only=True)
    torch.save([*latents, *latents], folder / "latents.pt")
    for kind in ("full_imgs", "mask"):
        for place in range(4):
            shutil.copy(folder / kind / f"{3 - place:08}.png", folder / kind / f"{4 + place:08}.png")
    with pytest.raises(AvatarError, match="forth and back"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("info", "version"), [('{"version": "v15"}', "v15"), ('{"version": "v1"}', "v10"), ("{}", None)]
)
def test_the_version_is_what_the_folder_says(folder: Path, info: str, version: str | None) -> None:
    (folder / "avator_info.json").write_text(info)
    assert read_folder(folder).version == version


@pytest.mark.parametrize("info", ['{"version": "v9"}', '{"version": ["v15"]}', '{"version": {}}', "{"])
def test_a_version_that_is_none_is_refused_by_name(folder: Path, info: str) -> None:
    (folder / "avator_info.json").write_text(info)
    with pytest.raises(AvatarError, match=r"avator_info\.json"):
        read_folder(folder)


@pytest.mark.parametrize("name", ["coords.pkl", "mask_coords.pkl", "latents.pt"])
def test_a_pickle_that_would_run_code_is_refused_by_name(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / name).write_bytes(pickle.dumps([Evil()]))
    with pytest.raises(AvatarError, match=name):
        read_folder(folder)
    assert not (folder / "pwned").exists()


@pytest.mark.parametrize("name", ["coords.pkl", "mask_coords.pkl", "latents.pt"])
@pytest.mark.parametrize("content", [b"", b"\x80", b"not a pickle at all", pickle.dumps(7), pickle.dumps([])])
def test_a_damaged_file_is_refused_by_name(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(AvatarError, match=name):
        read_folder(folder)


@pytest.mark.parametrize(
    "box", [(5, 5, 5, 9), (9, 5, 5, 9), ("a", 1, 2, 3), (0.5, 1, 2, 3), (0, 0, 10**9, 1)]
)
def test_a_box_that_holds_nothing_is_refused(folder: Path, box: tuple[Any, ...]) -> None:
    (folder / "coords.pkl").write_bytes(pickle.dumps([box] * 4))
    with pytest.raises(AvatarError, match=r"coords\.pkl"):
        read_folder(folder)


def test_numbers_of_any_length_are_told_shortly(folder: Path) -> None:
    (folder / "coords.pkl").write_bytes(pickle.dumps([(10**4000, 0, 1, 1)] * 4))
    with pytest.raises(AvatarError, match=r"coords\.pkl: box 0 ") as refused:
        read_folder(folder)
    assert len(str(refused.value)) < 400


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["coords.pkl", "mask_coords.pkl", "latents.pt"])
def test_what_is_missing_or_no_file_is_told_as_that(folder: Path, name: str) -> None:
    (folder / name).unlink()
    for _ in range(2):
        with pytest.raises(AvatarError, match=rf"{name} is missing"):
            read_folder(folder)
        if not (folder / name).exists():
            os.mkfifo(folder / name)


def test_a_body_that_stands_still_with_latents_that_do_not_is_taken(folder: Path) -> None:
    for name in ("coords.pkl", "mask_coords.pkl"):
        boxes = pickle.loads((folder / name).read_bytes())
        (folder / name).write_bytes(pickle.dumps(boxes[:1] * 4))
    for kind in ("full_imgs", "mask"):
        for place in range(1, 4):
            shutil.copy(folder / kind / "00000000.png", folder / kind / f"{place:08}.png")
    assert len(read_folder(folder).pictures) == 4


def test_parts_of_different_lengths_are_counted_out(folder: Path) -> None:
    (folder / "mask" / "00000003.png").unlink()
    with pytest.raises(AvatarError, match=r"full_imgs 4, mask 3, coords\.pkl 4"):
        read_folder(folder)


@pytest.mark.parametrize(
    "latents",
    [
        torch.full((1, 8, 32, 32), float("nan")),
        torch.full((1, 8, 32, 32), 1e6),
        torch.zeros((1, 8, 32, 32), dtype=torch.int32),
        torch.zeros((1, 8, 32, 32), device="meta"),
        torch.zeros((1, 8, 32, 32)).to(torch.float8_e4m3fn),
    ],
)
def test_latents_that_are_no_numbers_or_too_large_are_refused(folder: Path, latents: torch.Tensor) -> None:
    torch.save([latents] * 4, folder / "latents.pt")
    with pytest.raises(AvatarError, match="usable latents"):
        read_folder(folder)


def test_a_small_file_that_speaks_of_gigabytes_of_latents_is_refused(folder: Path) -> None:
    torch.save(torch.zeros(1).expand(10**9, 8, 32, 32), folder / "latents.pt")
    assert (folder / "latents.pt").stat().st_size < 10_000
    with pytest.raises(AvatarError, match=r"latents\.pt .*more than 6000"):
        read_folder(folder)


def test_a_corrupt_picture_is_refused_by_name(folder: Path) -> None:
    path = folder / "full_imgs" / "00000001.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(AvatarError, match="00000001"):
        read_picture(path)


def test_a_picture_that_is_too_large_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((1, 5000), np.uint8))
    with pytest.raises(AvatarError, match="5000x1"):
        read_picture(tmp_path / "wide.png")


def test_a_picture_that_speaks_of_gigabytes_is_not_decoded(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "bomb.png"), np.zeros((1, 1), np.uint8))
    content = bytearray((tmp_path / "bomb.png").read_bytes())
    content[16:24] = (30_000).to_bytes(4) * 2
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(AvatarError, match=r"bomb\.png is 30000x30000; at most 4096"):
        read_picture(tmp_path / "bomb.png")


def test_a_walk_forth_and_back_shows_each_end_twice() -> None:
    assert [mirrored(3, place) for place in range(8)] == [0, 1, 2, 2, 1, 0, 0, 1]
