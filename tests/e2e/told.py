"""A recogniser for tests, found by an entry point as any plugin is: it understands what it was told to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from livetalk.protocols import Cancel, STTOptions, Transcript
from livetalk.types import SAMPLE_RATE, Int16Array

GUESS_S = 0.4
"""speech after which the first words are guessed"""


class Told:
    """Guesses the first half of its text while it listens, and knows all of it in the end."""

    def __init__(self, options: STTOptions) -> None:
        """Take the text from `says` of the options."""
        self._text = str(options.extra["says"])

    def load(self) -> None:
        """Ready."""

    def transcribe(self, sound: Iterator[Int16Array], cancel: Cancel) -> Iterator[Transcript]:
        """Guess once, then tell."""
        words = self._text.split()
        heard = 0
        for piece in sound:
            if heard < GUESS_S * SAMPLE_RATE <= heard + len(piece):
                yield Transcript(" ".join(words[: len(words) // 2]), final=False)
            heard += len(piece)
        if not cancel():
            yield Transcript(self._text, final=True)

    def close(self) -> None:
        """Nothing to let go of."""


def installed_in(folder: Path) -> dict[str, str]:
    """Install it as `told` into a folder; the environment of a process that finds it there."""
    package = folder / "told-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: told\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[livetalk.stt]\ntold = tests.e2e.told:Told\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


__all__ = ["Told", "installed_in"]
