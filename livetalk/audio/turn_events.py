"""What is told of a stream in which somebody speaks: turns, their sound, their pauses.

A turn is `VoiceBegan`, then `VoiceHeard` for all sound that follows, `VoicePaused` and `VoiceWentOn` between
them, and `VoiceEnded`. An event comes behind the sound that decided it: `at_sample` is where that sound ends,
in samples at 16 kHz since the stream began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from livetalk.types import Int16Array


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """A turn begins."""

    at_sample: int
    """since the stream began: where `pcm` ends"""
    speech_sample: int
    """where the speech itself begins"""
    pcm: Int16Array
    """(n,), read-only: the pre-roll, as far as there was sound, and the speech up to now"""


@dataclass(frozen=True, slots=True)
class VoiceHeard:
    """The turn's next sound, its pauses too."""

    at_sample: int
    """where `pcm` ends"""
    pcm: Int16Array
    """(n,), read-only; begins where the event before it ended"""


@dataclass(frozen=True, slots=True)
class VoicePaused:
    """The voice is quiet for a moment: what was said may be whole."""

    at_sample: int
    speech_end_sample: int
    """where the speech itself ended"""
    speech_ms: float
    """of the turn up to now, quiet not counted"""
    brief: bool
    """that is less than speech takes: it was a cough or a bang"""


@dataclass(frozen=True, slots=True)
class VoiceWentOn:
    """The voice is there again: what was said before the pause was not all."""

    at_sample: int


@dataclass(frozen=True, slots=True)
class VoiceEnded:
    """The turn is over."""

    at_sample: int
    speech_end_sample: int
    speech_ms: float
    brief: bool
    cut: bool = False
    """it grew too long, or the stream ended; the voice may have been in mid-word"""


TurnEvent: TypeAlias = VoiceBegan | VoiceHeard | VoicePaused | VoiceWentOn | VoiceEnded

__all__ = ["TurnEvent", "VoiceBegan", "VoiceEnded", "VoiceHeard", "VoicePaused", "VoiceWentOn"]
