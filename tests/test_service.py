from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import AvatarError, InvalidRequest, ModelError, PluginError, ProviderError
from livetalk.protocols import LLMOptions, VoiceOptions
from livetalk.service import Service, ServiceOptions
from livetalk.types import Sentence, Tag
from tests.fakes import counted

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def options(tmp_path: Path) -> ServiceOptions:
    return ServiceOptions(
        engine="viseme",
        tts="espeak",
        voice=VoiceOptions(),
        llm="none",
        mind=LLMOptions(),
        avatar="default",
        device="cpu",
        models=ROOT / "models",
        avatars=ROOT / "data" / "avatars",
        cache=tmp_path / "cache",
        avatar_memory=1 << 30,
        max_sessions=2,
        clip_limit_s=10.0,
        video_encoder="auto",
        video_quality=26,
        audio_bitrate=48_000,
    )


def test_the_default_parts_load_and_end_without_a_thread_left(options: ServiceOptions) -> None:
    before = set(threading.enumerate())
    service = Service(options)
    session = service.sessions.open(service.avatars.get("default"))
    assert service.sessions.get(session.id) is session
    service.close()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"voice": VoiceOptions("nobody")}, ProviderError),
        ({"avatar": "nobody"}, AvatarError),
        ({"engine": "nobody"}, PluginError),
        ({"tts": "nobody"}, PluginError),
        ({"llm": "nobody"}, PluginError),
        ({"models": Path("nowhere")}, ModelError),
    ],
)
def test_a_part_that_is_missing_is_named_and_nothing_stays_behind(
    options: ServiceOptions, change: dict[str, object], error: type[Exception]
) -> None:
    before = set(threading.enumerate())
    with pytest.raises(error, match=r"nobody|nowhere"):
        Service(replace(options, **change))  # type: ignore[arg-type]
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("avatar_id", ["nobody", "../default", "", "default/"])
def test_an_avatar_that_is_not_there_cannot_be_asked_for(options: ServiceOptions, avatar_id: str) -> None:
    service = Service(options)
    try:
        with pytest.raises(InvalidRequest, match="there are: default"):
            service.avatars.get(avatar_id)
    finally:
        service.close()


def test_a_voice_that_fails_is_stood_in_for_and_counted(options: ServiceOptions) -> None:
    nowhere = VoiceOptions(url="http://127.0.0.1:9", key="secret")
    service = Service(replace(options, tts="azure", voice=nowhere, tts_fallback="espeak"))
    try:
        assert [*service.tts.speak(Sentence("hello", Tag(0, 0)), Cancellation())]
        assert counted(service.metrics, "voice_failures_total") == 1
    finally:
        service.close()
