"""Sounds that are nobody's speech: coughs, doors, keys, hums, music, noise; full scale 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from livetalk.types import SAMPLE_RATE

Sound = npt.NDArray[np.float64]
Random = np.random.Generator

_COUGH_FORMANTS_HZ = (750.0, 1400.0, 2600.0)
"""of an open mouth and a throat drawn tight"""


def pink(seconds: float, random: Random) -> Sound:
    """Noise that loses 3 dB an octave, rms 1."""
    count = round(seconds * SAMPLE_RATE)
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum = np.fft.rfft(random.normal(size=count))
    spectrum[0] = 0
    spectrum[1:] /= np.sqrt(hertz[1:])
    sound = np.fft.irfft(spectrum, count)
    return np.asarray(sound / sound.std())


def cough(random: Random) -> Sound:
    """A burst through an open mouth that dies away within 200 to 300 ms, in half of them with a groan."""
    tail_s = random.uniform(0.2, 0.3)
    sound = _burst(tail_s, 0.008, random, _resonant)
    if random.random() < 0.5:
        groan = _times(0.15)
        pitch_hz = random.uniform(110, 190)
        buzz = sum(np.sin(2 * np.pi * pitch_hz * number * groan) / number for number in range(1, 12))
        voiced = 0.3 * buzz * np.hanning(len(groan))
        at = round(tail_s * 0.6 * SAMPLE_RATE)
        sound = np.pad(sound, (0, max(0, at + len(voiced) - len(sound))))
        sound[at : at + len(voiced)] += voiced
    return _peak(sound)


def throat(random: Random) -> Sound:
    """Somebody clears the throat: two rough bursts, mostly below 1.5 kHz."""
    both = [_burst(random.uniform(0.1, 0.2), 0.02, random, _band(150, 1500)) for _ in range(2)]
    return _peak(np.concatenate([both[0], np.zeros(round(0.05 * SAMPLE_RATE)), both[1]]))


def door(random: Random) -> Sound:
    """A thump below 200 Hz and a sharp knock with it."""
    thump = _burst(0.3, 0.003, random, _band(40, 200))
    knock = 0.4 * _burst(0.05, 0.001, random, _band(200, 4000))
    thump[: len(knock)] += knock
    return _peak(thump)


def keys(random: Random) -> Sound:
    """A second and a half of typing: a click of 10 ms about eight times a second."""
    sound = np.zeros(round(1.5 * SAMPLE_RATE))
    at_s = 0.0
    while (at := round(at_s * SAMPLE_RATE)) < len(sound) - SAMPLE_RATE // 20:
        click = _burst(0.01, 0.0005, random, _band(1000, 7000)) * random.uniform(0.4, 1)
        sound[at : at + len(click)] += click
        at_s += random.uniform(0.08, 0.18)
    return _peak(sound)


def clap(random: Random) -> Sound:
    """A burst of everything, over in 60 ms."""
    return _peak(_burst(0.06, 0.001, random, _band(50, 7900)))


def mains(random: Random) -> Sound:
    """Two seconds of 50 Hz and its first harmonics."""
    time = _times(2.0)
    tones = [random.uniform(0.1, 1) / n * np.sin(2 * np.pi * 50 * n * time) for n in range(1, 9)]
    return _peak(np.sum(tones, axis=0))


def chord(random: Random) -> Sound:
    """Two seconds of an organ's three notes."""
    time = _times(2.0)
    root_hz = random.uniform(130, 400)
    notes = [
        np.sin(2 * np.pi * root_hz * ratio * number * time) / number
        for ratio in (1, 5 / 4, 3 / 2)
        for number in range(1, 5)
    ]
    return _peak(np.sum(notes, axis=0) * np.minimum(1, np.minimum(time, time[::-1]) / 0.03))


def whistle(random: Random) -> Sound:
    """A second of one tone that glides."""
    time = _times(1.0)
    hertz = random.uniform(600, 1800) * (1 + random.uniform(-0.3, 0.3) * time)
    return _peak(np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE) * np.minimum(1, time[::-1] / 0.05))


def hiss(random: Random) -> Sound:
    """Two seconds of pink noise that begins at once."""
    return _peak(pink(2.0, random))


NOISES: dict[str, Callable[[Random], Sound]] = {
    each.__name__: each for each in (cough, throat, door, keys, clap, mains, chord, whistle, hiss)
}


def _times(seconds: float) -> Sound:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _peak(sound: Sound) -> Sound:
    return np.asarray(sound / np.abs(sound).max())


def _burst(tail_s: float, attack_s: float, random: Random, colour: Callable[[Sound], Sound]) -> Sound:
    """Noise of a colour (a gain for each frequency) that has lost 30 dB after `tail_s`."""
    time = _times(tail_s * 1.3)
    gain = colour(np.asarray(np.fft.rfftfreq(len(time), 1 / SAMPLE_RATE), np.float64))
    coloured = np.fft.irfft(np.fft.rfft(random.normal(size=len(time))) * gain, len(time))
    return _peak(coloured) * np.minimum(1, time / attack_s) * 10 ** (-1.5 * time / tail_s)


def _band(low_hz: float, high_hz: float) -> Callable[[Sound], Sound]:
    return lambda hertz: ((hertz >= low_hz) & (hertz <= high_hz)).astype(np.float64)


def _resonant(hertz: Sound) -> Sound:
    peaks = sum(1 / (1 + ((hertz - formant) / 150) ** 2) for formant in _COUGH_FORMANTS_HZ)
    return np.asarray(peaks + 0.05)


__all__ = ["NOISES", "Sound", "pink"]
