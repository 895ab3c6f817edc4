"""Turns of speech: where in a stream of sound somebody begins to speak, pauses, goes on and has done.

Samples go in, events come out; nothing here knows the time or a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from livetalk.audio.silero import WINDOW_SAMPLES
from livetalk.audio.turn_events import (
    TurnEvent,
    VoiceBegan,
    VoiceEnded,
    VoiceHeard,
    VoicePaused,
    VoiceWentOn,
)
from livetalk.errors import SettingsError
from livetalk.types import SAMPLE_RATE, Int16Array, frozen


class SpeechProbability(Protocol):
    """Tells how likely each window of a stream is speech."""

    def push(self, pcm: Int16Array) -> Sequence[float]:
        """Take (n,) samples at 16 kHz; return the probability, 0 to 1, for each 512 that became whole."""

    def reset(self) -> None:
        """Forget all that was heard: the next sample begins another stream."""


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """When speech begins a turn, and when quiet ends it. Lengths take effect in windows of 32 ms, rounded up.

    Raises:
        SettingsError: values that do not go together.
    """

    opens_at: float = 0.5
    """the probability from which quiet turns into speech"""
    closes_at: float = 0.35
    """the probability below which speech turns into quiet; lower than `opens_at`, so that none flutters"""
    onset_ms: float = 28
    """speech without a break that is a voice, each window counted by its probability: one that is nearly
    certain, or two that are likely; 60 waits for a second one, which makes each answer 32 ms later"""
    pause_ms: float = 160
    """quiet after which what was said may be whole, and a recogniser may be asked already"""
    endpoint_ms: float = 700
    """quiet that ends the turn"""
    least_ms: float = 200
    """a turn with less speech in it is brief, as a cough is; short words have 250 ms and more"""
    pre_roll_ms: float = 200
    """sound from before the voice that is taken along: consonants are heard late, breath not at all"""
    most_s: float = 60
    """a turn this long is cut: a television, or music, that would never end"""

    def __post_init__(self) -> None:
        if not 0 < self.closes_at <= self.opens_at <= 1:
            raise SettingsError(
                "the probability that speech closes at is above 0, the one it opens at as high or higher, "
                f"up to 1; they are {self.closes_at} and {self.opens_at}"
            )
        if not 0 < self.pause_ms <= self.endpoint_ms < self.most_s * 1000:
            raise SettingsError(
                "a first pause is longer than 0, the quiet that ends a turn as long or longer, a longest turn"
                f" longer than both; they are {self.pause_ms} ms, {self.endpoint_ms} ms, {self.most_s} s"
            )
        if min(self.onset_ms, self.least_ms, self.pre_roll_ms) < 0:
            raise SettingsError(
                "onset, least speech and pre-roll are 0 ms or more; "
                f"they are {self.onset_ms}, {self.least_ms} and {self.pre_roll_ms}"
            )


@dataclass(slots=True)
class _Turn:
    begin: int
    speech_end: int
    speech: int
    """samples"""
    paused: bool = False


class TurnTaker:
    """Follows one stream. However it is cut into pieces, the events are the same."""

    def __init__(self, probability: SpeechProbability, options: TurnTaking | None = None) -> None:
        self._probability = probability
        self._options = options or TurnTaking()
        self._position = 0
        self._begin()

    def _begin(self) -> None:
        self._waiting = np.zeros(0, np.int16)
        """sound that is no whole window yet"""
        self._kept = np.zeros(0, np.int16)
        """what comes along when a turn begins"""
        self._talking = False
        self._run = 0
        """samples of speech in a row, before a turn"""
        self._run_ms = 0.0
        """the same, counted by their probability"""
        self._turn: _Turn | None = None

    @property
    def in_turn(self) -> bool:
        """Whether a turn is on."""
        return self._turn is not None

    def push(self, pcm: Int16Array) -> Sequence[TurnEvent]:
        """Take (n,) samples at 16 kHz."""
        probabilities = self._probability.push(pcm)
        stream: Int16Array = frozen(np.concatenate([self._waiting, pcm]))
        events: list[TurnEvent] = []
        for number, probability in enumerate(probabilities):
            window = stream[number * WINDOW_SAMPLES : (number + 1) * WINDOW_SAMPLES]
            events.extend(self._hear(window, probability))
        self._waiting = stream[len(probabilities) * WINDOW_SAMPLES :]
        return events

    def end(self) -> Sequence[TurnEvent]:
        """The stream stops here, as when a microphone is switched off: a turn that is on ends.

        What is pushed next begins another stream; positions count on.
        """
        events: list[TurnEvent] = []
        rest, turn = self._waiting, self._turn
        self._position += len(rest)
        if turn is not None:
            if len(rest):
                events.append(VoiceHeard(self._position, rest))
            events.append(self._ended(turn, cut=True))
        self._probability.reset()
        self._begin()
        return events

    def _hear(self, window: Int16Array, probability: float) -> Iterator[TurnEvent]:
        self._position += len(window)
        options = self._options
        self._talking = probability >= (options.closes_at if self._talking else options.opens_at)
        if self._turn is None:
            yield from self._await_voice(window, probability)
        else:
            yield from self._follow(self._turn, window)

    def _await_voice(self, window: Int16Array, probability: float) -> Iterator[TurnEvent]:
        self._run = self._run + len(window) if self._talking else 0
        self._run_ms = self._run_ms + probability * _ms(len(window)) if self._talking else 0.0
        self._keep(window)
        if self._talking and self._run_ms >= self._options.onset_ms:
            began = self._position - self._run
            self._turn = _Turn(self._position - len(self._kept), self._position, self._run)
            yield VoiceBegan(self._position, began, frozen(self._kept))

    def _follow(self, turn: _Turn, window: Int16Array) -> Iterator[TurnEvent]:
        self._keep(window)
        yield VoiceHeard(self._position, window)
        options, quiet = self._options, self._position - turn.speech_end
        if self._talking:
            turn.speech += len(window)
            turn.speech_end, quiet = self._position, 0
            if turn.paused:
                turn.paused = False
                yield VoiceWentOn(self._position)
        elif not turn.paused and quiet >= _samples(options.pause_ms):
            turn.paused = True
            yield VoicePaused(self._position, turn.speech_end, _ms(turn.speech), self._brief(turn))
        if quiet >= _samples(options.endpoint_ms):
            yield self._ended(turn)
        elif self._position - turn.begin >= options.most_s * SAMPLE_RATE:
            yield self._ended(turn, cut=True)

    def _keep(self, window: Int16Array) -> None:
        kept = np.concatenate([self._kept, window])
        self._kept = kept[max(0, len(kept) - _samples(self._options.pre_roll_ms) - self._run) :]

    def _ended(self, turn: _Turn, cut: bool = False) -> VoiceEnded:
        self._turn, self._run, self._run_ms = None, 0, 0.0
        if cut:  # the voice goes on in the next turn, which must not repeat what this one had
            self._kept = self._kept[:0]
        return VoiceEnded(self._position, turn.speech_end, _ms(turn.speech), self._brief(turn), cut)

    def _brief(self, turn: _Turn) -> bool:
        return _ms(turn.speech) < self._options.least_ms


def _samples(ms: float) -> int:
    return round(ms * SAMPLE_RATE / 1000)


def _ms(samples: int) -> float:
    return samples * 1000 / SAMPLE_RATE


__all__ = ["SpeechProbability", "TurnTaker", "TurnTaking"]
