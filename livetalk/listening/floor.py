"""The floor: who has it, the avatar or whoever speaks into a microphone; and what is then asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatchmethod

from livetalk.audio.turn_events import (
    TurnEvent,
    VoiceBegan,
    VoiceEnded,
    VoiceHeard,
    VoicePaused,
    VoiceWentOn,
)
from livetalk.errors import LivetalkError
from livetalk.listening.attempt import Attempt
from livetalk.listening.recogniser import Understood
from livetalk.listening.talk import Talk
from livetalk.listening.words import sounds_finished, takes_the_floor
from livetalk.types import Int16Array, Tag


@dataclass(slots=True)
class _Turn:
    """Somebody speaks."""

    barges_in: bool
    """the avatar was speaking, or about to"""
    heard: list[Int16Array] = field(default_factory=list)
    attempt: Attempt | None = None
    text: str | None = None
    """what was understood up to the pause; None while that is not known"""
    speech_end_s: float = 0.0
    """on the clock"""
    paused: bool = False
    over: bool = False
    floor: bool = False
    """words were heard: the avatar has stopped"""
    asked: Tag | None = None


class Floor:
    """Follows one microphone's turns, and what is understood of them; one thread calls it.

    The avatar falls silent with the first speech, and stops for good once there are words in it: a cough, or
    a sign of listening, gives the floor back. A question is asked at the first pause where it sounds
    finished, else at the end of the turn; it is taken back if the voice goes on all the same.
    """

    def __init__(
        self,
        talk: Talk,
        recognise: Callable[[Attempt], object],
        clock: Callable[[int], float],
        now: Callable[[], float],
        barge_in: bool = True,
    ) -> None:
        """Make one. `recognise` begins to understand an attempt; `clock` says when a sample was heard."""
        self._talk = talk
        self._recognise = recognise
        self._clock = clock
        self._now = now
        self._barge_in = barge_in
        self._turn: _Turn | None = None
        self._no_more = False

    @singledispatchmethod
    def follow(self, event: TurnEvent) -> None:
        """Take what happens next."""
        raise NotImplementedError(f"{event} is no event of a voice")

    @follow.register
    def _began(self, event: VoiceBegan) -> None:
        busy = self._talk.hold(self)
        if busy and not self._barge_in:
            self._talk.release(self)
            return
        self._talk.listening(self, True)
        turn = self._turn or _Turn(busy)  # one whose words are awaited goes on
        turn.over = turn.paused = False
        turn.heard.append(event.pcm)
        self._turn = turn
        self._attempt(turn)

    @follow.register
    def _heard(self, event: VoiceHeard) -> None:
        turn = self._turn
        if turn is None:
            return
        turn.heard.append(event.pcm)
        if turn.attempt is not None:
            turn.attempt.put(event.pcm)

    @follow.register
    def _paused(self, event: VoicePaused) -> None:
        turn = self._turn
        if turn is None:
            return
        turn.paused = True
        turn.speech_end_s = self._clock(event.speech_end_sample)
        if event.brief and not turn.floor:
            self._forget_attempt(turn)
            self._talk.release(self)
        elif turn.attempt is not None:
            turn.attempt.end()
        if self._no_more:
            self._end(turn, event.brief)

    @follow.register
    def _went_on(self, _event: VoiceWentOn) -> None:
        turn = self._turn
        if turn is None:
            return
        turn.paused = False
        self._talk.listening(self, True)
        self._talk.hold(self)
        if turn.asked is not None:
            self._talk.retract(turn.asked)
            turn.asked = None
        self._attempt(turn)

    @follow.register
    def _ended(self, event: VoiceEnded) -> None:
        if self._turn is not None:
            self._turn.speech_end_s = self._clock(event.speech_end_sample)
            self._end(self._turn, event.brief)

    def learn(self, attempt: Attempt, understood: Understood) -> None:
        """Take what was understood of an attempt."""
        turn = self._turn
        if turn is None or attempt is not turn.attempt or attempt.cancel():
            return
        if isinstance(understood, LivetalkError):
            self.give_up(str(understood))
            return
        text = understood.text.strip()
        if takes_the_floor(text) or (text and not turn.barges_in):
            self._take(turn)
        if not understood.final:
            self._talk.understood(text, final=False, tag=None)
            return
        turn.attempt, turn.text = None, text
        if not turn.floor:
            self._talk.release(self)
        self._ask_if_whole(turn)

    def finish(self) -> None:
        """The speaker says that this is all, as by letting go of a button: wait for nothing more."""
        if self._turn is not None:
            self._no_more = True
            if self._turn.paused:
                self._ask_if_whole(self._turn)

    def give_up(self, why: str) -> None:
        """Nothing comes of this turn; tell why."""
        self._talk.misheard(why)
        self.leave()

    def leave(self) -> None:
        """Nothing more comes of this turn; the avatar goes on."""
        if self._turn is not None:
            self._forget_attempt(self._turn)
        self._turn, self._no_more = None, False
        self._talk.listening(self, False)
        self._talk.release(self)

    def _end(self, turn: _Turn, brief: bool) -> None:
        """The turn is over; its words may still come."""
        turn.over = True
        self._talk.listening(self, False)
        if (brief and not turn.floor) or turn.asked is not None:
            self.leave()
            return
        if turn.attempt is not None:
            turn.attempt.end()
        self._ask_if_whole(turn)

    def _ask_if_whole(self, turn: _Turn) -> None:
        if turn.text is None or turn.asked is not None:
            return
        whole = turn.over or (turn.paused and (self._no_more or sounds_finished(turn.text)))
        if turn.floor and whole:
            heard = {"asked": turn.speech_end_s, "recognised": self._now()}
            turn.asked = self._talk.ask(turn.text, heard)
            self._talk.understood(turn.text, final=True, tag=turn.asked)
            self._talk.listening(self, False)
            self._talk.release(self)
        if turn.over:
            self.leave()

    def _take(self, turn: _Turn) -> None:
        if not turn.floor:
            turn.floor = True
            if turn.barges_in:
                self._talk.interrupt()

    def _attempt(self, turn: _Turn) -> None:
        self._forget_attempt(turn)
        turn.text = None
        turn.attempt = Attempt(turn.heard)
        self._recognise(turn.attempt)

    def _forget_attempt(self, turn: _Turn) -> None:
        if turn.attempt is not None:
            turn.attempt.cancel.cancel()
            turn.attempt = None


__all__ = ["Floor"]
