"""The program that holds espeak-ng: `python -m livetalk.tts.espeak_worker`, spoken to through its pipes.

espeak-ng has global state and its own licence (GPLv3), so it lives in a process of its own, which loads
nothing else.

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

import os
import signal
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

from livetalk.tts.espeak_library import PITCH, RATE, Event, Library
from livetalk.tts.espeak_library import WORD as WORD_EVENT

HEADER = struct.Struct("<cII")
SAY, HELLO, PCM, WORD, END, FAILURE = b"S", b"H", b"P", b"W", b"E", b"F"
SAY_HEAD = struct.Struct("<HH")
HELLO_HEAD = struct.Struct("<I")
WORD_BODY = struct.Struct("<III")


class Speaker:
    """espeak-ng, writing what it says as frames."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._request = 0
        self._library = Library(self._spoken)

    def hello(self) -> None:
        """Say how fast the samples are, and which voices there are."""
        languages = [identifier.rpartition("/")[2].lower() for identifier in self._library.voices()]
        variants = sorted(os.listdir(os.path.join(self._library.data, "voices", "!v")))
        names = "\n".join(languages) + "\0" + "\n".join(variants)
        self._write(HELLO, HELLO_HEAD.pack(self._library.rate_hz) + names.encode())

    def say(self, request: int, payload: bytes) -> None:
        """Speak a text; returns when its last frame is written."""
        self._request = request
        words_a_minute, pitch = SAY_HEAD.unpack_from(payload)
        voice, _, text = payload[SAY_HEAD.size :].partition(b"\0")
        if not self._library.choose(voice, {RATE: words_a_minute, PITCH: pitch}):
            self._write(FAILURE, b"espeak-ng cannot load the voice " + voice)
        elif code := self._library.synthesise(text):
            self._write(FAILURE, b"espeak-ng failed with code %d" % code)
        else:
            self._write(END, b"")

    def _spoken(self, sound: bytes, events: Iterator[Event]) -> bool:
        try:
            for event in events:
                if event.type == WORD_EVENT:
                    self._write(WORD, WORD_BODY.pack(event.sample, event.text_position - 1, event.length))
            if sound:
                self._write(PCM, sound)
        except BrokenPipeError:
            return False
        return True

    def _write(self, kind: bytes, payload: bytes) -> None:
        self._out.write(HEADER.pack(kind, self._request, len(payload)) + payload)
        self._out.flush()


def main() -> None:
    """Serve requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our input
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    speaker = Speaker(out)
    try:
        speaker.hello()
        while len(header := sys.stdin.buffer.read(HEADER.size)) == HEADER.size:
            _, request, length = HEADER.unpack(header)
            speaker.say(request, sys.stdin.buffer.read(length))
    except BrokenPipeError:
        os._exit(0)  # the parent is gone; nothing is left to be flushed to it


if __name__ == "__main__":
    main()
