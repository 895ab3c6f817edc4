"""Sounds and recordings for tests of rendering, drawn here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from livetalk.render.recording import Recording, read_recording


def write_tone(path: Path, seconds: float, rate: int = 16_000, channels: int = 1) -> Path:
    """A file of 440 Hz, its kind by the name's end; exactly `round(seconds * rate)` samples."""
    times_s = np.arange(round(seconds * rate)) / rate
    tone = (0.3 * np.sin(2 * np.pi * 440 * times_s)).astype(np.float32)
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate)
    return path


def tone(folder: Path, seconds: float, rate: int = 16_000, channels: int = 1) -> Recording:
    """A recording of a tone."""
    return read_recording(write_tone(folder / "tone.wav", seconds, rate, channels))


def staircase(folder: Path, pictures: int) -> Recording:
    """A recording that is louder in each picture."""
    levels = 0.01 + 0.45 * np.arange(pictures) / pictures
    soundfile.write(folder / "staircase.wav", np.repeat(levels, 640), 16_000)
    return read_recording(folder / "staircase.wav")
