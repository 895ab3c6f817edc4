"""Whisper's log-mel spectrogram, on whatever device the sound is.

80 bands of Slaney's mel scale (linear below 1 kHz, logarithmic above; triangles of equal area), windows of
25 ms each 10 ms, centred, after A. Radford et al., "Robust speech recognition via large-scale weak
supervision", 2022.
"""

from __future__ import annotations

import math
from functools import cache

import torch
from torch.nn import functional

HOP = 160
"""samples between frames, 10 ms"""
FFT_SIZE = 400
BANDS = 80
SEGMENT_SAMPLES = 480_000
"""30 s at 16 kHz, what the encoder was trained on"""
SEGMENT_FRAMES = SEGMENT_SAMPLES // HOP

_RATE = 16_000
_LINEAR_HZ = 200 / 3
"""one mel below 1 kHz"""
_BREAK_HZ = 1000.0
_LOG_STEP = math.log(6.4) / 27
"""of one mel above it"""
_DYNAMIC_RANGE = 8.0
"""powers of ten below the loudest"""


def log_mel(sound: torch.Tensor) -> torch.Tensor:
    """(..., n) samples in [-1, 1] to (..., BANDS, n // HOP) frames, before they are levelled."""
    window = torch.hann_window(FFT_SIZE, device=sound.device)
    flat = sound.reshape(-1, sound.shape[-1])
    spectrum = torch.stft(
        flat, FFT_SIZE, HOP, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    power = spectrum[..., :-1].abs() ** 2
    mel = filters(sound.device) @ power
    return mel.clamp(min=1e-10).log10().reshape(*sound.shape[:-1], BANDS, -1)


def level(mel: torch.Tensor) -> torch.Tensor:
    """Cut what is 80 dB below the loudest of each (BANDS, frames), and bring the rest to about [-1, 1.5]."""
    loudest = mel.amax((-2, -1), keepdim=True)
    return (torch.maximum(mel, loudest - _DYNAMIC_RANGE) + 4) / 4


def padded(sound: torch.Tensor, samples: int = SEGMENT_SAMPLES) -> torch.Tensor:
    """(..., n) sound with silence behind it, up to so many samples."""
    return functional.pad(sound, (0, samples - sound.shape[-1]))


@cache
def filters(device: torch.device) -> torch.Tensor:
    """(BANDS, FFT_SIZE // 2 + 1)."""
    bins = torch.linspace(0, _RATE / 2, FFT_SIZE // 2 + 1, dtype=torch.float64)
    top = _mel(_RATE / 2)
    corners = torch.tensor(
        [_hertz(top * place / (BANDS + 1)) for place in range(BANDS + 2)], dtype=torch.float64
    )
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    triangles = torch.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clamp(min=0)
    return (triangles * 2 / (high - low)).float().to(device)


def _mel(hertz: float) -> float:
    if hertz < _BREAK_HZ:
        return hertz / _LINEAR_HZ
    return _BREAK_HZ / _LINEAR_HZ + math.log(hertz / _BREAK_HZ) / _LOG_STEP


def _hertz(mel: float) -> float:
    break_mel = _BREAK_HZ / _LINEAR_HZ
    if mel < break_mel:
        return mel * _LINEAR_HZ
    return _BREAK_HZ * math.exp((mel - break_mel) * _LOG_STEP)


__all__ = [
    "BANDS",
    "FFT_SIZE",
    "HOP",
    "SEGMENT_FRAMES",
    "SEGMENT_SAMPLES",
    "filters",
    "level",
    "log_mel",
    "padded",
]
