"""Speech for recognisers, in pieces as a microphone brings them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from livetalk.types import SAMPLE_RATE, Int16Array


def noise(seconds: float, level: float = 3000, seed: int = 1) -> Int16Array:
    """Something to hear."""
    sound = np.random.default_rng(seed).normal(0, level, round(seconds * SAMPLE_RATE))
    return np.clip(sound, -32768, 32767).astype(np.int16)


def pieces(sound: Int16Array, size: int = 512) -> Iterator[Int16Array]:
    """It, as it is spoken."""
    for start in range(0, len(sound), size):
        yield sound[start : start + size]


__all__ = ["noise", "pieces"]
