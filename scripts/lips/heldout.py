"""Speech of held-out voices, to judge by; as a program it writes some to a file.

    python -m scripts.lips.heldout OUTPUT.npz --utterances 40 --seed 7

A test reads the file, so that espeak-ng is only ever loaded in a process of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livetalk.types import Float32Array
from scripts.lips.corpus import HELD_OUT_VARIANTS, Speech, rolling_pictures, utterance

FRAMES_PER_PICTURE = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """An utterance with its labels at picture rate."""

    sound: Float32Array
    """(n,), 16 kHz, peak 1, n a multiple of 640"""
    mouths: Float32Array
    """(n // 640, 7)"""
    closures: tuple[tuple[float, float], ...]
    """s"""


def judged(speech: Speech) -> Judged:
    """The same, as it will be compared."""
    mouths = rolling_pictures(speech.track)[::FRAMES_PER_PICTURE]
    return Judged(speech.sound, mouths, tuple(speech.closures))


def held_out(utterances: int, seed: int) -> list[Judged]:
    """Speech of voices that no training has heard."""
    rng = np.random.default_rng(seed)
    return [judged(utterance(HELD_OUT_VARIANTS, rng)) for _ in range(utterances)]


def save(path: Path, speech: Sequence[Judged]) -> None:
    """Write numbers only, no pickle."""
    arrays: dict[str, Float32Array] = {}
    for index, one in enumerate(speech):
        arrays[f"sound{index}"] = one.sound
        arrays[f"mouths{index}"] = one.mouths
        arrays[f"closures{index}"] = np.array(one.closures, np.float32).reshape(-1, 2)
    np.savez(path, allow_pickle=False, **arrays)


def load(path: Path) -> list[Judged]:
    """Read what `save` wrote."""
    with np.load(path) as arrays:
        return [
            Judged(
                arrays[f"sound{index}"],
                arrays[f"mouths{index}"],
                tuple((float(start), float(end)) for start, end in arrays[f"closures{index}"]),
            )
            for index in range(len(arrays.files) // 3)
        ]


def main() -> None:
    """Make some, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--utterances", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    save(asked.output, held_out(asked.utterances, asked.seed))


if __name__ == "__main__":
    main()
