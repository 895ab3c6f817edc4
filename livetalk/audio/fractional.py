"""Fractional: sound read between its samples, at any pace; what a device with a clock of its own needs."""

from __future__ import annotations

import numpy as np

from livetalk.types import Float32Array

TAPS = 48
"""samples that one is made of; a multiple of 2"""
REACH = TAPS // 2
"""samples to either side of a place that are read: what the sound is late by"""
PHASES = 512
"""places between two samples that the kernel is tabled for; between them it is drawn straight"""
BETA = 9.0
"""of the Kaiser window: -90 dB beside a band that ends 1 kHz about half the rate, at 16 kHz"""


def _kernel() -> Float32Array:
    """(PHASES + 1, TAPS): a windowed sinc, moved by a fraction of a sample a row."""
    fraction = np.arange(PHASES + 1)[:, np.newaxis] / PHASES
    distance = np.arange(1 - REACH, REACH + 1) - fraction
    window = np.i0(BETA * np.sqrt(np.clip(1 - (distance / REACH) ** 2, 0, None))) / np.i0(BETA)
    table = np.sinc(distance) * window
    kernel: Float32Array = (table / table.sum(axis=1, keepdims=True)).astype(np.float32)
    return kernel


class Interpolator:
    """Reads a stream at any places. It keeps nothing: however a stream is read, the samples are the same."""

    def __init__(self) -> None:
        self._table = _kernel()
        self._slope = np.diff(self._table, axis=0)

    def span(self, position: float, step: float, count: int) -> tuple[int, int]:
        """The samples that `read` needs for this: the first one's index, and how many."""
        first = int(np.floor(position)) - REACH + 1
        last = int(np.floor(position + step * (count - 1))) + REACH
        return first, last - first + 1

    def read(self, samples: Float32Array, offset: float, step: float, count: int) -> Float32Array:
        """`count` samples from `offset` on, `step` apart, counted in `samples` as `span` named them."""
        places = offset + step * np.arange(count)
        whole = np.floor(places).astype(np.intp)
        phase = (places - whole) * PHASES
        row = phase.astype(np.intp)
        between = (phase - row).astype(np.float32)[:, np.newaxis]
        windows = np.lib.stride_tricks.sliding_window_view(samples, TAPS)[whole - REACH + 1]
        made: Float32Array = np.einsum("ij,ij->i", windows, self._table[row] + between * self._slope[row])
        return made


__all__ = ["REACH", "TAPS", "Interpolator"]
