"""Parts: what the sessions of a server share."""

from __future__ import annotations

from dataclasses import dataclass, field

from livetalk.background import Background
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.listening.ear import Hearing
from livetalk.marking.marking import Mark, unmarked
from livetalk.metrics import Metrics
from livetalk.persona import Persona
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.protocols import LLM, TTS, Engine, Realtime, RealtimeOptions


@dataclass(frozen=True, slots=True)
class Parts:
    """The loaded plugins, and what sessions run with."""

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
    background: Background | None = None
    """behind avatars that were cut out, for sessions that ask for none; None for each avatar's own"""
    persona: Persona = field(default_factory=Persona)
    """of a session that has none of its own"""
    hearing: Hearing | None = None
    """None where nobody can be heard"""
    history_messages: int = 40
    """that a language model is reminded of"""
    realtime: Realtime | None = None
    """hears and answers in place of recogniser, language model and voice; None where those do"""
    realtime_options: RealtimeOptions = field(default_factory=RealtimeOptions)

    @property
    def hears(self) -> bool:
        """Whether microphones are listened to."""
        by_provider = self.realtime is not None and self.realtime_options.turn_detection != "ours"
        return by_provider or self.hearing is not None


__all__ = ["Parts"]
