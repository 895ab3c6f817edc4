"""Pacing: when each word of a sentence sounds, guessed for voices that do not tell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from livetalk.types import Word

TELLS_WITHIN_S = 0.1
"""a voice that has told no word by then tells none"""
SECONDS_A_LETTER = 0.066
"""about 15 Latin letters a second, as people read aloud"""
WIDE = 3.0
"""letters that a character of Chinese, Japanese or Korean is worth"""
PAUSE = 4.0
"""letters that a mark between two words is worth"""
LEARNS = 0.3
"""how much of the pace is the last sentence's"""
SHORTEST = 12.0
"""letters: shorter sentences teach nothing"""
_PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_SAID = re.compile(r"[^\W_]")


class Pacing:
    """Spreads the words of a sentence over its sound by their length; learns the voice's pace."""

    def __init__(self) -> None:
        self._seconds = SECONDS_A_LETTER

    def words(self, text: str) -> Iterator[tuple[float, Word]]:
        """Each word, and the seconds into the sound at which it begins."""
        before = 0.0
        for count, word in weighed(text):
            if word is not None:
                yield before * self._seconds, word
            before += count

    def learn(self, text: str, seconds: float) -> None:
        """A sentence took so long."""
        letters = sum(count for count, _ in weighed(text))
        if letters >= SHORTEST and seconds > 0:
            self._seconds += LEARNS * (seconds / letters - self._seconds)


def weighed(text: str) -> Iterator[tuple[float, Word | None]]:
    """Each piece of a text: for how many letters' time it sounds, and the word that it is, if it is one."""
    for found in _PIECE.finditer(text):
        said = _SAID.search(found[0])
        yield _letters(found[0]), Word(found[0], found.start(), estimated=True) if said else None


def _letters(piece: str) -> float:
    """How long a piece takes, counted in Latin letters; the blank behind it is one."""
    if unicodedata.east_asian_width(piece[0]) in "WF" and _SAID.match(piece):
        return WIDE
    return len(piece) + (PAUSE if not _SAID.match(piece[-1]) else 1.0)


__all__ = ["SECONDS_A_LETTER", "TELLS_WITHIN_S", "Pacing", "weighed"]
