"""espeak-ng's C interface (its speak_lib.h), as far as it is used.

espeak-ng has global state and its own licence (GPLv3): open it only in a process that holds nothing else.
Imports nothing but the standard library and `espeakng_loader`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

PHONEME_EVENTS, PHONEME_IPA = 0x1, 0x2
"""options of `open_library`: tell about phonemes, in IPA"""
CHARS_UTF8, PARSE_PHONEMES = 0x1, 0x100
"""flags of `synthesise`: what the text is; `[[...]]` in it holds espeak's own phoneme names"""
RATE, PITCH, RANGE = 1, 3, 4
"""parameters"""
WORD, PHONEME = 1, 7
"""types of events"""

_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_LIST_TERMINATED = 0
_POSITION_CHARACTER = 1


class Event(ctypes.Structure):
    """espeak_EVENT."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class _Voice(ctypes.Structure):
    """espeak_VOICE."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender_age_variant", ctypes.c_ubyte * 4),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))


class Library:
    """The one synthesiser of this process."""

    def __init__(self, take: Callable[[bytes, Iterator[Event]], bool], options: int = 0) -> None:
        """Open it; `take` gets sound as it is made (int16 mono), with its events, and says whether to go on.

        Raises:
            RuntimeError: its data cannot be read.
        """
        import espeakng_loader

        self.data: str = espeakng_loader.get_data_path()
        self._take = take
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self.rate_hz: int = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, self.data.encode(), options | _DONT_EXIT
        )
        if self.rate_hz <= 0:
            raise RuntimeError(f"espeak-ng cannot read its data below {self.data}")
        self._callback = _Callback(self._made)
        self._library.espeak_SetSynthCallback(self._callback)

    def voices(self) -> list[str]:
        """Identifiers of all voices, such as "gmw/en-US"."""
        voices = self._library.espeak_ListVoices(None)
        found: list[str] = []
        while voices[len(found)]:
            found.append(voices[len(found)].contents.identifier.decode())
        return found

    def choose(self, voice: bytes, parameters: dict[int, int]) -> bool:
        """Speak with this voice from now on; False when there is no such voice."""
        if self._library.espeak_SetVoiceByName(voice):
            return False
        for parameter, value in parameters.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        return True

    def seed(self, number: int) -> None:
        """Of the noise in breath and fricatives, which else differs from one time to the next."""
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(number))

    def synthesise(self, text: bytes, flags: int = CHARS_UTF8) -> int:
        """Speak a text; returns once `take` has had all of it. An error's code, or 0."""
        terminated = text + b"\0"
        code: int = self._library.espeak_Synth(
            terminated, len(terminated), 0, _POSITION_CHARACTER, 0, flags, None, None
        )
        return code

    def _made(self, samples: int | None, count: int, events: Any) -> int:
        sound = ctypes.string_at(samples, 2 * count) if samples and count > 0 else b""
        return 0 if self._take(sound, _until_end(events)) else 1


def _until_end(events: Any) -> Iterator[Event]:
    index = 0
    while events[index].type != _LIST_TERMINATED:
        yield events[index]
        index += 1
