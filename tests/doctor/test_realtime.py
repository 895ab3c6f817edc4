"""A speech-to-speech model is examined with a real question to a local server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from livetalk.doctor import realtime as examined
from livetalk.doctor.finding import Finding, Look, Mark
from livetalk.errors import ProviderError
from livetalk.settings import Settings
from tests.realtime.realtime_server import RealtimeServer, Saying, done, refusal, tone


@pytest.fixture
def server() -> Iterator[RealtimeServer]:
    with RealtimeServer() as server:
        yield server


def realtime(server: RealtimeServer) -> Settings:
    return Settings(realtime="openai", realtime_url=server.url, realtime_model="stand-in")


def one(look: Look, settings: Settings) -> Finding:
    (finding,) = look(settings)
    return finding


def test_where_there_is_none_it_is_told() -> None:
    finding = one(examined.speech_model, Settings())
    assert finding.mark is Mark.OK
    assert finding.found.startswith("none; ")


def test_a_speech_model_is_asked_for_a_sound(server: RealtimeServer) -> None:
    server.sayings = [Saying([(tone(0.2), "Yes.")], open_end=True)]
    finding = one(examined.speech_model, realtime(server))
    assert finding.mark is Mark.OK
    assert finding.found.startswith("openai: speaks within")
    (asked,) = server.of("conversation.item.create")
    assert asked["item"]["content"][0]["text"] == examined.QUESTION


def test_a_speech_model_without_a_key_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ProviderError, match="LIVETALK_REALTIME_KEY"):
        examined.speech_model(Settings(realtime="openai"))


def test_a_speech_model_that_refuses_is_told_with_where_to_look(server: RealtimeServer) -> None:
    server.refuses = 404
    with pytest.raises(ProviderError, match="check realtime_url and realtime_model"):
        examined.speech_model(realtime(server))


def test_a_speech_model_that_does_not_answer_is_given_up(
    server: RealtimeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examined, "ANSWER_S", 0.2)
    with pytest.raises(ProviderError, match="did not answer within"):
        examined.speech_model(realtime(server))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (refusal("no voice 'x'", "invalid_value", "setup"), "no voice 'x'; check realtime_voice"),
        (done("resp_1", "failed", {"error": {"message": "no quota"}}), "no quota"),
        (done("resp_1"), "without a sound"),
    ],
)
def test_a_speech_model_that_does_not_speak_is_told_with_the_reason(
    server: RealtimeServer, event: dict[str, object], told: str
) -> None:
    server.after = [event]
    server.sayings = [Saying([], open_end=True)]
    with pytest.raises(ProviderError, match=told):
        examined.speech_model(realtime(server))
