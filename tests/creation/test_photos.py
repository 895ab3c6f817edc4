from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.creation.photos import read_photo
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


def test_a_photo_that_is_damaged_is_told(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.png", grey(90))
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(AvatarError, match=r"a\.png"):
        read_photo(path, 200)
