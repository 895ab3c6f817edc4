"""Sounds to be spoken, made here: WAV files of mono 16 bit at 16 kHz."""

from __future__ import annotations

import io
import subprocess
import sys
import wave

import numpy as np

from bench.decode import Array

RATE = 16_000
_FORMANTS_HZ = (730.0, 1090.0, 2440.0)
"""of "ah" (Peterson and Barney 1952, men's means)"""
_BANDWIDTHS_HZ = (80.0, 90.0, 120.0)
_PITCH_HZ = 150.0
_LEVEL = 0.35
"""loudest sample, full scale 1"""
_SHORTEST_SYLLABLE_S, _LONGEST_SYLLABLE_S = 0.14, 0.22
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.25


def vowel(seconds: float) -> Array:
    """A steady "ah": harmonics of 150 Hz under the vowel's formants. (n,), full scale 1."""
    times_s = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(times_s))
    for number in range(1, int(RATE / 2 / _PITCH_HZ)):
        pitch_hz = number * _PITCH_HZ
        gain = sum(
            1 / (1 + ((pitch_hz - formant) / (bandwidth / 2)) ** 2)
            for formant, bandwidth in zip(_FORMANTS_HZ, _BANDWIDTHS_HZ, strict=True)
        )
        # each harmonic starts elsewhere in its turn, so that they do not add to one sharp spike
        sound += (gain + 0.05) / number * np.sin(2 * np.pi * pitch_hz * times_s + 1.7 * number**2)
    return np.asarray(sound / np.abs(sound).max() * _LEVEL, np.float32)


def steady(seconds: float) -> bytes:
    """A vowel without a pause that is at full strength within 5 ms."""
    sound = vowel(seconds)
    ramp = np.linspace(0, 1, round(0.005 * RATE), dtype=np.float32)
    sound[: len(ramp)] *= ramp
    sound[-len(ramp) :] *= ramp[::-1]
    return wav(sound)


def syllables(seconds: float, seed: int = 1) -> bytes:
    """ "ah" bursts, about three a second, that swell and fade alike, with pauses of random length."""
    return wav(vowel(seconds) * syllable_envelope(seconds, seed))


def syllable_envelope(seconds: float, seed: int) -> Array:
    """How strong the bursts are, (n,), 0 to 1."""
    random = np.random.default_rng(seed)
    envelope = np.zeros(round(seconds * RATE), np.float32)
    at = 0
    while True:
        length = round(random.uniform(_SHORTEST_SYLLABLE_S, _LONGEST_SYLLABLE_S) * RATE)
        if at + length > len(envelope):
            return envelope
        swell = np.sin(np.pi * np.arange(length) / length) ** 2
        envelope[at : at + length] = swell * random.uniform(0.5, 1.0)
        at += length + round(random.uniform(_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S) * RATE)


def spoken(text: str, voice: str = "en") -> bytes:
    """A voice of espeak's, made in a process of its own.

    Raises:
        subprocess.CalledProcessError: espeak failed, or is not installed.
    """
    made = subprocess.run(
        [sys.executable, "-m", "bench.espeak", text, voice], capture_output=True, check=True, timeout=60
    )
    return made.stdout


def wav(samples: Array, rate: int = RATE) -> bytes:
    """A WAV file of (n,) samples, full scale 1."""
    whole = (samples.clip(-1, 1) * 32767).astype("<i2").tobytes()
    return wav_of_pcm(whole, rate)


def wav_of_pcm(pcm: bytes, rate: int) -> bytes:
    """A WAV file of mono 16 bit little-endian samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()
