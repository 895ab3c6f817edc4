"""A session's sound on its way to a device: written as it comes, read at any moment of the session's time."""

from __future__ import annotations

import threading

import numpy as np

from livetalk.audio.fractional import Interpolator
from livetalk.protocols import Tick, VideoFormat
from livetalk.transports.local.playhead import Stretch
from livetalk.types import FRAME_SAMPLES, SAMPLE_RATE, Float32Array

HELD = 4 * SAMPLE_RATE
"""samples that are kept"""
FULL_SCALE = 32768


class SoundLine:
    """A reader of a broadcast: what is old is overwritten, what is not there is silence."""

    format: VideoFormat | None = None
    wants_opus = False
    key_frame_s: float | None = None

    def __init__(self) -> None:
        self.ticks = 0
        """that came"""
        self.underruns = 0
        """times that sound was asked for before it was there"""
        self._lock = threading.Lock()
        self._ring: Float32Array = np.zeros(HELD, np.float32)
        self._begin_s: float | None = None
        """when sample 0 was due"""
        self._end = 0
        """index of the sample after the last one written"""
        self._dry = True
        self._interpolator = Interpolator()

    def take(self, tick: Tick) -> None:
        """Write a tick's sound where it is due; ticks that were left out become silence."""
        with self._lock:
            if self._begin_s is None:
                self._begin_s = tick.due
            start = round((tick.due - self._begin_s) * SAMPLE_RATE)
            if start > self._end:
                gap = np.arange(max(self._end, start - HELD), start) % HELD
                self._ring[gap] = 0
            places = np.arange(start, start + FRAME_SAMPLES) % HELD
            self._ring[places] = tick.frame.pcm.astype(np.float32) / FULL_SCALE
            self._end = start + FRAME_SAMPLES
            self.ticks += 1

    def read(self, stretch: Stretch, count: int) -> Float32Array:
        """`count` samples from a moment on, (count,), -1 to 1."""
        if self._begin_s is None:
            return np.zeros(count, np.float32)
        position = (stretch.start_s - self._begin_s) * SAMPLE_RATE
        step = stretch.step_s * SAMPLE_RATE
        first, needed = self._interpolator.span(position, step, count)
        made = self._interpolator.read(self._samples(first, needed), position - first, step, count)
        return np.clip(made, -1, 1)

    def _samples(self, first: int, count: int) -> Float32Array:
        places = np.arange(first, first + count)
        with self._lock:
            there = (places >= max(0, self._end - HELD)) & (places < self._end)
            samples: Float32Array = np.where(there, self._ring[places % HELD], np.float32(0))
            dry = first + count > self._end
        self.underruns += dry and not self._dry
        self._dry = dry
        return samples


__all__ = ["SoundLine"]
