"""Speech for clips: `python -m bench.espeak TEXT [VOICE]` writes a WAV file to stdout.

A process of its own, as espeak keeps one voice for a whole process.
"""

from __future__ import annotations

import ctypes
import sys

import espeakng_loader

from bench.clips import wav_of_pcm

_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_UTF8 = 1
_POSITION_CHARACTER = 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: str, voice: str = "en") -> bytes:
    """A WAV file of `text` in a voice of espeak's, at espeak's own rate (22.05 kHz).

    Raises:
        RuntimeError: espeak's data or voice is missing.
    """
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DO_NOT_EXIT)
    if rate <= 0 or library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError(f"espeak-ng cannot be used: its data or its voice {voice!r} is missing")
    parts: list[bytes] = []

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, events: int) -> int:
        if samples and count > 0:
            parts.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode() + b"\0"
    library.espeak_Synth(encoded, len(encoded), 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
    return wav_of_pcm(b"".join(parts), rate)


if __name__ == "__main__":
    sys.stdout.buffer.write(speak(*sys.argv[1:]))
