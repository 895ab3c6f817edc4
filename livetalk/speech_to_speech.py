"""A session's side of a speech-to-speech model, which hears the user and speaks for the face."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from livetalk.errors import NotFound, TooManyRequests, Unavailable
from livetalk.history import History
from livetalk.line import Line
from livetalk.listening.ear import Ear
from livetalk.listening.spoken import SpokenFloor
from livetalk.listening.talk import Talk
from livetalk.parts import Parts
from livetalk.persona import SYSTEM_PROMPT, Persona
from livetalk.pipeline.reply import Reply
from livetalk.pipeline.think import Asked, Scribe
from livetalk.protocols import Message, RealtimeConversation
from livetalk.turns import Turn, Turns
from livetalk.types import SAMPLE_RATE, EventFields, Question, Tag

T = TypeVar("T")

KEPT = 16
"""things said, of which it is known what answers them"""


class Host(Talk, Scribe, Protocol):
    """The session."""

    persona: Persona
    history: History

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or waits to be."""


class SpeechToSpeech:
    """Makes an utterance of each answer, and tells the model what was heard of it."""

    def __init__(
        self,
        host: Host,
        parts: Parts,
        turns: Turns,
        enqueue: Callable[[Tag, Sequence[Asked]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._parts = parts
        self._options = parts.realtime_options
        self._turns = turns
        self._enqueue = enqueue
        self._clock = clock
        self._conversation: RealtimeConversation | None = None
        self._line: Line | None = None
        """the microphone that is heard"""
        self._replies: WeakValueDictionary[Tag, Reply] = WeakValueDictionary()
        self._words: OrderedDict[str, str] = OrderedDict()
        """what was said, by its id, and is not answered yet"""
        self._answers: OrderedDict[str, Tag] = OrderedDict()
        """what answers something said"""
        self._spoken_at: float | None = None
        """when the user had done speaking"""
        self._closed = False

    # -- what the session asks --------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect, where there is such a model."""
        if self._parts.realtime is not None:
            self._conversation = self._parts.realtime.open(self)

    def answer(self, question: Question) -> Question | Reply:
        """What answers a question, asked when its turn to be spoken comes; where there is no such model, the
        question itself."""
        if self._conversation is None:
            return question
        return self._reply(question.tag, question.fields, lambda reply: self._here.ask(question.text, reply))

    def greet(self, welcome: str) -> bool:
        """Have the model say the welcome, since two voices would be two persons; whether there is one."""
        if self._conversation is None:
            return False
        fields = {"welcome": True}
        tag = self._turns.open(fields)
        self._enqueue(tag, [self._reply(tag, fields, lambda reply: self._here.recite(welcome, reply))])
        return True

    def hear(self) -> Ear | Line:
        """Begin to listen to a microphone; a model whose provider tells who speaks hears the last alone.

        Raises:
            Unavailable: this server does not listen.
        """
        if self._conversation is not None and self._options.turn_detection != "ours":
            self._line = Line(self._here.hear, self._is_heard)
            return self._line
        if self._parts.hearing is None:
            raise Unavailable("this server does not listen; its log says at the start what is missing")
        if self._conversation is None:
            return Ear(self._host, self._parts.hearing, self._clock)
        heard = _Heard(self._here, self._ended)
        return Ear(
            self._host,
            replace(self._parts.hearing, stt=None),
            self._clock,
            lambda when: SpokenFloor(self._host, heard, when, self._options.barge_in),
        )

    def cut(self, stopped: Mapping[Tag, Turn]) -> None:
        """The session was interrupted: tell how much was heard of each answer."""
        for tag, turn in stopped.items():
            reply = self._replies.get(tag)
            if reply is not None:
                self._here.cut(reply, turn.played / SAMPLE_RATE)
                reply.cut()

    def close(self) -> None:
        """Disconnect.

        Raises:
            StageError: the conversation's thread did not end in time.
        """
        self._closed = True
        for reply in [*self._replies.values()]:
            reply.cut()
        if self._conversation is not None:
            self._conversation.close()

    # -- what the model tells ---------------------------------------------------------------------

    def instructions(self) -> str:
        """What the model is to be."""
        return self._host.persona.system_prompt or SYSTEM_PROMPT

    def remembered(self) -> Sequence[Message]:
        """The conversation so far."""
        return self._host.history.messages(self._parts.history_messages)

    def begin_reply(self, heard: str) -> Reply | None:
        """The model answers what was heard, or unasked."""
        if self._closed:
            return None
        spoken_at, self._spoken_at = self._spoken_at, None
        tag = self._turns.open({}, None if spoken_at is None else {"asked": spoken_at})
        if heard:
            _remember(self._answers, heard, tag)
            if heard in self._words:
                self._host.history.asked(tag.utterance, self._words.pop(heard))
        reply = self._reply(tag, {})
        try:
            self._enqueue(tag, [reply])
        except (TooManyRequests, NotFound):
            return None
        return reply

    def voice(self, active: bool) -> None:
        """Somebody begins to speak, or has done."""
        self._host.listening(self, active)
        if not active:
            self._spoken_at = self._clock()
        elif self._options.barge_in and self._host.speaking:
            self._host.interrupt()

    def understood(self, heard: str, text: str, final: bool) -> None:
        """What somebody says."""
        tag = self._answers.get(heard)
        if final and tag is not None:
            self._host.history.asked(tag.utterance, text)
        elif final:
            _remember(self._words, heard, text)
        self._host.understood(text, final, tag)

    def trouble(self, message: str) -> None:
        """Something does not work."""
        self._host.misheard(message)

    # -- inside -----------------------------------------------------------------------------------

    @property
    def _here(self) -> RealtimeConversation:
        if self._conversation is None:
            raise NotFound("the session has not begun yet")
        return self._conversation

    def _reply(self, tag: Tag, fields: EventFields, begin: Callable[[Reply], object] | None = None) -> Reply:
        reply = Reply(tag, fields, self._options.timeout_s, self._host.wrote, begin)
        self._replies[tag] = reply
        return reply

    def _ended(self, spoken_at: float | None) -> None:
        """The user has done speaking, as our own judge says."""
        self._spoken_at = spoken_at

    def _is_heard(self, line: Line) -> bool:
        """Whether what this microphone brings now is for the model."""
        if line is not self._line:
            return False
        return self._options.barge_in or not self._host.speaking


class _Heard:
    """What a microphone brings to the model."""

    def __init__(self, model: RealtimeConversation, ended: Callable[[float | None], object]) -> None:
        self.hear = model.hear
        self.forget_heard = model.forget_heard
        self._model = model
        self._ended = ended

    def end_heard(self, spoken_at: float | None) -> None:
        """That was a question: answer it."""
        self._ended(spoken_at)
        self._model.end_heard()


def _remember(known: OrderedDict[str, T], heard: str, what: T) -> None:
    known[heard] = what
    if len(known) > KEPT:
        known.popitem(last=False)


__all__ = ["Host", "SpeechToSpeech"]
