"""Sounds for tests: a tone in the formats that providers send, and how to know it again."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import av
import numpy as np

from livetalk.protocols import Pcm
from livetalk.types import Int16Array

TONE_HZ = 440
TONE_S = 1.0


def tone(rate: int, seconds: float = TONE_S, hz: int = TONE_HZ) -> Int16Array:
    """A tone, (n,)."""
    return (8_000 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


def wav(pcm: Int16Array, rate: int, size: int | None = None) -> bytes:
    """A 16-bit WAV; `size` is what its header says of the data, where that is not true."""
    content = pcm.astype("<i2").tobytes()
    told = len(content) if size is None else size
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return head + struct.pack("<4sI", b"data", told) + content


def coded(pcm: Int16Array, rate: int, kind: str) -> bytes:
    """An MP3, or an AAC in ADTS."""
    codec, container = {"mp3": ("libmp3lame", "mp3"), "aac": ("aac", "adts")}[kind]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(pcm[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = rate
        size = stream.codec_context.frame_size or 1024
        shaper = av.AudioResampler(stream.format.name, "mono", rate, frame_size=size)
        for shaped in (*shaper.resample(frame), *shaper.resample(None)):
            output.mux(stream.encode(shaped))
        output.mux(stream.encode(None))
    return file.getvalue()


def joined(parts: Sequence[object]) -> tuple[Int16Array, int]:
    """All samples, and their one rate."""
    heard = [part for part in parts if isinstance(part, Pcm)]
    rates = {part.rate for part in heard}
    assert len(rates) == 1, f"rates {rates} in {len(heard)} pieces"
    return np.concatenate([part.samples for part in heard]), rates.pop()


def strongest_hz(pcm: Int16Array, rate: int) -> float:
    """The frequency that is loudest."""
    spectrum = np.abs(np.fft.rfft(pcm.astype(np.float64)))
    return float(np.argmax(spectrum) * rate / len(pcm))


__all__ = ["TONE_HZ", "TONE_S", "coded", "joined", "strongest_hz", "tone", "wav"]
