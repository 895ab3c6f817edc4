"""Captions: when the words of a reply sound, where whoever speaks it tells no times."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from livetalk.pipeline.pacing import SECONDS_A_LETTER, weighed
from livetalk.types import EventFields, Mark, SpeechEnd, SpeechStart, Word


@dataclass(frozen=True, slots=True)
class Cue:
    """Something is to be marked in the sound."""

    at_sample: int
    """of the reply, at its rate"""
    mark: Mark


@dataclass(frozen=True, slots=True)
class _Spot:
    """A word that waits for its sound."""

    letters: float
    """whose time it takes"""
    earliest: int
    """sample: its text came together with what sounds from here on"""
    sentence: str
    begins: bool
    """the sentence begins with it"""
    word: Word | None
    """None for marks that nobody says"""


class Captions:
    """Spreads words over sound by their length; none sounds before the sound that came with its text.

    While more sound may come, a word takes as long as people need for it; once all of it is there, the words
    that are left share what is left.
    """

    def __init__(self, rate: int, fields: EventFields) -> None:
        self._rate = rate
        self._fields = fields
        self._spots: deque[_Spot] = deque()
        self._letters = 0.0
        """of all that wait"""
        self._next = 0.0
        """sample that the next word begins at"""
        self.sentence = ""
        """the one that is being said"""

    def write(self, sentence: str, earliest: int) -> None:
        """Add a sentence, whose text came when there were so many samples."""
        for place, (letters, word) in enumerate(weighed(sentence)):
            self._spots.append(_Spot(letters, earliest, sentence, place == 0, word))
            self._letters += letters

    def due(self, upto: int, end: int | None) -> Iterator[Cue]:
        """What is to be marked before a sample; `end` is the last one of the reply, where it is known."""
        while self._spots:
            spot = self._spots[0]
            at = max(self._next, spot.earliest)
            if at >= upto:
                return
            letter = SECONDS_A_LETTER * self._rate if end is None else max(0, end - at) / self._letters
            self._next = at + spot.letters * letter
            yield from self._take(int(at))

    def rest(self, at_sample: int) -> Iterator[Cue]:
        """All that is left, where the sound ends."""
        while self._spots:
            yield from self._take(at_sample)

    def _take(self, at: int) -> Iterator[Cue]:
        spot = self._spots.popleft()
        self._letters -= spot.letters
        if spot.begins:
            if self.sentence:
                yield Cue(at, SpeechEnd(self.sentence, last=False, fields=self._fields))
            self.sentence = spot.sentence
            yield Cue(at, SpeechStart(spot.sentence, first=False, fields=self._fields))
        if spot.word is not None:
            yield Cue(at, spot.word)


__all__ = ["Captions", "Cue"]
