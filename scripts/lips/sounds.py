"""What happens to a voice on its way: rooms, microphones, telephones, noise, level."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from livetalk.types import SAMPLE_RATE, Float32Array


def rms(sound: Float32Array) -> float:
    """Of the loud part: over the samples that are not silence."""
    heard = sound[np.abs(sound) > 1e-4]
    return float(np.sqrt(np.mean(heard**2))) if len(heard) else 0.0


def noise(count: int, rng: np.random.Generator) -> Float32Array:
    """(count,) of room tone, hiss, hum, a fan, or a mixture, at rms 1."""
    kind = rng.integers(5)
    sound: npt.NDArray[np.floating[Any]]
    if kind == 0:
        sound = rng.normal(size=count)
    elif kind == 1:
        sound = _coloured(count, rng.uniform(0.3, 2.2), rng)
    elif kind == 2:
        sound = hum(count, rng)
    elif kind == 3:
        low = rng.uniform(60, 3000)
        band = butter(
            2, [low, min(low * rng.uniform(1.5, 8), 7900)], "bandpass", fs=SAMPLE_RATE, output="sos"
        )
        sound = sosfilt(band, rng.normal(size=count))
    else:
        sound = _coloured(count, 1.0, rng) + rng.uniform(0.1, 2) * hum(count, rng)
    if rng.random() < 0.3:
        swell = 1 + rng.uniform(0.1, 0.6) * np.sin(
            2 * np.pi * rng.uniform(0.1, 2) * np.arange(count) / SAMPLE_RATE
        )
        sound = sound * swell
    result: Float32Array = (sound / (np.sqrt(np.mean(sound**2)) + 1e-9)).astype(np.float32)
    return result


def hum(count: int, rng: np.random.Generator) -> Float32Array:
    """Mains hum: 50 or 60 Hz and its harmonics, at rms 1."""
    base = rng.choice([50.0, 60.0, 100.0, 120.0]) * rng.uniform(0.995, 1.005)
    time = np.arange(count) / SAMPLE_RATE
    sound = np.zeros(count)
    for harmonic in range(1, rng.integers(2, 14)):
        strength = rng.uniform(0, 1) / harmonic ** rng.uniform(0.3, 1.5)
        sound += strength * np.sin(2 * np.pi * base * harmonic * time + rng.uniform(0, 2 * np.pi))
    result: Float32Array = (sound / (np.sqrt(np.mean(sound**2)) + 1e-9)).astype(np.float32)
    return result


def breath(count: int, rng: np.random.Generator) -> Float32Array:
    """(count,) of somebody drawing breath, peak 1: noise that swells and ends, silence around it.

    Half of them sound of the throat and mouth it goes through, as a whispered vowel would.
    """
    length = min(count, int(rng.uniform(0.12, 0.8) * SAMPLE_RATE))
    low = rng.uniform(200, 1200)
    band = butter(1, [low, rng.uniform(2500, 7500)], "bandpass", fs=SAMPLE_RATE, output="sos")
    drawn = sosfilt(band, rng.normal(size=length))
    if rng.random() < 0.5:
        for hertz in (rng.uniform(350, 900), rng.uniform(1000, 2000), rng.uniform(2200, 3500)):
            drawn = _resonance(drawn, hertz, rng.uniform(6, 20), rng.uniform(2, 8))
    rise = rng.uniform(0.3, 0.9)
    envelope = np.interp(np.linspace(0, 1, length), [0, rise, 1], [0, 1, 0]) ** rng.uniform(0.5, 2)
    sound = np.zeros(count)
    start = rng.integers(0, count - length + 1)
    sound[start : start + length] = drawn * envelope
    return at_level(sound.astype(np.float32), 0)


def _coloured(count: int, slope: float, rng: np.random.Generator) -> Float32Array:
    spectrum = np.fft.rfft(rng.normal(size=count))
    spectrum /= np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 20.0) ** (slope / 2)
    sound = np.fft.irfft(spectrum, count)
    result: Float32Array = (sound / np.sqrt(np.mean(sound**2))).astype(np.float32)
    return result


def room(sound: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Reverberation: a decaying noise tail (Polack's model) behind the direct sound."""
    decay_s = rng.uniform(0.1, 0.7)
    length = int(decay_s * SAMPLE_RATE)
    tail = rng.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    tail[: rng.integers(8, 200)] = 0
    tail *= 10 ** (-rng.uniform(0, 14) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1
    result: Float32Array = fftconvolve(sound, tail)[: len(sound)].astype(np.float32)
    return result


def equaliser(sound: Float32Array, rng: np.random.Generator) -> Float32Array:
    """A tilt and two broad resonances, as of a cheap microphone."""
    tilt = rng.uniform(-0.7, 0.9)
    shaped = lfilter([1, -tilt], [1], sound) if tilt > 0 else lfilter([1 + tilt], [1, tilt], sound)
    for _ in range(2):
        shaped = _resonance(shaped, rng.uniform(150, 6000), rng.uniform(-8, 8), rng.uniform(0.5, 2))
    result: Float32Array = shaped.astype(np.float32)
    return result


def _resonance(sound: Float32Array, hertz: float, gain_db: float, quality: float) -> Float32Array:
    """The peaking filter of R. Bristow-Johnson's audio EQ cookbook."""
    gain = 10 ** (gain_db / 40)
    angle = 2 * np.pi * hertz / SAMPLE_RATE
    alpha, cosine = np.sin(angle) / (2 * quality), np.cos(angle)
    above = [1 + alpha * gain, -2 * cosine, 1 - alpha * gain]
    below = [1 + alpha / gain, -2 * cosine, 1 - alpha / gain]
    result: Float32Array = lfilter(above, below, sound)
    return result


def narrow(sound: Float32Array, rng: np.random.Generator) -> Float32Array:
    """A telephone, an old codec, a small loudspeaker: lows and highs are cut, sometimes 8 bit mu-law."""
    high = rng.choice([3400.0, 4000.0, 5500.0, 7000.0])
    shaped = sosfilt(butter(6, high, "lowpass", fs=SAMPLE_RATE, output="sos"), sound)
    if rng.random() < 0.5:
        low = rng.uniform(80, 350)
        shaped = sosfilt(butter(2, low, "highpass", fs=SAMPLE_RATE, output="sos"), shaped)
    if rng.random() < 0.3:
        peak = np.abs(shaped).max() + 1e-6
        squeezed = np.sign(shaped) * np.log1p(255 * np.abs(shaped) / peak) / np.log(256)
        squeezed = np.round(squeezed * 127) / 127
        shaped = peak * np.sign(squeezed) * (256 ** np.abs(squeezed) - 1) / 255
    result: Float32Array = shaped.astype(np.float32)
    return result


def on_its_way(sound: Float32Array, rng: np.random.Generator) -> Float32Array:
    """Filters and room of one recording, by chance."""
    if rng.random() < 0.7:
        sound = equaliser(sound, rng)
    if rng.random() < 0.4:
        sound = room(sound, rng)
    if rng.random() < 0.3:
        sound = narrow(sound, rng)
    return sound


def at_level(sound: Float32Array, peak_db: float) -> Float32Array:
    """Scaled to this peak, dBFS."""
    result: Float32Array = (sound * (10 ** (peak_db / 20) / (np.abs(sound).max() + 1e-9))).astype(np.float32)
    return result


def with_noise(sound: Float32Array, snr_db: float, rng: np.random.Generator) -> Float32Array:
    """Noise added at this level below the speech."""
    result: Float32Array = sound + noise(len(sound), rng) * np.float32(rms(sound) * 10 ** (-snr_db / 20))
    return result
