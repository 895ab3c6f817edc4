"""Parts: what the sessions of a server share."""

from __future__ import annotations

from dataclasses import dataclass, field

from livetalk.broadcast.encoders import EncoderOptions
from livetalk.listening.ear import Hearing
from livetalk.marking.marking import Mark, unmarked
from livetalk.metrics import Metrics
from livetalk.persona import Persona
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.protocols import LLM, TTS, Engine


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
    persona: Persona = field(default_factory=Persona)
    """of a session that has none of its own"""
    hearing: Hearing | None = None
    """None where nobody can be heard"""
    history_messages: int = 40
    """that a language model is reminded of"""


__all__ = ["Parts"]
