"""The program that holds espeak-ng: `python -m livetalk.tts.espeak_worker`, spoken to through its pipes.

espeak-ng has global state and its own licence (GPLv3), so it lives in a process of its own, which imports
nothing but the standard library and `espeakng_loader`.

A frame is a header, little-endian (kind: one byte, request: uint32, length: uint32), and `length` bytes:

    in   S  say      uint16 words a minute, uint16 pitch 0..99, voice, a zero byte, text; UTF-8
    out  H  hello    once, request 0: uint32 Hz, languages, a zero byte, variants; one a line, UTF-8
         P  pcm      int16 mono samples
         W  word     uint32 sample it begins at, uint32 index of its first character, uint32 its characters
         E  end      the request is done
         F  failure  the request is done, this UTF-8 message says why nothing was spoken

Requests are served in order. A word's frame comes before the sound that it begins in. The program ends when
its input does. Whatever the library prints goes to stderr.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

HEADER = struct.Struct("<cII")
SAY, HELLO, PCM, WORD, END, FAILURE = b"S", b"H", b"P", b"W", b"E", b"F"
SAY_HEAD = struct.Struct("<HH")
HELLO_HEAD = struct.Struct("<I")
WORD_BODY = struct.Struct("<III")

# constants of espeak-ng's speak_lib.h
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_POSITION_CHARACTER = 1
_CHARS_UTF8 = 1
_RATE, _PITCH = 1, 3
_EVENT_LIST_END, _EVENT_WORD = 0, 1


class _Event(ctypes.Structure):
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


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, writing what it says as frames."""

    def __init__(self, library: str, data: str, out: BinaryIO) -> None:
        self._data = data
        self._out = out
        self._request = 0
        self._library = ctypes.CDLL(library)
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._rate_hz = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT)
        if self._rate_hz <= 0:
            raise RuntimeError(f"espeak-ng cannot read its data below {data}")
        self._callback = _Callback(self._spoken)
        self._library.espeak_SetSynthCallback(self._callback)

    def hello(self) -> None:
        """Say how fast the samples are, and which voices there are."""
        voices = self._library.espeak_ListVoices(None)
        languages: list[str] = []
        while voices[len(languages)]:
            identifier = voices[len(languages)].contents.identifier.decode()
            languages.append(identifier.rpartition("/")[2].lower())
        variants = sorted(os.listdir(os.path.join(self._data, "voices", "!v")))
        names = "\n".join(languages) + "\0" + "\n".join(variants)
        self._write(HELLO, HELLO_HEAD.pack(self._rate_hz) + names.encode())

    def say(self, request: int, payload: bytes) -> None:
        """Speak a text; returns when its last frame is written."""
        self._request = request
        words_a_minute, pitch = SAY_HEAD.unpack_from(payload)
        voice, _, text = payload[SAY_HEAD.size :].partition(b"\0")
        if self._library.espeak_SetVoiceByName(voice):
            self._write(FAILURE, b"espeak-ng cannot load the voice " + voice)
            return
        self._library.espeak_SetParameter(_RATE, words_a_minute, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        terminated = text + b"\0"
        failed = self._library.espeak_Synth(
            terminated, len(terminated), 0, _POSITION_CHARACTER, 0, _CHARS_UTF8, None, None
        )
        if failed:
            self._write(FAILURE, b"espeak-ng failed with code %d" % failed)
        else:
            self._write(END, b"")

    def _spoken(self, samples: int | None, count: int, events: Any) -> int:
        """Take the next sound from the library; 1 tells it to stop."""
        try:
            index = 0
            while events[index].type != _EVENT_LIST_END:
                event = events[index]
                if event.type == _EVENT_WORD:
                    self._write(WORD, WORD_BODY.pack(event.sample, event.text_position - 1, event.length))
                index += 1
            if samples and count > 0:
                self._write(PCM, ctypes.string_at(samples, 2 * count))
        except BrokenPipeError:
            return 1
        return 0

    def _write(self, kind: bytes, payload: bytes) -> None:
        self._out.write(HEADER.pack(kind, self._request, len(payload)) + payload)
        self._out.flush()


def main() -> None:
    """Serve requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our input
    import espeakng_loader

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    espeak = Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path(), out)
    try:
        espeak.hello()
        while len(header := sys.stdin.buffer.read(HEADER.size)) == HEADER.size:
            _, request, length = HEADER.unpack(header)
            espeak.say(request, sys.stdin.buffer.read(length))
    except BrokenPipeError:
        os._exit(0)  # the parent is gone; nothing is left to be flushed to it


if __name__ == "__main__":
    main()
