"""What a server is made of: the loaded plugins, the avatars, the sessions."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from livetalk.audio.silero import SileroModel
from livetalk.audio.turn_taking import TurnTaking
from livetalk.avatars import Avatars
from livetalk.background import Background, Backgrounds
from livetalk.broadcast.choice import choose_h264
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.errors import (
    AvatarError,
    InvalidRequest,
    ModelError,
    ProviderError,
    SettingsError,
    UnfitAvatar,
)
from livetalk.listening.ear import Hearing
from livetalk.marking.marking import make_mark
from livetalk.metrics import Metrics
from livetalk.parts import Parts
from livetalk.persona import Persona
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.protocols import (
    STT,
    EngineAvatar,
    LLMOptions,
    Realtime,
    RealtimeOptions,
    STTOptions,
    VoiceOptions,
)
from livetalk.registry import make_engine, make_llm, make_realtime, make_stt
from livetalk.sessions import Sessions
from livetalk.steadfast import make_voice
from livetalk.types import FPS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """Which plugins, from which folders, for how many."""

    engine: str
    tts: str
    voice: VoiceOptions
    llm: str
    mind: LLMOptions
    avatar: str
    device: str
    models: Path
    avatars: Path
    cache: Path
    avatar_memory: int
    """bytes"""
    max_sessions: int
    clip_limit_s: float
    video_encoder: str
    video_quality: int
    audio_bitrate: int
    """bit/s"""
    background: str = ""
    """of sessions that ask for none; "" for each avatar's own"""
    backgrounds: Path | None = None
    """folder of pictures"""
    label: str = ""
    """drawn into every picture"""
    label_font: Path | None = None
    watermark: str = ""
    """payload of the invisible mark"""
    stt: str = "none"
    """"none" for no recogniser"""
    hearing: STTOptions = field(default_factory=STTOptions)
    turn_taking: TurnTaking = field(default_factory=TurnTaking)
    barge_in: bool = True
    realtime: str = "none"
    """"none" for no speech-to-speech model"""
    speech_model: RealtimeOptions = field(default_factory=RealtimeOptions)
    persona: Persona = field(default_factory=Persona)
    history_messages: int = 40
    tts_fallback: str = "none"
    """the voice plugin that speaks where `tts` cannot"""


class Service:
    """Loads everything at start, so that the first turn is as fast as any; lets go of it at the end."""

    def __init__(self, options: ServiceOptions) -> None:
        """Load.

        Raises:
            SettingsError, PluginError, ModelError, AvatarError, ProviderError, EncoderError: something is
                missing; says what to do.
        """
        self.metrics = Metrics()
        mark = make_mark(options.label, options.label_font, options.watermark)
        self.default_avatar = options.avatar
        self.persona = options.persona
        self.llm_name = options.llm if options.realtime == "none" else options.realtime
        self.engine = make_engine(options.engine)
        self.engine.load(options.models, options.device)
        self.avatars = Avatars(
            options.avatars, options.cache, self.engine, options.avatar_memory, self.metrics
        )
        self.backgrounds = Backgrounds(options.backgrounds)
        background = self._first_background(options)
        avatar = self._first_avatar(options)
        encoder = EncoderOptions(choose_h264(options.video_encoder), options.video_quality)
        with ExitStack() as started:
            self.tts = make_voice(options.tts, options.voice, options.tts_fallback, self._count_failure)
            started.callback(self.tts.close)
            self.tts.load()
            self.llm = make_llm(options.llm, options.mind)
            started.callback(self.llm.close)
            self.llm.load()
            self.stt = _recogniser(options, started)
            self.realtime = _realtime(options, started)
            self._batcher = Batcher(self.engine, self.metrics)
            self._batcher.start()
            started.callback(self._batcher.stop)
            self._batcher.warm_up(avatar)
            self._started = started.pop_all()
        hearing = _hearing(self.stt, options)
        parts = Parts(
            engine=self.engine,
            batcher=self._batcher,
            slots=Slots(_slots()),
            tts=self.tts,
            llm=self.llm,
            metrics=self.metrics,
            clip_limit_s=options.clip_limit_s,
            encoder=encoder,
            audio_bitrate=options.audio_bitrate,
            mark=mark,
            background=background,
            persona=options.persona,
            hearing=hearing,
            history_messages=options.history_messages,
            realtime=self.realtime,
            realtime_options=options.speech_model,
        )
        self.hears = parts.hears
        self.recognises = self.stt is not None or self.realtime is not None
        self.sessions = Sessions(parts, options.max_sessions)
        self._tell_rate(options)

    def _count_failure(self, _why: str) -> None:
        self.metrics.voice_failures.inc()

    def _first_background(self, options: ServiceOptions) -> Background | None:
        try:
            return self.backgrounds.get(options.background)
        except InvalidRequest as error:
            raise SettingsError(f"setting background: {error}") from error

    def _first_avatar(self, options: ServiceOptions) -> EngineAvatar:
        there = f"for engine {self.engine.spec.name} there are: {', '.join(self.avatars.ids()) or 'none'}"
        if not self.avatars.has(options.avatar):
            raise AvatarError(f"no avatar {options.avatar!r} in {options.avatars}; {there}")
        try:
            return self.avatars.get(options.avatar)
        except UnfitAvatar as error:
            raise UnfitAvatar(f"{error}; {there}") from error

    def _tell_rate(self, options: ServiceOptions) -> None:
        carried, rate = self._batcher.sessions(), self._batcher.pictures_a_second
        if carried == 0:
            logger.warning(
                "engine %s draws %.1f pictures a second on this machine: one session, its mouth moving %.1f "
                "times a second; a GPU (device) does better",
                *(options.engine, rate, FPS / self._batcher.pictures_per_mouth()),
            )
        elif carried < options.max_sessions:
            logger.warning(
                "engine %s draws %.0f pictures a second on this machine: enough for %d sessions, fewer than "
                "max_sessions (%d)",
                *(options.engine, rate, carried, options.max_sessions),
            )

    def close(self) -> None:
        """End all sessions and threads."""
        with self._started:
            self.sessions.close_all()


def _recogniser(options: ServiceOptions, started: ExitStack) -> STT | None:
    if options.stt == "none":
        return None
    stt = make_stt(options.stt, options.hearing)
    started.callback(stt.close)
    stt.load()
    return stt


def _realtime(options: ServiceOptions, started: ExitStack) -> Realtime | None:
    if options.realtime == "none":
        return None
    realtime = make_realtime(options.realtime, options.speech_model)
    started.callback(realtime.close)
    realtime.load()
    return realtime


def _hearing(stt: STT | None, options: ServiceOptions) -> Hearing | None:
    """What sessions hear with; None, and a word in the log, where this machine cannot."""
    try:
        model = SileroModel.load()
    except (ProviderError, ModelError) as error:
        logger.warning("microphones are not heard: %s", error)
        return None
    return Hearing(model.stream, stt, options.turn_taking, options.barge_in)


def _slots() -> int:
    """How many stages compute at once: half of the cores, the other half encodes and sends."""
    return max(1, (os.cpu_count() or 1) // 2)
