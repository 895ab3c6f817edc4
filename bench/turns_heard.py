"""What a turn taker makes of a stream in which it is known who speaks when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from livetalk.audio.silero import SileroModel
from livetalk.audio.turn_events import TurnEvent, VoiceBegan, VoiceEnded, VoicePaused
from livetalk.audio.turn_taking import TurnTaker, TurnTaking
from livetalk.types import CHUNK_SAMPLES, SAMPLE_RATE, Int16Array

SOON_MS = 120.0
_LATEST_END_S = 1.4
_EARLIEST_S = 0.1
"""before a turn, from which on what begins is taken for its onset"""
Event = TypeVar("Event", VoiceBegan, VoicePaused, VoiceEnded)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn is that has one pause in it, in samples."""

    begin: int
    """its first sound"""
    voice: int
    """its first sound of the voice itself"""
    pause: int
    """where the pause begins"""
    resume: int
    """and ends"""
    end: int
    """behind its last sound"""


@dataclass(frozen=True, slots=True)
class Decision:
    """An event, and how much had arrived when it came."""

    at: int
    """samples"""
    event: TurnEvent


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds after the truth."""

    count: int
    min: float
    median: float
    p95: float
    max: float
    within_120: float
    """the share of them"""


@dataclass(frozen=True, slots=True)
class Heard:
    """How turns whose places are known were heard."""

    turns: int
    missed: int
    false_onsets: int
    """turns where nobody spoke"""
    torn: int
    """turns that were taken for several"""
    cropped: int
    """turns whose first sound is not in what was handed on"""
    onset_after_voice: Delays | None
    """the decision that somebody speaks, after the first sound of the voice itself"""
    onset_after_sound: Delays | None
    """after the first sound at all, as the hiss of an s"""
    pauses_found: int
    pause_after_sound: Delays | None
    end_after_sound: Delays | None
    told_begin_after_sound: Delays | None
    """where speech is said to begin, after where it does"""
    told_end_after_sound: Delays | None


def follow(model: SileroModel, pcm: Int16Array, options: TurnTaking) -> list[Decision]:
    """What is decided of a stream that arrives in pieces of 20 ms."""
    taker = TurnTaker(model.stream(), options)
    return [
        Decision(at + CHUNK_SAMPLES, event)
        for at in range(0, len(pcm), CHUNK_SAMPLES)
        for event in taker.push(pcm[at : at + CHUNK_SAMPLES])
    ]


def compare(decisions: Sequence[Decision], places: Sequence[Place]) -> Heard:
    """Hold what was decided against where the turns are."""
    begun, paused, ended = of(decisions, VoiceBegan), of(decisions, VoicePaused), of(decisions, VoiceEnded)
    early, late = round(_EARLIEST_S * SAMPLE_RATE), round(_LATEST_END_S * SAMPLE_RATE)
    own = [[each for each in begun if place.begin - early <= each[0] <= place.end] for place in places]
    onsets = [(found[0], place) for found, place in zip(own, places, strict=True) if found]
    pauses = _firsts(paused, [(place.pause, place.resume) for place in places])
    ends = _firsts(ended, [(place.end, place.end + late) for place in places])
    return Heard(
        turns=len(places),
        missed=len(places) - len(onsets),
        false_onsets=len(begun) - sum(map(len, own)),
        torn=sum(len(found) > 1 for found in own),
        cropped=sum(event.at_sample - len(event.pcm) > place.begin for (_, event), place in onsets),
        onset_after_voice=delays(at - place.voice for (at, _), place in onsets),
        onset_after_sound=delays(at - place.begin for (at, _), place in onsets),
        pauses_found=len(pauses),
        pause_after_sound=delays(at - places[turn].pause for turn, (at, _) in pauses),
        end_after_sound=delays(at - places[turn].end for turn, (at, _) in ends),
        told_begin_after_sound=delays(event.speech_sample - place.begin for (_, event), place in onsets),
        told_end_after_sound=delays(event.speech_end_sample - places[turn].end for turn, (_, event) in ends),
    )


def of(decisions: Iterable[Decision], kind: type[Event]) -> list[tuple[int, Event]]:
    """The events of a kind, and when they came."""
    return [(each.at, each.event) for each in decisions if isinstance(each.event, kind)]


def delays(samples: Iterable[int]) -> Delays | None:
    """Sum delays up; None when there are none."""
    ms = np.array(list(samples), np.float64) * 1000 / SAMPLE_RATE
    if not len(ms):
        return None
    low, median, p95, high = (round(float(value), 1) for value in np.percentile(ms, [0, 50, 95, 100]))
    return Delays(len(ms), low, median, p95, high, round(float((ms <= SOON_MS).mean()), 3))


def _firsts(
    events: Sequence[tuple[int, Event]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, tuple[int, Event]]]:
    """For each span that an event came in: its number, and the first such event."""
    inside = [[each for each in events if begin < each[0] <= end] for begin, end in spans]
    return [(number, found[0]) for number, found in enumerate(inside) if found]


__all__ = ["Decision", "Delays", "Heard", "Place", "compare", "delays", "follow", "of"]
