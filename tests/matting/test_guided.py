"""A coarse matte takes the edges of its picture."""

from __future__ import annotations

import numpy as np

from livetalk.matting.guided import guided
from livetalk.types import Float32Array

SIZE, RADIUS = 64, 6


def step(at: int) -> Float32Array:
    """Dark, and light from a column on."""
    picture = np.full((SIZE, SIZE), 0.2, np.float32)
    picture[:, at:] = 0.8
    return picture


def ramp(middle: int) -> Float32Array:
    """From 0 to 1 in twelve columns."""
    return np.tile(np.clip((np.arange(SIZE) - middle) / 12 + 0.5, 0, 1), (SIZE, 1)).astype(np.float32)


def test_an_edge_that_is_off_by_some_pixels_goes_where_the_pictures_is() -> None:
    fitted = guided(step(34), ramp(32), RADIUS)
    assert fitted[:, 25:33].max() < 0.35
    assert fitted[:, 35:43].min() > 0.65
    assert np.abs(np.diff(fitted[32])).argmax() == 33


def test_a_picture_without_edges_leaves_the_matte_as_smooth_as_it_is() -> None:
    fitted = guided(np.full((SIZE, SIZE), 0.5, np.float32), ramp(32), RADIUS)
    assert np.abs(np.diff(fitted[32])).max() < 0.09


def test_what_is_sure_stays_sure() -> None:
    rng = np.random.default_rng(0)
    noisy = rng.random((SIZE, SIZE)).astype(np.float32)
    for sure in (0.0, 1.0):
        assert np.abs(guided(noisy, np.full((SIZE, SIZE), sure, np.float32), RADIUS) - sure).max() < 1e-3
