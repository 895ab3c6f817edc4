"""What the network is judged by: errors, closures found and invented, rest, timing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livetalk.engines.viseme.shape import CLOSED
from livetalk.types import FRAME_S, Float32Array

SHUT = 0.5
"""`closed` from here on counts as a closure"""
TOLERANCE_S = 0.04


@dataclass(frozen=True, slots=True)
class Closures:
    """How a track's closures compare with the labelled ones."""

    labelled: int
    found: int
    invented: int

    @property
    def recall(self) -> float:
        """Share of the labelled ones that the picture shows."""
        return self.found / max(self.labelled, 1)

    @property
    def false_alarms(self) -> float:
        """Invented ones, as a share of the labelled."""
        return self.invented / max(self.labelled, 1)

    def __add__(self, other: Closures) -> Closures:
        return Closures(
            self.labelled + other.labelled, self.found + other.found, self.invented + other.invented
        )


NO_CLOSURES = Closures(0, 0, 0)


def shut_spans(mouths: Float32Array) -> list[tuple[float, float]]:
    """Runs of pictures with the lips shut, in seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mouths[:, CLOSED] >= SHUT, [0]))))
    return [(float(start * FRAME_S), float(end * FRAME_S)) for start, end in edges.reshape(-1, 2)]


def compare_closures(mouths: Float32Array, labelled: Sequence[tuple[float, float]]) -> Closures:
    """A closure is found when a shut picture lies within 40 ms of it; a run near none is invented."""
    spans = shut_spans(mouths)
    found = sum(any(_near(label, span) for span in spans) for label in labelled)
    invented = sum(not any(_near(label, span) for label in labelled) for span in spans)
    return Closures(len(labelled), found, invented)


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] - TOLERANCE_S < other[1] and other[0] < one[1] + TOLERANCE_S


def loudness(sound: Float32Array) -> Float32Array:
    """(n // 640,) decibels of each picture's own 40 ms, no lower than -60 below the loudest."""
    pictures = sound[: len(sound) // 640 * 640].reshape(-1, 640)
    decibels = 20 * np.log10(np.sqrt((pictures**2).mean(axis=1)) + 1e-7)
    result: Float32Array = np.maximum(decibels, decibels.max() - 60)
    return result


def lag_ms(mouth: Float32Array, sound_level: Float32Array) -> float:
    """By how much the mouth is late: the peak of the cross-correlation, between pictures by a parabola."""
    a, b = mouth - mouth.mean(), sound_level - sound_level.mean()
    shifts = range(-5, 6)
    scores = np.array([np.dot(a[5 + s : len(a) - 5 + s], b[5:-5]) for s in shifts])
    best = int(np.clip(scores.argmax(), 1, len(scores) - 2))
    before, at, after = scores[best - 1 : best + 2]
    between = 0.5 * (before - after) / (before - 2 * at + after)
    return float((shifts[best] + between) * FRAME_S * 1000)
