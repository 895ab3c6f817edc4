"""The default avatar's folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from livetalk.avatar.bundle import AvatarBundle, open_bundle

DEFAULT = Path(__file__).parents[2] / "data" / "avatars" / "default"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> AvatarBundle:
    return open_bundle(DEFAULT, tmp_path_factory.mktemp("frames"))


def test_it_is_small_enough_for_a_wheel() -> None:
    assert sum(file.stat().st_size for file in DEFAULT.iterdir()) <= 8_000_000


def test_it_opens_and_moves(bundle: AvatarBundle) -> None:
    assert bundle.manifest.loop == "cycle"
    assert 200 <= bundle.manifest.frames <= 250
    assert bundle.engine_file("viseme")[1].is_file()
    assert np.abs(bundle.picture(0).astype(int) - bundle.picture(60)).max() > 40


def steps(bundle: AvatarBundle) -> npt.NDArray[np.float32]:
    """How far each frame is from the one before it, the first from the last, in luma; 4x4 pixels
    taken together, since the grain of compression is no motion."""
    manifest = bundle.manifest
    luma = bundle.pictures[:, : manifest.height].astype(np.float32)
    coarse = luma.reshape(manifest.frames, manifest.height // 4, 4, manifest.width // 4, 4).mean(axis=(2, 4))
    away: npt.NDArray[np.float32] = np.abs(coarse - np.roll(coarse, 1, axis=0)).mean(axis=(1, 2))
    return away


def test_the_last_frame_leads_into_the_first(bundle: AvatarBundle) -> None:
    seam, after, before = steps(bundle)[[0, 1, -1]]
    assert seam < 1.15 * max(after, before)


def test_no_frame_jumps(bundle: AvatarBundle) -> None:
    assert steps(bundle).max() < 1.0
