"""The floor without words: who speaks, and for how long, decides alone who has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod
from typing import Protocol

from livetalk.audio.turn_events import (
    TurnEvent,
    VoiceBegan,
    VoiceEnded,
    VoiceHeard,
    VoicePaused,
    VoiceWentOn,
)
from livetalk.listening.attempt import Attempt
from livetalk.listening.recogniser import Understood
from livetalk.listening.talk import Talk
from livetalk.types import SAMPLE_RATE, Int16Array

WORDLESS_S = 0.6
"""so much speech takes the floor: no cough, no "uh-huh" is as long"""


class Hearer(Protocol):
    """Whoever answers what it hears, as a speech-to-speech model."""

    def hear(self, pcm: Int16Array) -> None:
        """Take (n,) samples."""

    def end_heard(self, spoken_at: float | None) -> None:
        """That was a question: answer it. `spoken_at` is when the speech ended, None if it has not."""

    def forget_heard(self) -> None:
        """That was nothing."""


class Nobody:
    """Answers nothing: the user's words come by another way, as from the browser's recogniser."""

    def hear(self, pcm: Int16Array) -> None:
        """Pass over it."""

    def end_heard(self, spoken_at: float | None) -> None:
        """Pass over it."""

    def forget_heard(self) -> None:
        """Pass over it."""


class SpokenFloor:
    """Follows one microphone's turns; one thread calls it.

    The avatar falls silent with the first speech, and stops for good where that goes on: a cough, or a sign
    of listening, gives the floor back and is not answered.
    """

    def __init__(
        self, talk: Talk, hearer: Hearer, clock: Callable[[int], float], barge_in: bool = True
    ) -> None:
        """Make one; `clock` says when a sample was heard."""
        self._talk = talk
        self._hearer = hearer
        self._clock = clock
        self._barge_in = barge_in
        self._began: int | None = None
        """sample at which the turn did; None between two"""
        self._taken = False
        """the avatar is not speaking, or has stopped"""
        self._spoken_at: float | None = None
        """when the speech ended; None while it goes on"""

    @singledispatchmethod
    def follow(self, event: TurnEvent) -> None:
        """Take what happens next."""
        raise NotImplementedError(f"{event} is no event of a voice")

    @follow.register
    def _voice_began(self, event: VoiceBegan) -> None:
        busy = self._talk.hold(self)
        if busy and not self._barge_in:
            self._talk.release(self)
            return
        self._began, self._taken, self._spoken_at = event.speech_sample, not busy, None
        self._talk.listening(self, True)
        self._hearer.hear(event.pcm)

    @follow.register
    def _heard(self, event: VoiceHeard) -> None:
        if self._began is None:
            return
        self._hearer.hear(event.pcm)
        if not self._taken and event.at_sample - self._began > WORDLESS_S * SAMPLE_RATE:
            self._taken = True
            self._talk.interrupt()

    @follow.register
    def _paused(self, event: VoicePaused) -> None:
        self._spoken_at = self._clock(event.speech_end_sample)
        if self._began is not None and not self._taken:
            self._talk.release(self)

    @follow.register
    def _went_on(self, _event: VoiceWentOn) -> None:
        self._spoken_at = None
        if self._began is not None:
            self._talk.hold(self)

    @follow.register
    def _ended(self, event: VoiceEnded) -> None:
        self._spoken_at = self._clock(event.speech_end_sample)
        if self._began is not None:
            self._end(answered=self._taken and not event.brief)

    def learn(self, attempt: Attempt, understood: Understood) -> None:
        """Nobody recognises words here."""

    def finish(self) -> None:
        """The speaker says that this is all: wait for nothing more."""
        if self._began is not None:
            self._end(answered=self._taken)

    def give_up(self, why: str) -> None:
        """Nothing comes of this turn; tell why."""
        self._talk.misheard(why)
        self.leave()

    def leave(self) -> None:
        """Nothing more comes of this turn; the avatar goes on."""
        if self._began is not None:
            self._end(answered=False)

    def _end(self, *, answered: bool) -> None:
        self._began = None
        if answered:
            self._hearer.end_heard(self._spoken_at)
        else:
            self._hearer.forget_heard()
        self._talk.listening(self, False)
        self._talk.release(self)


__all__ = ["Hearer", "Nobody", "SpokenFloor"]
