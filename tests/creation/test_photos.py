from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from livetalk.creation.photos import read_opacity, read_photo
from livetalk.errors import AvatarError
from livetalk.types import planes
from tests.clips import grey, write_photo


def test_a_photo_is_scaled_to_its_shorter_edge(tmp_path: Path) -> None:
    picture = read_photo(write_photo(tmp_path / "a.png", grey(90, 400, 300)), 150)
    assert picture.shape == (225, 200)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_what_is_transparent_shows_a_plain_wall(tmp_path: Path, depth: type[np.unsignedinteger]) -> None:
    most = np.iinfo(depth).max
    layers = np.zeros((200, 200, 4), depth)
    layers[:, 100:] = most  # white and opaque on the right; black and transparent on the left
    cv2.imwrite(str(tmp_path / "a.png"), layers)
    luma = planes(read_photo(tmp_path / "a.png", 200))[0]
    assert luma[:, :90].mean() == pytest.approx(16 + 230 / 255 * 219, abs=3)
    assert luma[:, 110:].mean() == pytest.approx(235, abs=2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_what_is_transparent_is_turned_as_the_photo_is(tmp_path: Path, name: str, orientation: int) -> None:
    layers = np.full((160, 240, 4), 255, np.uint8)
    layers[:50, :80, :3] = (200, 30, 30)  # one corner
    layers[:50, :80, 3] = 0
    exif = Image.Exif()
    exif[0x112] = orientation
    Image.fromarray(layers).save(tmp_path / name, exif=exif, lossless=True)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / name)))
    opacity = read_opacity(tmp_path / name, 160)
    assert np.array_equal(opacity, upright[..., 3])
    assert read_photo(tmp_path / name, 160).shape[1] == upright.shape[1]


def test_a_photo_that_is_damaged_is_told(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.png", grey(90))
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(AvatarError, match=r"a\.png"):
        read_photo(path, 200)
