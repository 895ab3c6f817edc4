"""What is seen of an avatar that was cut out, on a background."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.matte import NOISE, grey, laid_out, opacity
from livetalk.background import colour
from livetalk.pipeline.backdrop import Backdrop, over
from livetalk.types import Picture, Shown
from tests.fakes import FakeAvatar

WIDTH, HEIGHT = 64, 64


def cut_out(own: str = "") -> FakeAvatar:
    """An avatar whose left half alone is opaque."""
    avatar = FakeAvatar(frames=2)
    bundle = avatar.bundle
    alpha = np.zeros((bundle.height, bundle.width), np.uint8)
    alpha[:, : bundle.width // 2] = 255
    mattes = np.stack([laid_out(alpha), laid_out(alpha[:, ::-1])])
    manifest = bundle.manifest.model_copy(update={"matte": "matte.mp4", "background": own})
    avatar.bundle = AvatarBundle(Path(), manifest, bundle.pictures, mattes)
    return avatar


def halves(picture: Picture) -> tuple[np.ndarray, np.ndarray]:
    seen = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)
    return seen[:, : seen.shape[1] // 2], seen[:, seen.shape[1] // 2 :]


def test_what_is_not_opaque_shows_the_background() -> None:
    avatar = cut_out()
    picture = avatar.bundle.pictures[0]
    left, right = halves(Backdrop(colour("#ff0000")).lay(picture, Shown(0), avatar))
    own, _ = halves(picture)
    assert (left == own).all()
    assert np.abs(right.astype(int) - (0, 0, 255)).max() <= 3


def test_each_picture_has_its_own_matte() -> None:
    avatar = cut_out()
    left, _ = halves(Backdrop(colour("#ff0000")).lay(avatar.bundle.pictures[1], Shown(1), avatar))
    assert np.abs(left.astype(int) - (0, 0, 255)).max() <= 3


def test_mattes_dissolve_as_their_pictures_do() -> None:
    avatar = cut_out()
    red = Backdrop(colour("#ff0000"))
    left, right = halves(red.lay(avatar.bundle.pictures[1], Shown(1, 0, 0.5), avatar))
    assert np.abs(left.astype(int) - right).max() <= 3


def test_an_avatar_that_was_not_cut_out_stays_as_it_is() -> None:
    avatar = FakeAvatar(frames=1)
    picture = avatar.bundle.pictures[0]
    assert Backdrop(colour("#ff0000")).lay(picture, Shown(0), avatar) is picture


def test_an_avatars_own_background_is_shown_where_nobody_asks_for_another() -> None:
    avatar = cut_out("#0000ff")
    backdrop = Backdrop()
    picture = avatar.bundle.pictures[0]
    _, right = halves(backdrop.lay(picture, Shown(0), avatar))
    assert np.abs(right.astype(int) - (255, 0, 0)).max() <= 3
    backdrop.background = colour("#ff0000")
    _, right = halves(backdrop.lay(picture, Shown(0), avatar))
    assert np.abs(right.astype(int) - (0, 0, 255)).max() <= 3


def test_what_was_filmed_is_shown_where_there_is_no_background_at_all() -> None:
    avatar = cut_out()
    picture = avatar.bundle.pictures[0]
    assert Backdrop().lay(picture, Shown(0), avatar) is picture


@pytest.mark.parametrize("alpha", [0, 1, 64, 128, 200, 254, 255])
def test_laying_over_is_the_formula_to_one_step(alpha: int) -> None:
    rng = np.random.default_rng(alpha)
    upper, lower = (rng.integers(0, 256, (96, 64), np.uint8) for _ in range(2))
    laid = over(upper, np.full((96, 64), alpha, np.uint8), lower)
    exact = (upper.astype(float) * alpha + lower.astype(float) * (255 - alpha)) / 255
    assert np.abs(laid - exact).max() <= 1


def test_a_matte_survives_a_lossy_video() -> None:
    alpha = np.zeros((8, 8), np.uint8)
    alpha[:, :4] = 255
    noisy = grey(alpha)
    noisy[::2, :4] -= NOISE
    noisy[::2, 4:] += NOISE
    assert (opacity(noisy)[:8] == alpha).all()


def test_chroma_is_as_opaque_as_its_four_pixels_are_on_average() -> None:
    alpha = np.zeros((4, 4), np.uint8)
    alpha[0, 0], alpha[2:, 2:] = 200, 255
    weights = laid_out(alpha)
    assert weights[4:].ravel().tolist() == [50, 0, 0, 255] * 2
