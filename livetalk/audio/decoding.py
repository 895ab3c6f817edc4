"""Sound that arrives in pieces, decoded as it comes: bare PCM, WAV, MP3, AAC, by their name or their look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livetalk.audio.coded import CodedDecoder
from livetalk.audio.sound import Sound, mono, unreadable
from livetalk.audio.wav import WavDecoder
from livetalk.types import Int16Array

KINDS = ("pcm", "wav", "mp3", "aac", "auto")
"""`auto` tells the others, but for bare PCM, by how they begin"""
LOOK_BYTES = 4
"""how much of a sound's beginning tells what it is"""


class Decoder(Protocol):
    """Keeps what a piece leaves over for the next one: the cuts between pieces do not matter."""

    def feed(self, content: bytes) -> list[Sound]:
        """Take the next bytes; what can be heard now comes back.

        Raises:
            ProviderError: they are no such sound.
        """

    def flush(self) -> list[Sound]:
        """The stream is at its end; what was still held comes back, but for a sample that is not whole.

        Raises:
            ProviderError: there was something, and no sound in it.
        """


@dataclass(slots=True)
class PcmDecoder:
    """Bare samples, 16 bits, little-endian."""

    rate: int
    channels: int = 1
    _held: bytes = b""

    def feed(self, content: bytes) -> list[Sound]:
        """The whole samples so far."""
        held = self._held + content
        whole = len(held) - len(held) % (2 * self.channels)
        self._held = held[whole:]
        if not whole:
            return []
        samples: Int16Array = np.frombuffer(held[:whole], "<i2").astype(np.int16, copy=False)
        return [Sound(mono(samples.reshape(-1, self.channels)), self.rate)]

    def flush(self) -> list[Sound]:
        """Half a sample is none."""
        self._held = b""
        return []


class SniffingDecoder:
    """Looks how a sound begins, since servers do not always send what they were asked for."""

    def __init__(self, otherwise: Decoder | None = None) -> None:
        """Take what decodes where the beginning is that of no file; None refuses it."""
        self._otherwise = otherwise
        self._held = b""
        self._chosen: Decoder | None = None

    def feed(self, content: bytes) -> list[Sound]:
        """Decide as soon as enough is there."""
        if self._chosen is None:
            self._held += content
            if len(self._held) < LOOK_BYTES:
                return []
            content, self._held = self._held, b""
            self._chosen = self._choose(content)
        return self._chosen.feed(content)

    def flush(self) -> list[Sound]:
        """Decide now, if ever."""
        heard: list[Sound] = []
        if self._chosen is None and self._held:
            content, self._held = self._held, b""
            self._chosen = self._choose(content)
            heard = self._chosen.feed(content)
        return heard if self._chosen is None else heard + self._chosen.flush()

    def _choose(self, start: bytes) -> Decoder:
        if start[:4] == b"RIFF":
            return WavDecoder()
        if start[:3] == b"ID3":
            return CodedDecoder("mp3")
        if start[:4] in (b"OggS", b"fLaC"):
            name = "Ogg" if start[:1] == b"O" else "FLAC"
            raise unreadable(f"{name} is not read as it arrives: ask the server for pcm, wav or mp3")
        if self._otherwise is not None:
            return self._otherwise
        if len(start) > 1 and start[0] == 0xFF and start[1] & 0xF6 == 0xF0:  # ADTS: its layer is 0
            return CodedDecoder("aac")
        if len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0:
            return CodedDecoder("mp3")
        raise unreadable(f"what came begins with {start[:16]!r}, which is no WAV, MP3 or AAC")


def decoder(kind: str, rate: int = 24_000, channels: int = 1) -> Decoder:
    """What decodes a `kind` of `KINDS`; only of bare PCM must the rate and the channels be known.

    Raises:
        ValueError: there is no such kind.
    """
    if kind == "pcm":
        return SniffingDecoder(PcmDecoder(rate, channels))
    if kind == "wav":
        return SniffingDecoder()
    if kind in ("mp3", "aac"):
        return SniffingDecoder(CodedDecoder(kind))
    if kind == "auto":
        return SniffingDecoder()
    raise ValueError(f"no sound format {kind!r}; there are: {', '.join(KINDS)}")


__all__ = ["KINDS", "Decoder", "PcmDecoder", "SniffingDecoder", "Sound", "decoder"]
