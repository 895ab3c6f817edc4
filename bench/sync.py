"""Lips against sound: by how much the picture comes after the sound it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.decode import Array
from bench.mouth import remove_slow
from bench.packets import AUDIO_RATE, PlacedReport

FRAME_S = 0.04
"""a picture stands for this long, and so much sound belongs to it"""
WINDOW_S = 4.0
REACH_S = 0.3
"""offsets further than this are not looked for"""
_STEP_S = 0.001
_PEAK_S = 0.008
"""a parabola is laid through the best offset and those this far to its sides"""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that changes over time."""

    times_s: npt.NDArray[np.float64]
    """(n,), rising"""
    values: Array
    """(n,)"""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where an RTP timestamp stands on the sender's wall clock, as its reports declare."""

    rate: int
    origin_s: float
    """when timestamp 0 was, seconds since 1970: the middle of what the reports say"""
    wander_ms: float
    """largest less smallest origin that single reports gave"""

    def time_s(self, timestamps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """When these timestamps play."""
        return self.origin_s + timestamps / self.rate


def read_clock(reports: Sequence[PlacedReport], rate: int) -> Clock | None:
    """Lay a clock of known rate through sender reports (RFC 3550 section 6.4.1); None without any.

    A report before the first packet (timestamp and time zero) says nothing and is left out.
    """
    origins = [report.ntp_s - report.timestamp / rate for report in reports if report.ntp_s > 0]
    if not origins:
        return None
    return Clock(rate, float(np.median(origins)), (max(origins) - min(origins)) * 1000)


def loudness(samples: Array) -> Signal:
    """How loud the 40 ms are that begin at each millisecond of (n,) samples at 48 kHz.

    Root mean square; times are seconds from the first sample.
    """
    hop = AUDIO_RATE // 1000
    length = round(FRAME_S * AUDIO_RATE)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, len(samples) - length, hop)
    means = (power[starts + length] - power[starts]) / length
    return Signal(starts / AUDIO_RATE, np.sqrt(means.clip(min=0)).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Offset:
    """One window's result."""

    start_s: float
    picture_minus_sound_ms: float
    """above 0 the picture is late"""
    correlation: float
    """of mouth and loudness at that offset, 1 at best"""


def offset(mouth: Signal, sound: Signal, start_s: float) -> Offset:
    """Slide the sound under one window of the mouth, to where they fit best.

    Both are read at 1 kHz (linear between their values) with slow changes taken out, and compared
    by Pearson's correlation; a parabola through the best offset's surroundings finds the peak.
    """
    steps, reach = round(WINDOW_S / _STEP_S), round(REACH_S / _STEP_S)
    grid = _times(start_s, 0, steps)
    wide = _times(start_s, -reach, steps + reach)
    seen = _read(mouth, grid)
    heard = _read(sound, wide)
    slid = np.lib.stride_tricks.sliding_window_view(heard, len(grid))
    # a window that begins early in `heard` is sound from before: the picture comes after it
    scores = np.array([_pearson(seen, part) for part in slid])[::-1]
    best = int(scores.argmax())
    fine = _parabola(scores, best, round(_PEAK_S / _STEP_S))
    return Offset(start_s, (fine - reach) * _STEP_S * 1000, float(scores[best]))


def _times(start_s: float, first: int, last: int) -> npt.NDArray[np.float64]:
    return np.asarray(start_s + np.arange(first, last) * _STEP_S, np.float64)


def _read(signal: Signal, grid: npt.NDArray[np.float64]) -> Array:
    values = np.interp(grid, signal.times_s, signal.values).astype(np.float32)
    return remove_slow(values[:, None], grid)[:, 0]


def _pearson(one: Array, other: Array) -> float:
    a, b = one - one.mean(), other - other.mean()
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / scale if scale > 0 else 0.0


def _parabola(scores: npt.NDArray[np.float64], best: int, side: int) -> float:
    if best < side or best + side >= len(scores):
        return float(best)
    left, middle, right = scores[best - side], scores[best], scores[best + side]
    curve = left - 2 * middle + right
    return best + (side * 0.5 * float((left - right) / curve) if curve < 0 else 0.0)


def arrival_times(
    times_s: npt.NDArray[np.float64], media_s: npt.NDArray[np.float64], arrived_s: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """When moments of the sound arrived: with the packet that holds them, and as far into it.

    `media_s` and `arrived_s` are each packet's first moment and arrival, (packets,). The result
    never falls.
    """
    holder = (np.searchsorted(media_s, times_s, side="right") - 1).clip(min=0)
    arrived = arrived_s[holder] + (times_s - media_s[holder])
    return np.asarray(np.maximum.accumulate(arrived), np.float64)
