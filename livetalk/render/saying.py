"""Saying: a text becomes a recording by a voice, in the voice's own rate."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from livetalk.audio.resample import StreamResampler
from livetalk.cancellation import Cancellation
from livetalk.errors import RenderError
from livetalk.protocols import TTS, Pcm
from livetalk.render.recording import Recording, recording_of
from livetalk.text import clean, cut
from livetalk.types import Int16Array, Sentence, Tag

TAG = Tag(0, 0)


def say(tts: TTS, text: str, voice: str = "") -> Recording:
    """Have a voice speak a text, sentence after sentence.

    Raises:
        RenderError: there is nothing in the text that can be spoken.
        ProviderError: the voice failed.
    """
    pieces = cut(clean(text))
    if not pieces:
        raise RenderError("the text has nothing that can be spoken; write some words")
    sound: list[Int16Array] = []
    rate = 0
    for place, piece in enumerate(pieces):
        sentence = Sentence(piece.text, TAG, voice, place == 0, place == len(pieces) - 1)
        for part in tts.speak(sentence, Cancellation()):
            if isinstance(part, Pcm):
                rate = rate or part.rate
                sound.append(_at(rate, part))
    content = io.BytesIO()
    soundfile.write(content, np.concatenate([np.zeros(0, np.int16), *sound]), rate or 16_000, format="WAV")
    return recording_of(content.getvalue(), "what the voice said")


def _at(rate: int, part: Pcm) -> Int16Array:
    """A part's samples at the rate of the first; voices rarely change theirs."""
    if part.rate == rate:
        return part.samples
    resampler = StreamResampler(part.rate, rate)
    return np.concatenate([resampler.push(part.samples), resampler.flush()])


__all__ = ["say"]
