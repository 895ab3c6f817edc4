"""Who is seen is found by a network."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.errors import ModelError
from livetalk.matting.person import PersonMatte
from livetalk.types import Float32Array
from tests.clips import grey, mira, opacity


def pictures(*colours: np.ndarray) -> np.ndarray:
    return np.stack([cv2.cvtColor(each, cv2.COLOR_RGB2YUV_I420) for each in colours])


def overlap(matte: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union."""
    one, other = matte > 127, truth > 127
    return float((one & other).sum() / (one | other).sum())


def test_a_person_in_a_room_is_found(face_models: Path) -> None:
    mattes = [*PersonMatte(face_models).mattes(pictures(*mira(3)))]
    assert len(mattes) == 3
    for matte, truth in zip(mattes, opacity(3), strict=True):
        assert overlap(matte, truth) > 0.95
        assert matte[truth == 0].mean() < 6


def test_one_picture_alone_is_enough(face_models: Path) -> None:
    (matte,) = PersonMatte(face_models).mattes(pictures(mira(1)[0]))
    assert overlap(matte, opacity(1)[0]) > 0.95


def test_a_person_who_is_small_in_a_wide_picture_is_found_as_finely(face_models: Path) -> None:
    wide = grey(150, 1280, 720).copy()
    small = cv2.resize(mira(1)[0], (256, 256), interpolation=cv2.INTER_AREA)
    truth = np.zeros((720, 1280), np.uint8)
    share = cv2.resize(opacity(1)[0], (256, 256), interpolation=cv2.INTER_AREA)
    truth[464:, 300:556] = share
    wide[464:, 300:556] = np.where(share[..., None] > 127, small, wide[464:, 300:556])
    (matte,) = PersonMatte(face_models).mattes(pictures(wide))
    assert overlap(matte, truth) > 0.9


def test_what_flickers_for_one_picture_is_evened_out(face_models: Path) -> None:
    """A flash of light in one picture changes what is cut out there by little."""
    calm = mira(1)[0]
    flash = np.clip(calm.astype(int) + 90, 0, 255).astype(np.uint8)
    finder = PersonMatte(face_models)
    alone = next(iter(finder.mattes(pictures(flash)))).astype(int)
    amid = [*finder.mattes(pictures(calm, flash, calm))][1].astype(int)
    quiet = next(iter(finder.mattes(pictures(calm)))).astype(int)
    assert np.abs(amid - quiet).mean() < np.abs(alone - quiet).mean()


def test_what_lies_apart_and_is_small_is_left_out() -> None:
    from livetalk.matting.person import _whole

    matte: Float32Array = np.zeros((64, 64), np.float32)
    matte[20:60, 10:50], matte[2:6, 56:60] = 1, 1
    whole = _whole(matte)
    assert whole[2:6, 56:60].max() == 0
    assert (whole[20:60, 10:50] == 1).all()


def test_without_the_network_it_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="livetalk models download face"):
        PersonMatte(tmp_path)
