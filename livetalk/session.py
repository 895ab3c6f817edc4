"""A session: one conversation with one avatar; owns its pipeline and everything that changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.errors import InvalidRequest, LivetalkError, TooManyRequests, UnknownSession
from livetalk.events import Event, Events
from livetalk.marking.marking import Mark, unmarked
from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.channel import Channel, Closed
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.features import Features
from livetalk.pipeline.lipsync import LipSync
from livetalk.pipeline.live import Stretch
from livetalk.pipeline.paste import Paste
from livetalk.pipeline.playout import Playout
from livetalk.pipeline.redraw import Redraw
from livetalk.pipeline.slots import Slots
from livetalk.pipeline.speak import Speak, Speech
from livetalk.pipeline.voice_in import VoiceIn, Voices
from livetalk.protocols import LLM, TTS, Engine, EngineAvatar
from livetalk.text import clean, cut
from livetalk.turns import Turns
from livetalk.types import (
    AudioChunk,
    Clip,
    EventFields,
    FeatureChunk,
    LipFrame,
    Sentence,
    Tag,
)

AnyStage: TypeAlias = Speak | Features | LipSync | Paste

QUEUED_SPEECHES = 512
"""sentences and clips that may wait to be spoken"""
QUEUED_CHUNKS = 16
QUEUED_WINDOWS = 16
QUEUED_MOUTHS = 8
"""short queues: what stands in them is work done too early, and work lost at an interrupt"""


@dataclass(frozen=True, slots=True)
class Parts:
    """What sessions share: the loaded plugins and the limits they run with."""

    engine: Engine
    batcher: Batcher
    slots: Slots
    tts: TTS
    llm: LLM
    metrics: Metrics
    clip_limit_s: float
    encoder: EncoderOptions = field(default_factory=EncoderOptions)
    audio_bitrate: int = 48_000
    """bit/s of Opus"""
    mark: Mark = unmarked
    """drawn into each picture that is played"""


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
        self._msgqueue: Channel[Speech] = Channel("msgqueue", QUEUED_SPEECHES)
        self._redraw = Redraw(parts.engine, parts.batcher, self.playout, clock)
        self._changing = threading.Lock()
        self._voices = Voices(self._begin_stretch, self.playout.excess_s, parts.metrics)
        self._stages: tuple[AnyStage, ...] = self._build()

    def _build(self) -> tuple[AnyStage, ...]:
        parts, epoch = self._parts, self._epoch
        audio: Channel[AudioChunk] = Channel("audio", QUEUED_CHUNKS)
        features: Channel[FeatureChunk] = Channel("features", QUEUED_WINDOWS)
        res_frame_queue: Channel[LipFrame] = Channel("res_frame_queue", QUEUED_MOUTHS)
        return (
            Speak(self._msgqueue, audio, epoch, self, parts.tts, parts.clip_limit_s),
            Features(audio, features, epoch, self, self._slot, parts.engine.features()),
            LipSync(features, res_frame_queue, epoch, self, parts.engine, parts.batcher, self.playout),
            Paste(res_frame_queue, self.playout, epoch, self, self._slot, parts.engine, self._redraw),
        )

    def _slot(self) -> AbstractContextManager[None]:
        return self._parts.slots.slot(self._clock() + self.playout.lead_s())

    # -- what callers do --------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work; where that fails, `close` ends what was begun."""
        self._parts.metrics.sessions.inc()
        for stage in self._stages:
            stage.start()

    def say(self, text: str, voice: str = "", fields: EventFields | None = None) -> None:
        """Speak a text after what is being said.

        Raises:
            InvalidRequest: there is nothing in it that can be spoken.
            TooManyRequests: too much is waiting already.
        """
        pieces = cut(clean(text))
        if not pieces:
            raise InvalidRequest("the text has nothing that can be spoken; send some words")
        tag = self._turns.open(fields or {})
        last = len(pieces) - 1
        self._enqueue(
            tag,
            [
                Sentence(piece.text, tag, voice, place == 0, place == last, fields or {})
                for place, piece in enumerate(pieces)
            ],
        )

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

    def interrupt(self) -> None:
        """Stop speaking at the next tick; forget all that waits."""
        stopped = self._turns.cut_off()
        self._voices.cut()
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
            self.events.tell(Event("avatar", {"avatar": avatar.bundle.id}))

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
        self._epoch.advance()
        self.playout.close()
        for stage in self._stages:
            stage.inbox.close()
        with ExitStack() as ended:
            ended.callback(self.events.tell, Event("closed"))
            ended.callback(self._parts.metrics.sessions.dec)
            ended.callback(self.broadcast.stop)
            for stage in self._stages:
                ended.callback(stage.stop)
        self._stages = ()

    # -- what the pipeline tells ------------------------------------------------------------------

    def reached(self, stage: str, tag: Tag) -> None:
        """A stage handed on its first value of an utterance."""
        self._turns.reached(stage, tag)

    def failed(self, stage: str, tag: Tag, error: Exception) -> None:
        """A stage failed on an utterance: tell the user, and wait for it no longer."""
        self._parts.metrics.failures.labels(stage).inc()
        plain = str(error) if isinstance(error, LivetalkError) else f"{stage} failed; see the server's log"
        self._turns.failed(stage, tag, plain)
        if stage != "speak":
            self.playout.abandon(tag)
            self._turns.close(tag)

    # -- inside -----------------------------------------------------------------------------------

    def _begin_stretch(self, fields: EventFields) -> Stretch | None:
        stretch = Stretch(self._turns.open(fields), fields)
        try:
            self._enqueue(stretch.tag, [stretch])
        except (TooManyRequests, UnknownSession):
            return None
        return stretch

    def _enqueue(self, tag: Tag, speeches: list[Speech]) -> None:
        try:
            taken = self._msgqueue.offer(speeches)
        except Closed as error:
            raise UnknownSession("the session has ended; connect again") from error
        if not taken:
            self._turns.close(tag)
            raise TooManyRequests(
                f"{len(self._msgqueue)} sentences wait already; let some be said, or interrupt first"
            )
