"""A conversation: a session's memory of who said what, and how questions come to it and are answered."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Protocol

from livetalk.errors import InvalidRequest, RequestError, TooManyRequests
from livetalk.events import ErrorEvent, Events, TranscriptEvent
from livetalk.history import History
from livetalk.line import Line
from livetalk.listening.ear import Ear
from livetalk.parts import Parts
from livetalk.persona import SYSTEM_PROMPT
from livetalk.pipeline.playout import Playout
from livetalk.pipeline.think import Asked
from livetalk.protocols import Chat, Message
from livetalk.speech_to_speech import SpeechToSpeech
from livetalk.text import clean
from livetalk.turns import Turn, Turns
from livetalk.types import EventFields, Question, Tag

logger = logging.getLogger(__name__)

MOST_EARS = 16
"""microphones of one session at a time; each has threads of its own"""


class Speaker(Protocol):
    """The session."""

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or waits to be."""

    def say(self, text: str, voice: str = "", fields: EventFields | None = None) -> Tag:
        """Speak a text after what is being said."""

    def interrupt(self) -> None:
        """Stop speaking, and forget all that waits."""

    def enqueue(self, tag: Tag, asked: Sequence[Asked]) -> None:
        """Take what is to be said by a turn."""


class Conversation:
    """Takes questions, typed or spoken, and has them answered by whom the avatar is to be."""

    def __init__(
        self,
        speaker: Speaker,
        parts: Parts,
        turns: Turns,
        playout: Playout,
        events: Events,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.persona = parts.persona
        self.history = History()
        self._speaker = speaker
        self._parts = parts
        self._turns = turns
        self._playout = playout
        self._events = events
        self._events.listen(self.history.hear)
        self._speech = SpeechToSpeech(self, parts, turns, speaker.enqueue, clock)
        self._changing = threading.Lock()
        self._greeted = False
        self._ears: list[Ear | Line] = []

    # -- what callers do --------------------------------------------------------------------------

    @property
    def hears(self) -> bool:
        """Whether this server listens to microphones."""
        return self._parts.hears

    def chat(
        self,
        text: str,
        voice: str = "",
        fields: EventFields | None = None,
        heard: Mapping[str, float] | None = None,
    ) -> Tag:
        """Answer what the user said, after what is being said; the tag of the answer.

        `heard` tells when the steps before this one were done, on the session's clock: `asked`, the end of
        the user's speech, and `recognised`.

        Raises:
            InvalidRequest: there is nothing to be answered.
            TooManyRequests: too much is waiting already.
        """
        text = text.strip()
        if not text:
            raise InvalidRequest("the text is empty; say something to be answered")
        tag = self._turns.open(fields or {}, heard)
        self.history.asked(tag.utterance, text)
        question = Question(text, tag, voice or self.persona.voice, fields or {})
        self._speaker.enqueue(tag, [self._speech.answer(question)])
        return tag

    def greet(self) -> None:
        """Welcome whoever connects first, if there are words for it."""
        with self._changing:
            welcome, self._greeted = "" if self._greeted else self.persona.welcome, True
        try:
            if clean(welcome) and not self._speech.greet(welcome):
                self._speaker.say(welcome, fields={"welcome": True})
        except RequestError as error:
            logger.warning("the welcome was not said: %s", error)

    def hear(self) -> Ear | Line:
        """Begin to listen to a microphone: what is said into it is answered. Close what comes back to end it.

        Raises:
            Unavailable: this server does not listen.
            TooManyRequests: so many are open already.
        """
        with self._changing:
            others = [each for each in self._ears if not each.closed]
            if len(others) >= MOST_EARS:
                raise TooManyRequests(f"{MOST_EARS} microphones are open in this session; close one first")
            ear = self._speech.hear()
            self._ears = [*others, ear]
        return ear

    def finish(self) -> None:
        """Whoever speaks into a microphone says that this is all: answer it."""
        for ear in self._ears:
            ear.finish()

    # -- what the session tells -------------------------------------------------------------------

    def start(self) -> None:
        """Connect to a speech-to-speech model, where there is one."""
        self._speech.start()

    def cut(self, stopped: Mapping[Tag, Turn]) -> None:
        """These turns were interrupted."""
        self._speech.cut(stopped)

    def close(self) -> None:
        """Hear nobody any more.

        Raises:
            StageError: a thread did not end in time.
        """
        with ExitStack() as ended:  # whichever of them fails
            ended.callback(self._speech.close)
            for ear in self._ears:
                ended.callback(ear.close)

    # -- what ears tell ---------------------------------------------------------------------------

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or waits to be."""
        return self._speaker.speaking

    def hold(self, holder: object) -> bool:
        """Let nothing be heard for the moment; whether something was being said, or was about to."""
        return self._playout.hold(holder) or self.speaking

    def release(self, holder: object) -> None:
        """Go on where it stopped."""
        self._playout.release(holder)

    def interrupt(self) -> None:
        """Say nothing more of it."""
        self._speaker.interrupt()

    def ask(self, text: str, heard: Mapping[str, float]) -> Tag:
        """Answer what was heard."""
        return self.chat(text, heard=heard)

    def retract(self, tag: Tag) -> None:
        """Do not answer a question that was not whole, and forget it."""
        self._speaker.interrupt()
        self.history.forget(tag.utterance)

    def listening(self, listener: object, active: bool) -> None:
        """Somebody begins to speak, or has done."""
        self._turns.touch()
        self._turns.states.listening(listener, active)

    def understood(self, text: str, final: bool, tag: Tag | None) -> None:
        """Show what they say, as far as it is known."""
        turn = None if tag is None else tag.utterance
        self._events.tell(TranscriptEvent(text=text, final=final, turn=turn))

    def misheard(self, message: str) -> None:
        """Tell that somebody was not understood."""
        self._parts.metrics.failures.labels("listen").inc()
        self._events.tell(ErrorEvent(message=message, stage="listen", over=False))

    # -- what the stages ask ----------------------------------------------------------------------

    def prompt(self, question: Question) -> Chat:
        """What a language model is asked with."""
        persona = self.persona
        told = Message("system", persona.system_prompt or SYSTEM_PROMPT)
        said = self.history.messages(self._parts.history_messages, question.tag.utterance)
        return Chat([told, *said], persona.model, persona.temperature)

    def wrote(self, tag: Tag, text: str, sentence: str, last: bool) -> None:
        """The language model wrote on: show it, and remember what is to be said of it."""
        if sentence:
            self.history.planned(tag.utterance, sentence)
        self._turns.wrote(tag, text, last)


__all__ = ["Conversation", "Speaker"]
