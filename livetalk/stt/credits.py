"""Sentences that recognisers hear in silence: they learned them from the credits of subtitled films.

Only whole transcripts of this kind are dropped, and only where the sound is short and faint: who really says
"thank you for watching" is heard. Keeping noise away from a recogniser is the voice detector's work; this is
for what gets past it, since an answer to nobody is worse than a question asked twice. Everyday words that
appear in silence too, as "thank you", are not among them: people say those.
"""

from __future__ import annotations

import re

import numpy as np

from livetalk.types import SAMPLE_RATE, Int16Array

SHORT_S = 3.0
FAINT = 10 ** (-40 / 20) * 32768
"""40 dB below full scale; quiet speech into a quiet microphone is louder, in its loudest tenth of a second"""
WINDOW = SAMPLE_RATE // 10

_CREDITS = (
    "thank(s| you)( so much| very much)? for watching( this video)?",
    "(please |don't forget to )?(like and )?subscribe( to (my|the|our) channel)?",
    "(subtitles|captions|captioning|transcription)( were)?( made| provided| created| done)? by .*",
    ".*amara ?org.*",
    "谢谢(大家)?(的)?(观看|收看|收听)",
    "(感谢|多谢)(您的|大家的?)?(观看|收看|收听).*",
    "(中文)?字幕(由|志愿者|制作|提供|组|by).*",
    "請不吝點贊.*|请不吝点赞.*",
    "ご(視聴|清聴)(いただき)?ありがとうござい(ました|ます)",
    "チャンネル登録.*",
    "시청해 ?주셔서 감사합니다",
    "untertitel(ung)?( im auftrag| der| von| des).*",
    "sous-titr(es|age).*",
    "subtítulos (realizados )?por .*",
    "sottotitoli (creati|a cura|e revisione).*",
    "napisy stworzone przez .*",
    "(редактор субтитров|субтитры).*",
    "продолжение следует",
)
_CREDIT = re.compile("|".join(f"(?:{each})" for each in _CREDITS), re.IGNORECASE)
_EDGES = " \t\n.,!?…·。，！？、~-–—♪*\"'“”「」[]()"


def without_credits(text: str, sound: Int16Array) -> str:
    """The text, trimmed; "" for what was made up out of a short and faint sound."""
    text = text.strip()
    plain = " ".join(text.strip(_EDGES).replace(".", " ").split())
    if _CREDIT.fullmatch(plain) and len(sound) <= SHORT_S * SAMPLE_RATE and loudest(sound) < FAINT:
        return ""
    return text


def loudest(sound: Int16Array) -> float:
    """The greatest effective value of any tenth of a second."""
    whole = len(sound) // WINDOW * WINDOW
    windows = sound[:whole].reshape(-1, WINDOW) if whole else sound.reshape(1, -1)
    squares = np.square(windows.astype(np.float64)).mean(axis=1) if windows.size else np.zeros(1)
    return float(np.sqrt(squares.max()))


__all__ = ["without_credits"]
