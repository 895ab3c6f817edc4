"""What the plugin is made with."""

from __future__ import annotations

import pytest

from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import RealtimeOptions
from livetalk.realtime.messages import session_update
from livetalk.realtime.openai import OpenAIRealtime
from livetalk.registry import make_realtime
from livetalk.settings import load, realtime_options


def test_it_is_found_by_its_name() -> None:
    assert isinstance(make_realtime("openai", RealtimeOptions()), OpenAIRealtime)


def test_without_a_key_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ProviderError, match="LIVETALK_REALTIME_KEY"):
        OpenAIRealtime(RealtimeOptions()).load()


def test_an_endpoint_of_ones_own_needs_the_name_of_its_model() -> None:
    with pytest.raises(SettingsError, match="realtime_model"):
        OpenAIRealtime(RealtimeOptions(url="http://127.0.0.1:1/v1"))


def test_the_settings_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVETALK_REALTIME_KEY", "secret")
    options = realtime_options(
        load(["--realtime-model", "m", "--realtime-voice", "cedar", "--realtime-vad", "semantic"])
    )
    assert (options.key, options.model, options.voice) == ("secret", "m", "cedar")
    assert options.turn_detection == "semantic"
    assert "secret" not in repr(options)


def test_a_key_on_the_command_line_is_refused() -> None:
    with pytest.raises(SettingsError, match="LIVETALK_REALTIME_KEY"):
        load(["--realtime-key", "secret"])


def test_further_options_go_into_what_is_set_and_win() -> None:
    extra = {"audio": {"input": {"turn_detection": None}, "output": {"speed": 1.1}}, "max_output_tokens": 900}
    session = session_update(RealtimeOptions(voice="marin", extra=extra), "Be kind.")["session"]
    assert session["audio"]["output"]["voice"] == "marin"
    assert session["audio"]["output"]["speed"] == 1.1
    assert session["audio"]["input"]["turn_detection"] is None
    assert session["audio"]["input"]["format"]["rate"] == 24_000
    assert session["max_output_tokens"] == 900


def test_where_nobody_may_interrupt_the_server_does_not_either() -> None:
    session = session_update(RealtimeOptions(turn_detection="semantic", barge_in=False), "")["session"]
    assert session["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "create_response": True,
        "interrupt_response": False,
    }
