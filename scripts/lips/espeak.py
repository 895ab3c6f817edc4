"""espeak-ng through ctypes: synthetic speech that says which phone sounds when.

The library keeps global state: one synthesis at a time in a process.
"""

from __future__ import annotations

import ctypes
import zlib
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np

from livetalk.types import Int16Array

AUDIO_SYNCHRONOUS = 2
PHONEME_EVENTS, PHONEME_IPA, DONT_EXIT = 0x1, 0x2, 0x8000
LIST_TERMINATED, PHONEME = 0, 7
CHARS_UTF8, PARSE_PHONEMES = 0x1, 0x100
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


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
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        options = PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT
        path = espeakng_loader.get_data_path().encode()
        self.rate: int = self._library.espeak_Initialize(AUDIO_SYNCHRONOUS, 0, path, options)
        if self.rate <= 0:
            raise RuntimeError(f"espeak-ng did not start with the data in {path!r}")
        self._pieces: list[bytes] = []
        self._phones: list[Phone] = []
        self._callback = _CALLBACK(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: int | None, count: int, events: ctypes.Array[_Event]) -> int:
        if samples and count > 0:
            self._pieces.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while (event := events[index]).type != LIST_TERMINATED:
            if event.type == PHONEME:
                ipa = bytes(event.id.string).decode("utf-8", "ignore")
                self._phones.append(Phone(ipa, event.sample))
            index += 1
        return 0

    def speak(self, text: str, voice: Voice) -> Utterance:
        """Synthesise; `[[...]]` in the text is read as espeak's own phoneme names.

        Raises:
            ValueError: there is no such voice.
        """
        if self._library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice.name!r}")
        for parameter, value in (
            (RATE, voice.words_per_minute),
            (PITCH, voice.pitch),
            (RANGE, voice.pitch_range),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._pieces, self._phones = [], []
        encoded = text.encode() + b"\0"
        # the noise of breath would else be seeded by the clock, and no corpus could be made twice
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(zlib.crc32(encoded)))
        flags = CHARS_UTF8 | PARSE_PHONEMES
        self._library.espeak_Synth(encoded, len(encoded), 0, 1, 0, flags, None, None)
        pcm = np.frombuffer(b"".join(self._pieces), np.int16)
        return Utterance(pcm, self.rate, tuple(self._phones))


@cache
def espeak() -> Espeak:
    """The one synthesiser."""
    return Espeak()
