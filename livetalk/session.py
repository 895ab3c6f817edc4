"""A session: one avatar that speaks and converses; owns its pipeline and everything that changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encodings import Encodings
from livetalk.conversation import Conversation
from livetalk.errors import (
    InvalidRequest,
    LivetalkError,
    NotFound,
    TooManyRequests,
)
from livetalk.events import ActionEvent, AvatarEvent, ClosedEvent, Event, Events, StateEvent
from livetalk.language import language
from livetalk.parts import Parts
from livetalk.pipeline.backdrop import Backdrop
from livetalk.pipeline.channel import Closed
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.live import Stretch
from livetalk.pipeline.playout import Playout
from livetalk.pipeline.redraw import Redraw
from livetalk.pipeline.think import Asked
from livetalk.pipeline.voice_in import VoiceIn, Voices
from livetalk.protocols import EngineAvatar
from livetalk.stages import QUEUED, Stages
from livetalk.text import clean, cut
from livetalk.turns import Turns
from livetalk.types import Clip, EventFields, Sentence, Tag


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
        self._parts = parts
        self._clock = clock
        self._epoch = Epoch()
        self._turns = Turns(self._epoch, self.events, parts.metrics, clock)
        self.backdrop = Backdrop(parts.background)
        """what is seen behind an avatar that was cut out"""
        self.playout = Playout(
            parts.engine,
            avatar,
            self._epoch,
            parts.metrics,
            self._turns.played,
            clock,
            self._acted,
            self.backdrop,
        )
        self.broadcast = Broadcast(
            self.playout,
            Encodings(parts.encoder, parts.metrics),
            parts.audio_bitrate,
            parts.metrics,
            partial(on_failed, session_id),
            clock,
            parts.mark,
        )
        self.events.listen(self._follow_state)
        self._redraw = Redraw(parts.engine, parts.batcher, self.playout, clock)
        self._changing = threading.Lock()
        self._voices = Voices(self._begin_stretch, self.playout.excess_s, parts.metrics)
        self.conversation = Conversation(self, parts, self._turns, self.playout, self.events, clock)
        self._stages = Stages(
            parts, self._epoch, self, self.conversation, self.playout, self._redraw, self._slot
        )

    def _slot(self) -> AbstractContextManager[None]:
        return self._parts.slots.slot(self._clock() + self.playout.lead_s())

    # -- what callers do --------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work; where that fails, `close` ends what was begun."""
        self._parts.metrics.sessions.inc()
        self._stages.start()
        self.conversation.start()

    def say(self, text: str, voice: str = "", fields: EventFields | None = None) -> Tag:
        """Speak a text after what is being said; the tag of its turn.

        Raises:
            InvalidRequest: there is nothing in it that can be spoken.
            TooManyRequests: too much is waiting already.
        """
        whole = clean(text)
        pieces = cut(whole)
        if not pieces:
            raise InvalidRequest("the text has nothing that can be spoken; send some words")
        tag = self._turns.open(fields or {})
        last = len(pieces) - 1
        voice = voice or self.conversation.persona.voice
        sentences = [
            Sentence(
                piece.text, tag, voice, place == 0, place == last, fields or {}, language(piece.text, whole)
            )
            for place, piece in enumerate(pieces)
        ]
        for sentence in sentences:
            self.conversation.history.planned(tag.utterance, sentence.text)
        self.enqueue(tag, sentences)
        return tag

    def play(self, content: bytes, fields: EventFields | None = None) -> None:
        """Speak a sound file, checked before to be one, after what is being said.

        Raises:
            TooManyRequests: too much is waiting already.
        """
        tag = self._turns.open(fields or {})
        self.enqueue(tag, [Clip(content, tag, fields or {})])

    def listen(self, fields: EventFields | None = None) -> VoiceIn:
        """Begin to say what a live voice says; close what comes back to end it.

        Raises:
            NotFound: the session has ended.
        """
        voice = self._voices.listen(fields or {})
        if voice is None:
            raise NotFound("the session has ended; connect again")
        return voice

    def interrupt(self) -> None:
        """Stop speaking at the next tick; forget all that waits."""
        stopped = self._turns.cut_off()
        self._voices.cut()
        self.conversation.cut(stopped)
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

    def act(self, action: str, *, loops: bool = False) -> None:
        """Show an action of the avatar, with its own sound where it has one; "" ends the one that is seen.

        Raises:
            InvalidRequest: the avatar has no such action, or its sound cannot be repeated.
            TooManyRequests: it has a sound, and too much waits to be said already.
        """
        self._turns.touch()
        if not action:
            self.playout.end_action()
            return
        bundle = self.playout.avatar.bundle
        found = bundle.manifest.actions.get(action)
        if found is None:
            there = ", ".join(sorted(bundle.manifest.actions)) or "none"
            raise InvalidRequest(f"{bundle.id} has no action {action[:64]!r}; there are: {there}")
        if not found.sound:
            self.playout.play(action, loops=loops)
        elif loops:
            raise InvalidRequest(f"{action} has a sound of its own and is said once; leave out loop")
        else:
            tag = self._turns.open({"action": action})
            content = (bundle.folder / found.sound).read_bytes()
            self.enqueue(tag, [Clip(content, tag, action=action)])

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
            ended.callback(self.conversation.close)

    def enqueue(self, tag: Tag, asked: Sequence[Asked]) -> None:
        """Take what is to be said by a turn.

        Raises:
            NotFound: the session has ended.
            TooManyRequests: too much is waiting already; the turn is forgotten.
        """
        try:
            taken = self._stages.offer(asked)
        except Closed as error:
            raise NotFound("the session has ended; connect again") from error
        if not taken:
            self._turns.close(tag)
            self.conversation.history.forget(tag.utterance)
            raise TooManyRequests(
                f"{len(asked)} sentences more are too many, {self._stages.waiting} of at most {QUEUED} wait "
                "already; let some be said, interrupt first, or send less at once"
            )

    # -- what the pipeline tells ------------------------------------------------------------------

    def reached(self, stage: str, tag: Tag) -> None:
        """A stage handed on its first value of an utterance."""
        self._turns.reached(stage, tag)

    def failed(self, stage: str, tag: Tag, error: Exception) -> None:
        """A stage failed on an utterance: tell the user, and wait for it no longer."""
        self._parts.metrics.failures.labels(stage).inc()
        plain = str(error) if isinstance(error, LivetalkError) else f"{stage} failed; see the server's log"
        goes_on = stage == "speak" or (stage == "think" and self.conversation.history.has_plan(tag.utterance))
        self._turns.failed(stage, tag, plain, over=not goes_on)
        if not goes_on:
            self.playout.abandon(tag)
            self._turns.close(tag)

    # -- inside -----------------------------------------------------------------------------------

    def _let_go(self) -> None:
        """End all waiting between the stages."""
        self._epoch.advance()
        self.playout.close()
        self._stages.close()

    def _follow_state(self, event: Event) -> None:
        if isinstance(event, StateEvent):
            self.playout.state = event.state

    def _acted(self, action: str) -> None:
        self.events.tell(ActionEvent(action=action))

    def _begin_stretch(self, fields: EventFields) -> Stretch | None:
        stretch = Stretch(self._turns.open(fields), fields)
        try:
            self.enqueue(stretch.tag, [stretch])
        except (TooManyRequests, NotFound):
            return None
        return stretch
