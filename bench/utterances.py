"""Speech of which it is known when it begins and ends: espeak's, and recordings cut at their pauses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.clips import spoken
from bench.noises import Sound
from livetalk.audio.clip import decode_clip
from livetalk.types import SAMPLE_RATE

FRAME = SAMPLE_RATE // 200
"""5 ms, in which loudness is taken"""
SOUND_DB, VOICE_DB = -35.0, -25.0
"""below the loudest frame: louder is sound; louder below 1 kHz is voice"""
VOICE_HZ = 1000
_SHORTEST_GAP_S = 0.15
_SHORTEST_PHRASE_S = 0.3
_MARGIN_S = 0.05
"""left before and after a phrase, of what the recording has there"""
_LONGEST_RECORDING_S = 600.0

SENTENCES = (
    "Wait a moment please.",
    "Stop!",
    "No, that is not what I meant.",
    "Hello, how are you today?",
    "Can you tell me what the weather will be like tomorrow?",
    "Yes, exactly.",
    "I would like to know more about that.",
    "Okay, and then?",
    "Four apples, five pears, and six oranges.",
    "What time is it?",
)
VOICES = ("en", "en-us+f2", "en+f5", "en-us+m3")
WORDS = ("uh-huh", "mm", "hm", "yeah", "no", "stop", "okay", "wait a moment please")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Speech without a longer pause, and where in it what begins, in samples."""

    sound: Sound
    """(n,), full scale 1"""
    begin: int
    """the first sound, a hissed consonant too"""
    voice: int
    """the first of the voice itself, below 1 kHz"""
    end: int
    """behind the last sound"""


def phrase(sound: Sound) -> Phrase:
    """Find where a phrase begins and ends by its loudness."""
    low = np.fft.rfft(sound)
    low[np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE) > VOICE_HZ] = 0
    heard = _loud(sound, SOUND_DB)
    voiced = _loud(np.fft.irfft(low, len(sound)), VOICE_DB)
    return Phrase(sound, int(heard[0]) * FRAME, int(voiced[0]) * FRAME, int(heard[-1] + 1) * FRAME)


def say(text: str, voice: str) -> Phrase:
    """Have a voice of espeak's say a text."""
    return phrase(_decoded(spoken(text, voice)))


def phrases(recording: Path) -> Iterator[Phrase]:
    """A recording's phrases: what lies between pauses of 150 ms and more."""
    sound = _decoded(recording.read_bytes())
    loud = _loud(sound, SOUND_DB)
    borders = np.flatnonzero(np.diff(loud) * FRAME >= _SHORTEST_GAP_S * SAMPLE_RATE)
    margin = round(_MARGIN_S * SAMPLE_RATE)
    for part in np.split(loud, borders + 1):
        if len(part) and (part[-1] - part[0]) * FRAME >= _SHORTEST_PHRASE_S * SAMPLE_RATE:
            begin, end = int(part[0]) * FRAME - margin, int(part[-1] + 1) * FRAME + margin
            if begin >= 0 and end <= len(sound):
                yield phrase(sound[begin:end] * _fades(end - begin))


def _decoded(content: bytes) -> Sound:
    pcm = np.concatenate(list(decode_clip(content, _LONGEST_RECORDING_S)))
    return pcm.astype(np.float64) / 32768


def _loud(sound: Sound, above_db: float) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(axis=1)
    return np.flatnonzero(power > power.max() * 10 ** (above_db / 10))


def _fades(count: int) -> Sound:
    ramp = np.arange(count) / (0.01 * SAMPLE_RATE)
    return np.asarray(np.minimum(1, np.minimum(ramp, ramp[::-1])))


__all__ = ["SENTENCES", "VOICES", "WORDS", "Phrase", "phrase", "phrases", "say"]
