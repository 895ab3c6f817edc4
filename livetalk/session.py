"""A session: one conversation with one avatar; owns its pipeline and everything that changes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encodings import Encodings
from livetalk.dialogue import Dialogue
from livetalk.errors import (
    InvalidRequest,
    LivetalkError,
    RequestError,
    TooManyRequests,
    UnknownSession,
)
from livetalk.events import AvatarEvent, ClosedEvent, ErrorEvent, Events, TranscriptEvent
from livetalk.history import History
from livetalk.line import Line
from livetalk.listening.ear import Ear
from livetalk.parts import Parts
from livetalk.persona import SYSTEM_PROMPT
from livetalk.pipeline.channel import Closed
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.live import Stretch
from livetalk.pipeline.playout import Playout
from livetalk.pipeline.redraw import Redraw
from livetalk.pipeline.think import Asked
from livetalk.pipeline.voice_in import VoiceIn, Voices
from livetalk.protocols import Chat, EngineAvatar, Message
from livetalk.stages import Stages
from livetalk.text import clean, cut
from livetalk.turns import Turns
from livetalk.types import Clip, EventFields, Question, Sentence, Tag

logger = logging.getLogger(__name__)


class Session:
    """Takes texts and clips, plays them in order, stops at once when interrupted."""

    def __init__(
        self,
        session_id: str,
        parts: Parts,
        avatar: EngineAvatar,
        on_failed: Callable[[str], object] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make one; `on_failed` is told its id when it cannot go on."""
        self.id = session_id
        self.events = Events()
        self.persona = parts.persona
        self._parts = parts
        self._clock = clock
        self._epoch = Epoch()
        self._turns = Turns(self._epoch, self.events, parts.metrics, clock)
        self.playout = Playout(parts.engine, avatar, self._epoch, parts.metrics, self._turns.played, clock)
        self.broadcast = Broadcast(
            self.playout,
            Encodings(parts.encoder, parts.metrics),
            parts.audio_bitrate,
            parts.metrics,
            partial(on_failed, session_id),
            clock,
            parts.mark,
        )
        self.history = History()
        self.events.listen(self.history.hear)
        self._redraw = Redraw(parts.engine, parts.batcher, self.playout, clock)
        self._changing = threading.Lock()
        self._greeted = False
        self._ears: list[Ear | Line] = []
        self._voices = Voices(self._begin_stretch, self.playout.excess_s, parts.metrics)
        self._dialogue = Dialogue(self, parts, self._turns, self._enqueue, clock)
        self._stages = Stages(parts, self._epoch, self, self.playout, self._redraw, self._prompt, self._slot)

    def _slot(self) -> AbstractContextManager[None]:
        return self._parts.slots.slot(self._clock() + self.playout.lead_s())

    # -- what callers do --------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work; where that fails, `close` ends what was begun."""
        self._parts.metrics.sessions.inc()
        self._stages.start()
        self._dialogue.start()

    def say(self, text: str, voice: str = "", fields: EventFields | None = None) -> Tag:
        """Speak a text after what is being said; the tag of its turn.

        Raises:
            InvalidRequest: there is nothing in it that can be spoken.
            TooManyRequests: too much is waiting already.
        """
        pieces = cut(clean(text))
        if not pieces:
            raise InvalidRequest("the text has nothing that can be spoken; send some words")
        tag = self._turns.open(fields or {})
        last = len(pieces) - 1
        voice = voice or self.persona.voice
        sentences = [
            Sentence(piece.text, tag, voice, place == 0, place == last, fields or {})
            for place, piece in enumerate(pieces)
        ]
        for sentence in sentences:
            self.history.planned(tag.utterance, sentence.text)
        self._enqueue(tag, sentences)
        return tag

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
        self._enqueue(tag, [self._dialogue.answer(question)])
        return tag

    def greet(self) -> None:
        """Welcome whoever connects first, if there are words for it."""
        with self._changing:
            welcome, self._greeted = "" if self._greeted else self.persona.welcome, True
        try:
            if clean(welcome) and not self._dialogue.greet(welcome):
                self.say(welcome, fields={"welcome": True})
        except RequestError as error:
            logger.warning("the welcome was not said: %s", error)

    def play(self, content: bytes, fields: EventFields | None = None) -> None:
        """Speak a sound file, checked before to be one, after what is being said.

        Raises:
            TooManyRequests: too much is waiting already.
        """
        tag = self._turns.open(fields or {})
        self._enqueue(tag, [Clip(content, tag, fields or {})])

    def listen(self, fields: EventFields | None = None) -> VoiceIn:
        """Begin to say what a live voice says; close what comes back to end it.

        Raises:
            UnknownSession: the session has ended.
        """
        voice = self._voices.listen(fields or {})
        if voice is None:
            raise UnknownSession("the session has ended; connect again")
        return voice

    def hear(self) -> Ear | Line:
        """Begin to listen to a microphone: what is said into it is answered. Close what comes back to end it.

        Raises:
            Unavailable: this server does not listen.
        """
        ear = self._dialogue.hear()
        with self._changing:
            self._ears = [*(each for each in self._ears if not each.closed), ear]
        return ear

    def finish(self) -> None:
        """Whoever speaks into a microphone says that this is all: answer it."""
        for ear in self._ears:
            ear.finish()

    @property
    def hears(self) -> bool:
        """Whether this server listens to microphones."""
        return self._parts.hears

    def interrupt(self) -> None:
        """Stop speaking at the next tick; forget all that waits."""
        stopped = self._turns.cut_off()
        self._voices.cut()
        self._dialogue.cut(stopped)
        self.playout.interrupted()
        self._turns.tell_cut_off(stopped)

    def change_avatar(self, avatar: EngineAvatar) -> None:
        """Show another avatar; what is being said goes on with its mouth.

        Raises:
            Exception: the engine could not draw it; the one before stays.
        """
        with self._changing:
            self._turns.touch()
            self.playout.change(avatar, self._redraw.pictures)
            self.events.tell(AvatarEvent(avatar=avatar.bundle.id))

    def touch(self) -> None:
        """Note that somebody is there."""
        self._turns.touch()

    @property
    def active_at(self) -> float:
        """When something was last asked for or said, in seconds of the session's clock."""
        return self._turns.active_at

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or waits to be."""
        return bool(self._turns)

    def close(self) -> None:
        """End all threads.

        Raises:
            StageError: one of them did not end in time.
        """
        self._voices.close()
        with ExitStack() as ended:  # whichever of them fails; the last named goes first
            ended.callback(self.events.tell, ClosedEvent())
            ended.callback(self._parts.metrics.sessions.dec)
            ended.callback(self.broadcast.stop)
            ended.callback(self._stages.stop)
            ended.callback(self._let_go)
            ended.callback(self._dialogue.close)
            for ear in self._ears:
                ended.callback(ear.close)

    # -- what ears tell ---------------------------------------------------------------------------

    def hold(self, holder: object) -> bool:
        """Let nothing be heard for the moment; whether something was being said, or was about to."""
        return self.playout.hold(holder) or self.speaking

    def release(self, holder: object) -> None:
        """Go on where it stopped."""
        self.playout.release(holder)

    def ask(self, text: str, heard: Mapping[str, float]) -> Tag:
        """Answer what was heard."""
        return self.chat(text, heard=heard)

    def retract(self, tag: Tag) -> None:
        """Do not answer a question that was not whole, and forget it."""
        self.interrupt()
        self.history.forget(tag.utterance)

    def listening(self, listener: object, active: bool) -> None:
        """Somebody begins to speak, or has done."""
        self._turns.touch()
        self._turns.states.listening(listener, active)

    def understood(self, text: str, final: bool, tag: Tag | None) -> None:
        """Show what they say, as far as it is known."""
        turn = None if tag is None else tag.utterance
        self.events.tell(TranscriptEvent(text=text, final=final, turn=turn))

    def misheard(self, message: str) -> None:
        """Tell that somebody was not understood."""
        self._parts.metrics.failures.labels("listen").inc()
        self.events.tell(ErrorEvent(message=message, stage="listen", over=False))

    # -- what the pipeline tells ------------------------------------------------------------------

    def reached(self, stage: str, tag: Tag) -> None:
        """A stage handed on its first value of an utterance."""
        self._turns.reached(stage, tag)

    def failed(self, stage: str, tag: Tag, error: Exception) -> None:
        """A stage failed on an utterance: tell the user, and wait for it no longer."""
        self._parts.metrics.failures.labels(stage).inc()
        plain = str(error) if isinstance(error, LivetalkError) else f"{stage} failed; see the server's log"
        goes_on = stage == "speak" or (stage == "think" and self.history.has_plan(tag.utterance))
        self._turns.failed(stage, tag, plain, over=not goes_on)
        if not goes_on:
            self.playout.abandon(tag)
            self._turns.close(tag)

    def wrote(self, tag: Tag, text: str, sentence: str, last: bool) -> None:
        """The language model wrote on: show it, and remember what is to be said of it."""
        if sentence:
            self.history.planned(tag.utterance, sentence)
        self._turns.wrote(tag, text, last)

    # -- inside -----------------------------------------------------------------------------------

    def _let_go(self) -> None:
        """End all waiting between the stages."""
        self._epoch.advance()
        self.playout.close()
        self._stages.close()

    def _prompt(self, question: Question) -> Chat:
        persona = self.persona
        told = Message("system", persona.system_prompt or SYSTEM_PROMPT)
        said = self.history.messages(self._parts.history_messages, question.tag.utterance)
        return Chat([told, *said], persona.model, persona.temperature)

    def _begin_stretch(self, fields: EventFields) -> Stretch | None:
        stretch = Stretch(self._turns.open(fields), fields)
        try:
            self._enqueue(stretch.tag, [stretch])
        except (TooManyRequests, UnknownSession):
            return None
        return stretch

    def _enqueue(self, tag: Tag, asked: Sequence[Asked]) -> None:
        try:
            taken = self._stages.offer(asked)
        except Closed as error:
            raise UnknownSession("the session has ended; connect again") from error
        if not taken:
            self._turns.close(tag)
            self.history.forget(tag.utterance)
            raise TooManyRequests(
                f"{self._stages.waiting} sentences wait already; let some be said, or interrupt first"
            )
