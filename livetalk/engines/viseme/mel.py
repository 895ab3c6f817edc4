"""Log-mel pictures of sound: 64 bands every 10 ms, what the lip network listens to.

Frame k is centred on the 10 ms of samples [160 k, 160 k + 160): its 25 ms Hann window spans
[160 k - 120, 160 k + 280). Mel scale: m = 2595 log10(1 + f / 700) (O'Shaughnessy, Speech
Communication, 1987); bands are triangles in hertz between mel-equidistant corners.
"""

from __future__ import annotations

import math

import numpy as np

from livetalk.types import SAMPLE_RATE, Float32Array, Int16Array, frozen

HOP = 160
"""samples between frames, 10 ms"""
SPAN = 400
"""samples that a frame sees, 25 ms"""
LEAD = (SPAN - HOP) // 2
"""samples that a frame sees before, and after, its own 10 ms"""
BANDS = 64
FFT_SIZE = 512
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
FLOOR = 1e-6
"""of a band's energy, sound in [-1, 1]: above the noise of 16-bit rounding"""


def _filters() -> Float32Array:
    """(FFT_SIZE // 2 + 1, BANDS), each band's weights summing to 1."""
    lowest_mel, highest_mel = (2595 * math.log10(1 + hertz / 700) for hertz in (LOWEST_HZ, HIGHEST_HZ))
    corners_mel = np.linspace(lowest_mel, highest_mel, BANDS + 2)
    corners = 700 * (10 ** (corners_mel / 2595) - 1)
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    hertz = np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE)[:, None]
    triangles = np.maximum(np.minimum((hertz - low) / (centre - low), (high - hertz) / (high - centre)), 0)
    filters: Float32Array = (triangles / triangles.sum(axis=0)).astype(np.float32)
    return filters


_FILTERS: Float32Array = frozen(_filters())
_HANN: Float32Array = frozen((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SPAN) / SPAN)).astype(np.float32))
_SCALE = np.float32(1 / 32768)

SILENT_FRAME: Float32Array = frozen(np.full(BANDS, np.log(np.float32(FLOOR)), np.float32))
"""(BANDS,), what digital silence sounds like"""


def log_mel(pcm: Int16Array) -> Float32Array:
    """The frames that fit: (HOP * (n - 1) + SPAN,) samples make (n, BANDS) natural logarithms.

    Equal calls give equal bits; a longer call may differ from shorter ones in the last bit.

    Raises:
        ValueError: the sound is shorter than one frame.
    """
    if len(pcm) < SPAN:
        raise ValueError(f"a frame needs {SPAN} samples, got {len(pcm)}")
    frames = np.lib.stride_tricks.sliding_window_view(pcm, SPAN)[::HOP] * (_HANN * _SCALE)
    spectrum = np.fft.rfft(frames, FFT_SIZE, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energy: Float32Array = np.log(np.maximum(power @ _FILTERS, np.float32(FLOOR)))
    return energy


__all__ = ["BANDS", "HOP", "LEAD", "SILENT_FRAME", "SPAN", "log_mel"]
