"""Sound and silence: when it begins, when it ends, where it is broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.decode import Array, PacketSound
from bench.packets import AUDIO_RATE

LOUD = 0.01
"""-40 dBFS: a peak at or above is sound, below is silence"""
_BLOCK_S = 0.005
_SHORTEST_DROPOUT_S = 0.010


def first_loud(sounds: Iterable[PacketSound], after_s: float) -> PacketSound | None:
    """The first packet with sound that arrived after a moment."""
    return next((sound for sound in sounds if sound.arrived_s > after_s and sound.peak >= LOUD), None)


def last_loud(sounds: Sequence[PacketSound], after_s: float) -> PacketSound | None:
    """The last packet with sound that arrived after a moment."""
    return first_loud(reversed(sounds), after_s)


@dataclass(frozen=True, slots=True)
class Dropout:
    """Silence where there should be sound."""

    at_s: float
    """since the first sample of the timeline"""
    length_s: float


def dropouts(samples: Array) -> list[Dropout]:
    """Silences of 10 ms or more between the first and the last sound of (n,) samples at 48 kHz."""
    loud = loud_blocks(samples)
    if not loud.any():
        return []
    where = np.flatnonzero(loud)
    steps = np.diff(where)
    holes = np.flatnonzero((steps - 1) * _BLOCK_S >= _SHORTEST_DROPOUT_S)
    return [
        Dropout(float((where[hole] + 1) * _BLOCK_S), float((steps[hole] - 1) * _BLOCK_S)) for hole in holes
    ]


def loud_blocks(samples: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For each 5 ms of (n,) samples at 48 kHz: is there sound?"""
    block = round(AUDIO_RATE * _BLOCK_S)
    whole = len(samples) // block * block
    peaks = np.abs(samples[:whole]).reshape(-1, block).max(axis=1, initial=0)
    return np.asarray(peaks >= LOUD)


def sounding_s(samples: Array) -> float:
    """From the first to the last sound, in seconds."""
    where = np.flatnonzero(loud_blocks(samples))
    return float((where[-1] - where[0] + 1) * _BLOCK_S) if len(where) else 0.0
