"""How much of each movement there is in each frame of the loop: smooth curves that end where they begin.

A curve is a sum of waves that fit a whole number of times into the loop, with phases drawn by chance:
it never looks as if it repeats within the loop, and frame 0 follows the last one like any other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from livetalk.types import FPS, Float32Array

FRAMES = 8 * FPS
"""of the loop"""
ACROSS, ALONG, ROLL, TURN, NOD, BREATH = range(6)
"""the movements: the head goes sideways, up or down, leans, turns, nods; the chest rises"""
AMPLITUDES = (0.02, 0.006, 0.011, 0.03, 0.022, 0.011)
"""at most: in face widths, but of `ROLL`, `TURN`, `NOD` in radians"""
WAVES = ((1, 1.0), (2, 0.55), (3, 0.35), (5, 0.08))
"""times in the loop, and how high, of what the head does"""
LEAD = 0.6
"""share of `TURN` that goes with `ACROSS`: who moves to a side looks there"""
BREATHS = 2
"""in the loop: fifteen a minute"""
BLINK = (0.45, 0.92, 1.0, 0.97, 0.72, 0.4, 0.14)
"""how closed the eyes are in the frames of a blink: shut fast, opened slower"""
BLINK_MARGIN = 15
"""frames at both ends of the loop in which none begins, or is still going on"""
BLINK_APART = 38
"""frames at least from one to the next"""


def curves(rng: np.random.Generator, frames: int = FRAMES) -> Float32Array:
    """(frames, 6): how much of each movement, in the units of `AMPLITUDES`."""
    shares = np.column_stack([_wander(rng, frames) for _ in range(BREATH)] + [_breath(rng, frames)])
    shares[:, TURN] = LEAD * shares[:, ACROSS] + (1 - LEAD) * shares[:, TURN]
    return (shares * AMPLITUDES).astype(np.float32)


def blinks(rng: np.random.Generator, frames: int = FRAMES) -> Float32Array:
    """(frames,): how closed the eyes are, 0 open; two or three times, at irregular moments."""
    times = int(rng.integers(2, 4))
    room = frames - 2 * BLINK_MARGIN - len(BLINK) - (times - 1) * BLINK_APART
    starts = BLINK_MARGIN + np.sort(rng.integers(0, room, times)) + np.arange(times) * BLINK_APART
    closed = np.zeros(frames, np.float32)
    for start in starts:
        closed[start : start + len(BLINK)] = BLINK
    return closed


def _turns(frames: int) -> npt.NDArray[np.float64]:
    """Once around the circle, a step for each frame."""
    return np.arange(frames, dtype=np.float64) * (2 * np.pi / frames)


def _wander(rng: np.random.Generator, frames: int) -> npt.NDArray[np.float64]:
    """Within [-1, 1]."""
    phases = rng.uniform(0, 2 * np.pi, len(WAVES))
    heights = rng.uniform(0.7, 1.3, len(WAVES)) * [height for _, height in WAVES]
    waves = [
        height * np.sin(times * _turns(frames) + phase)
        for (times, _), height, phase in zip(WAVES, heights, phases, strict=True)
    ]
    total = np.sum(waves, axis=0)
    return np.asarray(total / np.abs(total).max())


def _breath(rng: np.random.Generator, frames: int) -> npt.NDArray[np.float64]:
    """0 let out, 1 full; drawn in faster than let out, and one breath is not as deep as the next."""
    turn = _turns(frames) + rng.uniform(0, 2 * np.pi)
    phase = BREATHS * turn
    depth = 0.88 + 0.12 * np.cos(turn + rng.uniform(0, 2 * np.pi))
    return np.asarray(depth * (0.5 - 0.5 * np.cos(phase + 0.45 * np.sin(phase))))


__all__ = [
    "ACROSS",
    "ALONG",
    "BLINK",
    "BLINK_MARGIN",
    "BREATH",
    "FRAMES",
    "NOD",
    "ROLL",
    "TURN",
    "blinks",
    "curves",
]
