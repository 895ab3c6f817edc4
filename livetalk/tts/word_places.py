"""Where in a sentence the words stand that a provider names, though it may write them in its own way."""

from __future__ import annotations

import unicodedata

REACH = 40
"""characters in which the next word is looked for; further with each that was not found"""


class WordPlaces:
    """Finds one word after the other, never backwards.

    A word that the provider changed ("one" for "1") is not found, and has no place; those behind it have.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded = _folded(text)
        self._at = 0
        self._missed = 0

    def find(self, word: str) -> tuple[str, int] | None:
        """The word as the sentence has it, and the index of its first character."""
        wanted = _bare(_folded(word))
        if not wanted:
            return None
        end = self._at + REACH * (1 + self._missed) + len(wanted)
        index = self._folded.find(wanted, self._at, end)
        while index >= 0 and not self._stands_alone(index, index + len(wanted)):
            index = self._folded.find(wanted, index + 1, end)
        if index < 0:
            self._missed += 1
            return None
        self._at, self._missed = index + len(wanted), 0
        return self._text[index : self._at], index

    def _stands_alone(self, start: int, end: int) -> bool:
        """Whether no word goes on across its borders."""
        return not any(
            0 < border < len(self._text) and _joined(self._text[border - 1], self._text[border])
            for border in (start, end)
        )


def _folded(text: str) -> str:
    """The text in one case and width, each character still in its place."""
    return "".join(
        new if len(new := unicodedata.normalize("NFKC", character).lower()) == 1 else character
        for character in text
    )


def _bare(word: str) -> str:
    """Without marks around it."""
    letters = [place for place, character in enumerate(word) if character.isalnum()]
    return word[letters[0] : letters[-1] + 1] if letters else ""


def _joined(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word."""
    return left.isalnum() and right.isalnum() and _has_blanks(left) and _has_blanks(right)


def _has_blanks(character: str) -> bool:
    """Whether its script sets blanks between words: not Chinese, Japanese, Thai, Lao or Khmer."""
    code = ord(character)
    return not (
        0x0E00 <= code < 0x0F00
        or 0x1780 <= code < 0x1800
        or 0x2E80 <= code < 0xAC00
        or 0xF900 <= code < 0xFB00
        or 0xFF66 <= code < 0xFFA0
        or 0x20000 <= code < 0x31350
    )


__all__ = ["WordPlaces"]
