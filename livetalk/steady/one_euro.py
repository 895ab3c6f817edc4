"""The One-Euro filter: calm where nothing moves, quick where something does.

Casiez, Roussel and Vogel, "1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012. Recordings have a future too: they are filtered forth and back, which takes
the lag away.
"""

from __future__ import annotations

import numpy as np

from livetalk.types import FPS, Float32Array

SPEED_CUTOFF_HZ = 1.0
"""of the low-pass over the speed, as the authors suggest"""


def one_euro(values: Float32Array, cutoff_hz: float, beta: float) -> Float32Array:
    """Filter each column of values (frames, ...) taken 25 times a second, forth and back.

    Args:
        values: whatever trembles.
        cutoff_hz: of the low-pass while nothing moves.
        beta: by how much it rises with the speed, in units a second.
    """
    forth = _causal(values, cutoff_hz, beta)
    back = _causal(values[::-1], cutoff_hz, beta)[::-1]
    filtered: Float32Array = ((forth + back) / 2).astype(np.float32)
    return filtered


def _causal(values: Float32Array, cutoff_hz: float, beta: float) -> Float32Array:
    filtered = np.empty_like(values, np.float32)
    filtered[0] = kept = values[0].astype(np.float32)
    speed, calm = np.zeros_like(kept), _share(np.float32(SPEED_CUTOFF_HZ))
    for frame in range(1, len(values)):
        change = (values[frame] - values[frame - 1]) * np.float32(FPS)
        speed += calm * (change - speed)
        share = _share(np.float32(cutoff_hz) + np.float32(beta) * np.abs(speed))
        filtered[frame] = kept = kept + share * (values[frame] - kept)
    return filtered


def _share(cutoff_hz: Float32Array | np.float32) -> Float32Array:
    """Of a new value in a first-order low-pass."""
    turn = np.float32(2 * np.pi / FPS) * cutoff_hz
    return np.asarray(turn / (turn + 1), np.float32)


__all__ = ["one_euro"]
