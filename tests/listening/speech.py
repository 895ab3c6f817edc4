"""Speech for tests, made by the offline voice."""

from __future__ import annotations

from functools import cache

import numpy as np

from livetalk.audio.resample import StreamResampler
from livetalk.cancellation import Cancellation
from livetalk.protocols import Pcm
from livetalk.tts.espeak import EspeakTTS
from livetalk.types import SAMPLE_RATE, Int16Array, Sentence, Tag


@cache
def speech(text: str, voice: str = "en-us+m3") -> Int16Array:
    """A text as (n,) samples, mono, 16 kHz."""
    tts = EspeakTTS(voice)
    try:
        tts.load()
        parts = [
            each for each in tts.speak(Sentence(text, Tag(0, 0)), Cancellation()) if isinstance(each, Pcm)
        ]
    finally:
        tts.close()
    resampler = StreamResampler(parts[0].rate, SAMPLE_RATE)
    return np.concatenate([*(resampler.push(part.samples) for part in parts), resampler.flush()])


def quiet(seconds: float) -> Int16Array:
    """A room in which nobody speaks: a little noise."""
    random = np.random.default_rng(7)
    return random.normal(0, 12, int(seconds * SAMPLE_RATE)).astype(np.int16)
