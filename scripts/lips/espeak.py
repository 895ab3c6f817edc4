"""espeak-ng, for the corpus: synthetic speech that says which phone sounds when.

The library keeps global state: one synthesis at a time in a process.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from livetalk.tts.espeak_library import (
    CHARS_UTF8,
    PARSE_PHONEMES,
    PHONEME,
    PHONEME_EVENTS,
    PHONEME_IPA,
    PITCH,
    RANGE,
    RATE,
    Event,
    Library,
)
from livetalk.types import Int16Array


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone begins to sound."""

    ipa: str
    """"" or "_" for a pause"""
    start: int
    """sample"""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech with its phones."""

    pcm: Int16Array
    """(n,), mono"""
    rate: int
    """Hz"""
    phones: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and how."""

    name: str
    """language and variant, such as "en-us+f3" """
    words_per_minute: int = 165
    pitch: int = 50
    """0 to 100"""
    pitch_range: int = 50
    """0 to 100, monotone to lively"""


class Espeak:
    """The synthesiser of this process."""

    def __init__(self) -> None:
        self._library = Library(self._collect, PHONEME_EVENTS | PHONEME_IPA)
        self._pieces: list[bytes] = []
        self._phones: list[Phone] = []

    def _collect(self, sound: bytes, events: Iterator[Event]) -> bool:
        self._pieces.append(sound)
        for event in events:
            if event.type == PHONEME:
                self._phones.append(Phone(event.id.decode("utf-8", "ignore"), event.sample))
        return True

    def speak(self, text: str, voice: Voice) -> Utterance:
        """Synthesise; `[[...]]` in the text is read as espeak's own phoneme names.

        Raises:
            ValueError: there is no such voice.
        """
        manner = {RATE: voice.words_per_minute, PITCH: voice.pitch, RANGE: voice.pitch_range}
        if not self._library.choose(voice.name.encode(), manner):
            raise ValueError(f"espeak-ng has no voice {voice.name!r}")
        self._pieces, self._phones = [], []
        encoded = text.encode()
        # the noise of breath would else be seeded by the clock, and no corpus could be made twice
        self._library.seed(zlib.crc32(encoded + b"\0"))
        self._library.synthesise(encoded, CHARS_UTF8 | PARSE_PHONEMES)
        pcm = np.frombuffer(b"".join(self._pieces), np.int16)
        return Utterance(pcm, self._library.rate_hz, tuple(self._phones))


@cache
def espeak() -> Espeak:
    """The one synthesiser."""
    return Espeak()
