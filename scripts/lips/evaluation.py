"""What a lip network is judged by: errors, closures found and invented, rest, level, timing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from livetalk.engines.viseme.features import VisemeFeatures
from livetalk.engines.viseme.network import LipNetwork
from livetalk.engines.viseme.shape import CLOSED, JAW, PARAMETERS
from livetalk.types import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Float32Array
from scripts.lips.corpus import as_pcm
from scripts.lips.heldout import Judged
from scripts.lips.sounds import at_level, narrow, noise, room, with_noise

SHUT = 0.5
"""`closed` from here on counts as a closure"""
TOLERANCE_S = 0.04
USUAL_PEAK_DB = -3.0

Treatment = Callable[[Float32Array, np.random.Generator], Float32Array]

TREATMENTS: dict[str, Treatment] = {
    "clean": lambda sound, _: at_level(sound, USUAL_PEAK_DB),
    "full scale": lambda sound, _: at_level(sound, 0),
    "35 dB down": lambda sound, _: at_level(sound, -35),
    "noise, SNR 20 dB": lambda sound, rng: at_level(with_noise(sound, 20, rng), USUAL_PEAK_DB),
    "noise, SNR 10 dB": lambda sound, rng: at_level(with_noise(sound, 10, rng), USUAL_PEAK_DB),
    "room": lambda sound, rng: at_level(room(sound, rng), USUAL_PEAK_DB),
    "telephone": lambda sound, rng: at_level(narrow(sound, rng), USUAL_PEAK_DB),
}


@dataclass(frozen=True, slots=True)
class Closures:
    """How a track's closures compare with the labelled ones."""

    labelled: int = 0
    found: int = 0
    invented: int = 0

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


@dataclass(frozen=True, slots=True)
class Score:
    """How well a network does on some speech."""

    errors: Float32Array
    """(7,), mean absolute"""
    closures: Closures
    lag_ms: float
    """of the jaw behind the labelled jaw"""
    loudness_lag_ms: float
    """of the mouth's opening behind the sound's loudness"""
    liveliness: float
    """movement from picture to picture, as a share of the labels' own"""

    @property
    def error(self) -> float:
        """Mean absolute error over all parameters."""
        return float(self.errors.mean())


def mouths_of(network: LipNetwork, sound: Float32Array) -> Float32Array:
    """(n // 640, 7) for (n,) samples in [-1, 1]."""
    features = VisemeFeatures()
    return network(np.stack([*features.push(as_pcm(sound)), *features.flush()]))


def score(network: LipNetwork, speech: Sequence[Judged], treat: Treatment, seed: int) -> Score:
    """Judge a network on speech that was treated in some way."""
    rng = np.random.default_rng(seed)
    guessed = [mouths_of(network, treat(one.sound, rng)) for one in speech]
    closures = sum(
        (compare_closures(mouths, one.closures) for mouths, one in zip(guessed, speech, strict=True)),
        Closures(),
    )
    guess, truth = np.concatenate(guessed), np.concatenate([one.mouths for one in speech])
    level = np.concatenate([loudness(one.sound) for one in speech])
    return Score(
        errors=np.abs(guess - truth).mean(axis=0),
        closures=closures,
        lag_ms=lag_ms(guess[:, JAW], truth[:, JAW]),
        loudness_lag_ms=lag_ms(opening(guess), level),
        liveliness=float(np.abs(np.diff(guess, axis=0)).mean() / np.abs(np.diff(truth, axis=0)).mean()),
    )


def opening(mouths: Float32Array) -> Float32Array:
    """(n,): how far the lips are apart, which closing overrules."""
    result: Float32Array = mouths[:, JAW] * (1 - mouths[:, CLOSED])
    return result


def restlessness(network: LipNetwork, count: int, seed: int) -> Float32Array:
    """(count,): the most that any parameter shows, 200 ms into so many kinds of room tone, hiss and hum."""
    rng = np.random.default_rng(seed)
    highest = []
    for _ in range(count):
        level = 10 ** (rng.uniform(-75, -35) / 20)
        sound = noise(FRAME_SAMPLES * 50, rng) * np.float32(level)
        highest.append(mouths_of(network, sound)[5:].max())
    return np.array(highest, np.float32)


def shut_spans(mouths: Float32Array) -> list[tuple[float, float]]:
    """Runs of pictures with the lips shut, in seconds."""
    shut = np.concatenate(([0], mouths[:, CLOSED] >= SHUT, [0]))
    edges = np.flatnonzero(np.diff(shut))
    return [(float(start * FRAME_S), float(end * FRAME_S)) for start, end in edges.reshape(-1, 2)]


def compare_closures(mouths: Float32Array, labelled: Sequence[tuple[float, float]]) -> Closures:
    """A closure is found when a shut picture lies within 40 ms of it; a run near none is invented."""
    spans = shut_spans(mouths)
    found = sum(any(_near(label, span) for span in spans) for label in labelled)
    invented = sum(not any(_near(label, span) for label in labelled) for span in spans)
    return Closures(len(labelled), found, invented)


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] - TOLERANCE_S < other[1] and other[0] < one[1] + TOLERANCE_S


def loudness(sound: Float32Array, range_db: float = 60) -> Float32Array:
    """(n // 640,) decibels of each picture's own 40 ms, no lower than `range_db` below the loudest."""
    pictures = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    decibels = 20 * np.log10(np.sqrt((pictures**2).mean(axis=1)) + 1e-7)
    result: Float32Array = np.maximum(decibels, decibels.max() - range_db).astype(np.float32)
    return result


def lag_ms(late: Float32Array, early: Float32Array) -> float:
    """By how much one track is behind another, both at picture rate.

    The peak of the cross-correlation, found between pictures by a parabola.
    """
    one, other = late - late.mean(), early - early.mean()
    reach = 5
    shifts = np.arange(-reach, reach + 1)
    scores = np.array([np.dot(one[reach + s : len(one) - reach + s], other[reach:-reach]) for s in shifts])
    best = int(np.clip(scores.argmax(), 1, len(scores) - 2))
    before, at, after = scores[best - 1 : best + 2]
    between = 0.5 * (before - after) / (before - 2 * at + after)
    return float((shifts[best] + between) * FRAME_S * 1000)


def report(network: LipNetwork, speech: Sequence[Judged], seed: int) -> dict[str, object]:
    """All of it, as JSON."""
    scores = {name: score(network, speech, treat, seed) for name, treat in TREATMENTS.items()}
    noises = restlessness(network, 60, seed)
    return {
        "utterances": len(speech),
        "seconds": round(sum(len(one.sound) for one in speech) / SAMPLE_RATE),
        "scores": {name: _as_json(one) for name, one in scores.items()},
        "noise: share at rest": round(float((noises < 0.05).mean()), 3),
        "noise: highest": round(float(noises.max()), 3),
    }


def _as_json(one: Score) -> dict[str, object]:
    return {
        "mean absolute error": round(one.error, 4),
        "by parameter": {
            name: round(float(value), 4) for name, value in zip(PARAMETERS, one.errors, strict=True)
        },
        "closures": one.closures.labelled,
        "closures found": round(one.closures.recall, 3),
        "closures invented": round(one.closures.false_alarms, 3),
        "jaw behind label, ms": round(one.lag_ms, 1),
        "opening behind loudness, ms": round(one.loudness_lag_ms, 1),
        "liveliness": round(one.liveliness, 3),
    }
