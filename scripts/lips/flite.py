"""Festival Lite, when it is installed: four voices built from recordings of people.

A formant synthesiser is not a person. Some of the training speech comes from voices that were (CMU's,
under a BSD-like licence), so that the network meets real lips closing on real air.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from functools import cache

import numpy as np
import soundfile

from livetalk.types import SAMPLE_RATE, Float32Array
from scripts.lips.labels import BILABIALS, STOPS, Segment

_NAMES = """
aa:ɑ ae:æ ah:ʌ ao:ɔ aw:aʊ ax:ə ay:aɪ b:b ch:tʃ d:d dh:ð eh:ɛ er:ɝ ey:eɪ f:f g:ɡ hh:h ih:ɪ iy:i jh:dʒ
k:k l:l m:m n:n ng:ŋ ow:oʊ oy:ɔɪ p:p r:ɹ s:s sh:ʃ t:t th:θ uh:ʊ uw:u v:v w:w y:j z:z zh:ʒ pau:
"""
_IPA = dict(pair.split(":") for pair in _NAMES.split())


@cache
def program() -> str | None:
    """Where flite is; None where it is not installed."""
    return shutil.which("flite")


def speak(text: str, voice: str, slowness: float) -> tuple[Float32Array, list[Segment]]:
    """English speech at 16 kHz, and its sounds."""
    command = [program() or "flite", "-voice", voice, "-t", text, "-o", "/dev/stdout", "-psdur"]
    command += ["--setf", f"duration_stretch={slowness:.2f}"]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    listing, wave = _part(output)
    sound, rate = soundfile.read(io.BytesIO(wave), dtype="float32")
    if rate != SAMPLE_RATE:
        raise ValueError(f"flite's voice {voice!r} speaks at {rate} Hz, expected {SAMPLE_RATE}")
    return sound, _segments(listing, sound)


def _part(output: bytes) -> tuple[str, bytes]:
    """The listing and the sound share one pipe."""
    at = output.index(b"RIFF")
    length = 8 + int.from_bytes(output[at + 4 : at + 8], "little")
    return (output[:at] + output[at + length :]).decode(), output[at : at + length]


def _segments(listing: str, sound: Float32Array) -> list[Segment]:
    result: list[Segment] = []
    start = 0.0
    for entry in listing.split():
        name, at = entry.split(":")
        end = float(at)
        symbols = list(_IPA[name]) or [""]
        if symbols[0] in STOPS:
            release = _release(sound, start, end)
            result.append(Segment(symbols[0], start, release))
            result += _share(symbols[1:] or ["h"], release, end)
        elif symbols[0] in BILABIALS:
            release = end - min(0.012, 0.2 * (end - start))
            result += [Segment(symbols[0], start, release), Segment("h", release, end)]
        else:
            result += _share(symbols, start, end)
        start = end
    return result


def _share(symbols: list[str], start: float, end: float) -> list[Segment]:
    times = np.linspace(start, end, len(symbols) + 1)
    return [Segment(symbol, times[i], times[i + 1]) for i, symbol in enumerate(symbols)]


def _release(sound: Float32Array, start: float, end: float) -> float:
    """When a stop bursts: where high frequencies rise most within its last two thirds."""
    rising = np.diff(sound[int((start + 0.3 * (end - start)) * SAMPLE_RATE) : int(end * SAMPLE_RATE)])
    step = SAMPLE_RATE // 250
    energy = np.array([np.sum(rising[at : at + step] ** 2) for at in range(0, len(rising) - step, step)])
    if len(energy) < 3:
        return start + 0.7 * (end - start)
    burst = int(np.diff(np.log(energy + 1e-7)).argmax()) + 1
    return start + 0.3 * (end - start) + burst * step / SAMPLE_RATE
