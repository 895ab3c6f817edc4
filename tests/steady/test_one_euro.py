from __future__ import annotations

import numpy as np
import pytest

from livetalk.steady.one_euro import one_euro


def test_noise_about_a_still_value_nearly_goes() -> None:
    noise = np.random.default_rng(1).normal(0, 1, (200, 3)).astype(np.float32)
    filtered = one_euro(noise, 0.5, 0.0)
    assert filtered.std() < 0.35 * noise.std()


def test_a_steady_movement_is_followed_without_lag() -> None:
    ramp = np.linspace(0, 100, 200, dtype=np.float32)[:, None]
    filtered = one_euro(ramp, 1.0, 0.0)
    assert np.abs(filtered - ramp)[40:-40].max() < 0.05


def test_a_jump_is_followed_sooner_the_more_it_opens_with_speed() -> None:
    jump = np.where(np.arange(100) < 50, 0, 1).astype(np.float32)[:, None]

    def blurred(beta: float) -> float:
        return float(np.abs(one_euro(jump, 0.5, beta) - jump).sum())

    assert blurred(5.0) < 0.5 * blurred(0.0)


def test_forth_and_back_are_the_same() -> None:
    values = np.random.default_rng(2).normal(0, 1, (50, 2)).astype(np.float32)
    assert one_euro(values[::-1], 1.0, 0.3)[::-1] == pytest.approx(one_euro(values, 1.0, 0.3), abs=1e-6)


def test_one_value_stays_as_it_is() -> None:
    assert one_euro(np.ones((1, 4), np.float32), 1.0, 0.5).tolist() == [[1.0] * 4]
