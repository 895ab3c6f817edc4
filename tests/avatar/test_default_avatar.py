"""The default avatar's folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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


def test_the_last_frame_leads_into_the_first(bundle: AvatarBundle) -> None:
    frames = bundle.pictures.astype(np.int16)
    steps = np.abs(frames - np.roll(frames, 1, axis=0)).mean(axis=(1, 2))
    assert steps[0] <= np.percentile(steps, 75)


def test_no_frame_jumps(bundle: AvatarBundle) -> None:
    frames = bundle.pictures.astype(np.int16)
    steps = np.abs(frames - np.roll(frames, 1, axis=0)).mean(axis=(1, 2))
    assert steps.max() < 4 * np.median(steps)
