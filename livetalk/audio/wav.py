"""WAV as it arrives: headers in pieces, sizes that are not known yet, several files one after the other.

Servers that stream begin a WAV before they know its length: 0 or 0xFFFFFFFF stand for it (RIFF WAVE as of
Microsoft's Multimedia Programming Interface 1.0; WAVE_FORMAT_EXTENSIBLE as of its mmreg.h).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from livetalk.audio.sound import Sound, checked, mono, unreadable

UNKNOWN = (0, 0xFFFFFFFF)
"""sizes of a data chunk that mean: until the end"""
LONGEST_CHUNK = 1 << 20
"""bytes of a chunk that is no sound; more is a damaged header"""
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
SAMPLES = {(PCM, 16): "<i2", (PCM, 32): "<i4", (FLOAT, 32): "<f4", (FLOAT, 64): "<f8"}


@dataclass(frozen=True, slots=True)
class _Format:
    dtype: str
    channels: int
    rate: int

    @property
    def frame_bytes(self) -> int:
        return np.dtype(self.dtype).itemsize * self.channels


class WavDecoder:
    """Reads chunk after chunk; what it is in the middle of waits for more bytes."""

    def __init__(self) -> None:
        self._held = b""
        self._format: _Format | None = None
        self._left: int | None = 0
        """bytes of the data chunk that are still to come; None where nobody knows"""
        self._some = False

    def feed(self, content: bytes) -> list[Sound]:
        """Take bytes; return what became sound."""
        self._held += content
        heard: list[Sound] = []
        while (sound := self._step()) is not None:
            if len(sound.samples):
                heard.append(sound)
        return heard

    def flush(self) -> list[Sound]:
        """Nothing is held that could be heard."""
        if self._held and not self._some:
            raise unreadable("the WAV ended within its header")
        return []

    def _step(self) -> Sound | None:
        """One step further, None where more bytes are needed."""
        if self._left is None or self._left > 0:
            return self._data()
        return self._chunk()

    def _data(self) -> Sound | None:
        if self._format is None:
            raise unreadable("the WAV has no format chunk before its data")
        size = len(self._held) if self._left is None else min(len(self._held), self._left)
        whole = size - size % self._format.frame_bytes
        if self._left is not None and size == self._left < self._format.frame_bytes:
            taken, whole = size, 0  # a data chunk that ends within a sample
        elif whole:
            taken = whole
        else:
            return None
        samples = np.frombuffer(self._held[:whole], self._format.dtype).reshape(-1, self._format.channels)
        self._held = self._held[taken:]
        self._some = self._some or whole > 0
        if self._left is not None:
            self._left -= taken
        return Sound(mono(samples), self._format.rate)

    def _chunk(self) -> Sound | None:
        """Read a chunk that is no sound, or the head of the one that is."""
        nothing = Sound(np.zeros(0, np.int16), 0)
        if self._held[:1] == b"\0" and self._some:  # the pad byte of a chunk of odd length
            self._held = self._held[1:]
            return nothing
        if len(self._held) < 8:
            return None
        name, size = struct.unpack("<4sI", self._held[:8])
        if name == b"RIFF":
            if len(self._held) < 12:
                return None
            if self._held[8:12] != b"WAVE":
                raise unreadable("a RIFF file that is no WAV")
            self._held = self._held[12:]
            return nothing
        if name == b"data":
            self._left = None if size in UNKNOWN else size
            self._held = self._held[8:]
            return nothing
        return self._other(name, size, nothing)

    def _other(self, name: bytes, size: int, nothing: Sound) -> Sound | None:
        if size > LONGEST_CHUNK or not name.isascii():
            raise unreadable(f"the WAV has a damaged chunk {name!r}")
        padded = size + size % 2
        if len(self._held) < 8 + padded:
            return None
        if name == b"fmt ":
            self._format = _format(self._held[8 : 8 + size])
        self._held = self._held[8 + padded :]
        return nothing


def _format(content: bytes) -> _Format:
    if len(content) < 16:
        raise unreadable("the WAV's format chunk is too short")
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", content[:16])
    if tag == EXTENSIBLE and len(content) >= 26:
        (tag,) = struct.unpack("<H", content[24:26])
    checked(rate, channels)
    if (tag, bits) not in SAMPLES:
        raise unreadable(f"a WAV of {bits} bits in format {tag}: 16-bit PCM and 32-bit float are read")
    return _Format(SAMPLES[tag, bits], channels, rate)


__all__ = ["WavDecoder"]
