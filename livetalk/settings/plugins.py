"""What the settings say to the plugins of the conversation."""

from __future__ import annotations

from pydantic import SecretStr

from livetalk.protocols import LLMOptions, RealtimeOptions, STTOptions, Tool, VoiceOptions
from livetalk.settings.model import Settings


def voice_options(settings: Settings) -> VoiceOptions:
    """To the voice."""
    return VoiceOptions(
        voice=settings.voice,
        url=settings.tts_url,
        key=_plain(settings.tts_key),
        model=settings.tts_model,
        references=settings.voices_dir,
        timeout_s=settings.tts_timeout_s,
        extra=settings.tts_options,
    )


def chosen_llm(settings: Settings) -> str:
    """The name of the language model plugin."""
    if settings.llm != "auto":
        return settings.llm
    return "openai" if settings.llm_model or settings.llm_url else "none"


def chosen_stt(settings: Settings) -> str:
    """The name of the recogniser plugin, "none" for none."""
    if settings.stt != "auto":
        return settings.stt
    return "openai" if settings.stt_model or settings.stt_url else "none"


def llm_options(settings: Settings, tools: tuple[Tool, ...] = ()) -> LLMOptions:
    """To the language model."""
    return LLMOptions(
        url=settings.llm_url,
        key=_plain(settings.llm_key),
        model=settings.llm_model,
        temperature=settings.llm_temperature,
        timeout_s=settings.llm_timeout_s,
        tools=tools,
        extra=settings.llm_options,
    )


def stt_options(settings: Settings) -> STTOptions:
    """To the recogniser."""
    return STTOptions(
        url=settings.stt_url,
        key=_plain(settings.stt_key),
        model=settings.stt_model,
        language=settings.stt_language,
        models=settings.models_dir,
        device=settings.device,
        timeout_s=settings.stt_timeout_s,
        extra=settings.stt_options,
    )


def realtime_options(settings: Settings, tools: tuple[Tool, ...] = ()) -> RealtimeOptions:
    """To the speech-to-speech model."""
    return RealtimeOptions(
        url=settings.realtime_url,
        key=_plain(settings.realtime_key),
        model=settings.realtime_model,
        voice=settings.realtime_voice,
        turn_detection=settings.realtime_vad,
        barge_in=settings.barge_in,
        timeout_s=settings.realtime_timeout_s,
        tools=tools,
        extra=settings.realtime_options,
    )


def _plain(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


__all__ = ["chosen_llm", "chosen_stt", "llm_options", "realtime_options", "stt_options", "voice_options"]
