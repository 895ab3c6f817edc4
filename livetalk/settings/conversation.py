"""The settings of the conversation: the voice, the language model, the ears."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from livetalk.assets import asset
from livetalk.protocols import TurnDetection
from livetalk.settings.kinds import Names, Options


class ConversationSettings(BaseSettings):
    """Who speaks, who answers, who listens."""

    tts: str = Field("espeak", description="the voice plugin")
    voice: str = Field("auto", description="a voice of the plugin; auto guesses the language from the text")
    tts_url: str = Field("", description="the voice's server, where it is not the provider's own")
    tts_model: str = Field("", description="the voice's model, where the provider has several")
    tts_key: SecretStr | None = Field(None, description="key of the voice; only from LIVETALK_TTS_KEY")
    tts_options: Options = Field({}, description="further options of the voice plugin, as a JSON object")
    tts_timeout_s: float = Field(
        8.0, gt=0, description="so long the voice may take to its first sound, and pause within"
    )
    tts_fallback: str = Field("espeak", description="the voice plugin that speaks where tts fails; or none")
    voices_dir: Path = Field(
        default_factory=lambda: asset("data") / "voices",
        description="folder of recordings to clone: NAME.wav, and what is said in it as NAME.txt",
    )

    llm: str = Field("auto", description="the language model plugin; auto is openai where llm_model is set")
    llm_url: str = Field("", description="an OpenAI-compatible endpoint, as http://127.0.0.1:11434/v1")
    llm_model: str = Field("", description="the language model's name there")
    llm_models: Names = Field((), description="further models that sessions may choose")
    llm_key: SecretStr | None = Field(None, description="key of the endpoint; only from LIVETALK_LLM_KEY")
    llm_temperature: float | None = Field(None, ge=0, le=2, description="none leaves it to the endpoint")
    llm_options: Options = Field({}, description="further fields of its requests, as a JSON object")
    llm_timeout_s: float = Field(
        20.0, gt=0, description="so long the language model may take to its first words, and pause within"
    )
    system_prompt: str = Field("", description="what the language model is told to be; empty for our own")
    history_messages: int = Field(
        40, ge=2, le=1000, description="how many messages of a conversation it is reminded of"
    )
    tools: Names = Field((), description="tools that the model may use, by name")
    welcome: str = Field("", description="what the face says to whoever connects; empty says nothing")

    stt: str = Field("auto", description="the recogniser plugin; auto is openai where stt_model is set")
    stt_url: str = Field("", description="the recogniser's server, where it is not the provider's own")
    stt_model: str = Field("", description="the recogniser's model")
    stt_key: SecretStr | None = Field(None, description="key of the recogniser; only from LIVETALK_STT_KEY")
    stt_language: str = Field("", description="what is spoken, as en or zh; empty finds out")
    stt_options: Options = Field({}, description="further options of the recogniser, as a JSON object")
    stt_timeout_s: float = Field(
        20.0, gt=0, description="so long the recogniser may take after the end of the speech"
    )

    realtime: str = Field(
        "none",
        description="the speech-to-speech plugin, in place of stt, llm and the voice of answers; or none",
    )
    realtime_url: str = Field("", description="its endpoint, where it is not the provider's own")
    realtime_model: str = Field("", description="its model")
    realtime_key: SecretStr | None = Field(None, description="its key; only from LIVETALK_REALTIME_KEY")
    realtime_voice: str = Field("", description="the voice that it answers with")
    realtime_options: Options = Field({}, description="further fields of its session, as a JSON object")
    realtime_vad: TurnDetection = Field(
        "server",
        description="who tells that the user speaks: server, semantic (the server's, by words) or ours",
    )
    realtime_timeout_s: float = Field(
        20.0, gt=0, description="so long it may take to connect, to its first sound, and pause within"
    )

    barge_in: bool = Field(True, description="whether whoever speaks over the face stops it")
    pause_ms: float = Field(
        160.0, ge=60, le=2000, description="quiet after which a question that sounds finished is answered"
    )
    endpoint_ms: float = Field(
        700.0, ge=200, le=5000, description="quiet after which any question is answered"
    )


__all__ = ["ConversationSettings"]
