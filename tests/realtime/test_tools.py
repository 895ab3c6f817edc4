"""Sessions whose speech-to-speech model uses tools on the way to its answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from livetalk.errors import SettingsError, ToolError
from livetalk.protocols import Cancel, RealtimeOptions
from livetalk.realtime.errands import NOT_DONE
from livetalk.realtime.openai import OpenAIRealtime
from livetalk.remote.toolbox import ROUNDS
from livetalk.session import Session
from livetalk.types import SAMPLE_RATE
from tests.player import Player
from tests.realtime.playing import MS_A_TICK, play_ready, sounded, texts
from tests.realtime.realtime_server import RealtimeServer, Saying, call, done, refusal, tone

WAIT_S = 20.0


class Weather:
    name = "weather"
    description = "The weather in a town."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {"town": {"type": "string"}}}

    def __call__(self, arguments: Mapping[str, Any], cancel: Cancel) -> str:
        town = arguments["town"]
        if town == "Nowhere":
            raise ToolError("there is no such town")
        return f"rain in {town}"


class Errand:
    """Takes until nobody waits for it any more."""

    name = "errand"
    description = "Something that takes long."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {}}

    def __init__(self) -> None:
        self.begun = threading.Event()

    def __call__(self, arguments: Mapping[str, Any], cancel: Cancel) -> str:
        given_up = threading.Event()
        end_watch = cancel.watch(given_up.set)
        self.begun.set()
        try:
            return "gave up" if given_up.wait(WAIT_S) else "nobody ended it"
        finally:
            end_watch()


@pytest.fixture
def errand() -> Errand:
    return Errand()


@pytest.fixture
def options(server: RealtimeServer, errand: Errand) -> RealtimeOptions:
    return RealtimeOptions(url=server.url, model="gpt-test", timeout_s=60.0, tools=(Weather(), errand))


def kinds(server: RealtimeServer) -> list[str]:
    """What was sent since the session began, by its kind."""
    return [event["type"] for event in server.got if event["type"] != "session.update"]


def test_the_model_is_told_which_tools_there_are(session: Session, server: RealtimeServer) -> None:
    (update,) = server.of("session.update")
    tools = update["session"]["tools"]
    assert [each["name"] for each in tools] == ["weather", "errand"]
    assert tools[0] == {
        "type": "function",
        "name": "weather",
        "description": "The weather in a town.",
        "parameters": Weather.parameters,
    }


def test_two_tools_of_one_name_are_refused(options: RealtimeOptions) -> None:
    with pytest.raises(SettingsError, match="two tools have one name"):
        OpenAIRealtime(RealtimeOptions(tools=(Weather(), Weather())))


def test_what_a_tool_gives_is_told_and_the_answer_goes_on_in_its_turn(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [
        Saying([(tone(0.4), "Let me look.")], calls=[("weather", '{"town": "Ulm"}')]),
        Saying([(tone(0.4), "It rains.")]),
    ]
    session.conversation.chat("Do I need an umbrella?", fields={"ticket": 7})
    player.until("end", 2)
    assert server.results() == [("call_resp_1_0", "rain in Ulm")]
    assert kinds(server)[-2:] == ["conversation.item.create", "response.create"]
    assert len(server.of("response.create")) == 2
    assert sounded(player) == int(0.8 * SAMPLE_RATE)
    assert texts(player, "end") == ["Let me look.", "It rains."]
    assert all(event.fields["ticket"] == 7 for event in player.events)
    said = [(each.role, each.text) for each in session.conversation.history.messages(10)]
    assert said == [("user", "Do I need an umbrella?"), ("assistant", "Let me look. It rains.")]


def test_all_tools_that_are_wanted_at_once_are_used_before_the_answer(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    towns = [("weather", '{"town": "Ulm"}'), ("weather", '{"town": "Bonn"}')]
    server.sayings = [Saying([], calls=towns), Saying([(tone(0.2), "Both wet.")])]
    session.conversation.chat("And there?")
    player.until("end")
    assert [result for _, result in server.results()] == ["rain in Ulm", "rain in Bonn"]
    assert len(server.of("response.create")) == 2


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("weather", '{"town": "Nowhere"}', "error: there is no such town"),
        ("weather", '{"town": ', "error: the arguments are not JSON"),
        ("weather", "[]", "error: the arguments are no JSON object"),
        ("weather", "", "error: the tool failed"),
        ("stocks", "{}", "error: there is no tool stocks"),
    ],
)
def test_what_goes_wrong_with_a_tool_is_told_to_the_model(
    session: Session, server: RealtimeServer, player: Player, tool: str, arguments: str, told: str
) -> None:
    server.sayings = [Saying([], calls=[(tool, arguments)]), Saying([(tone(0.2), "I cannot tell.")])]
    session.conversation.chat("Well?")
    player.until("end")
    ((_, result),) = server.results()
    assert result.startswith(told)
    assert "error" not in player.names()


def test_a_model_that_wants_tools_for_ever_has_to_answer_without(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([], calls=[("weather", '{"town": "Ulm"}')])]
    session.conversation.chat("Well?")
    player.until("end")
    asked = [each["response"].get("tool_choice", "auto") for each in server.of("response.create")]
    assert asked == ["auto"] * ROUNDS + ["none"]
    server.wait("conversation.item.create", 1 + ROUNDS + 1)
    assert server.results()[-1] == (f"call_resp_{ROUNDS + 1}_0", NOT_DONE)


def test_words_to_be_recited_need_no_tools(session: Session, server: RealtimeServer, player: Player) -> None:
    session.conversation._speech.greet("Welcome!")
    (asked,) = server.wait("response.create")
    assert asked["response"]["tool_choice"] == "none"


def test_while_a_tool_is_used_the_server_is_listened_to(
    session: Session, server: RealtimeServer, player: Player, errand: Errand
) -> None:
    server.sayings = [Saying([], calls=[("errand", "{}")])]
    session.conversation.chat("Well?")
    assert errand.begun.wait(WAIT_S)
    server.send(refusal("something else"))
    assert "something else" in player.hear("error").fields["message"]
    assert server.results() == []


def test_an_interrupt_ends_the_use_of_tools_and_each_call_has_its_result_all_the_same(
    session: Session, server: RealtimeServer, player: Player, errand: Errand
) -> None:
    wanted = [("errand", "{}"), ("weather", '{"town": "Ulm"}')]
    server.sayings = [Saying([(tone(0.2), "Let me look.")], calls=wanted)]
    session.conversation.chat("Well?")
    assert errand.begun.wait(WAIT_S)
    server.send({"type": "input_audio_buffer.speech_started", "item_id": "said_1", "audio_start_ms": 0})
    server.wait("conversation.item.create", 3)
    assert server.results() == [("call_resp_1_0", "gave up"), ("call_resp_1_1", NOT_DONE)]
    server.sayings = [Saying([(tone(0.2), "Yes.")])]
    session.conversation.chat("And now?")
    player.until("end")
    assert texts(player, "end") == ["Yes."]
    assert len(server.of("response.create")) == 2


def test_calls_of_an_answer_that_was_stopped_have_results_but_are_not_made(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(5), "Let me look.")], open_end=True)]
    session.conversation.chat("Well?")
    play_ready(session, player, 5)
    session.interrupt()
    server.wait("response.cancel")
    whole = call("a", "weather", '{"town": "Ulm"}')
    broken = call("b", "weather", '{"tow', status="incomplete")
    server.send(done("resp_1", "cancelled", output=[whole, broken]))
    server.wait("conversation.item.create", 2)
    assert server.results() == [("call_a", NOT_DONE)]


def test_what_was_heard_after_a_tool_was_used_is_counted_from_its_own_beginning(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [
        Saying([(tone(0.4), "Let me look.")], calls=[("weather", '{"town": "Ulm"}')]),
        Saying([(tone(5), "One two three four.")], open_end=True),
    ]
    session.conversation.chat("Well?")
    play_ready(session, player, 30)
    played_ms = sounded(player) * 1000 // SAMPLE_RATE
    session.interrupt()
    (cut,) = server.wait("conversation.item.truncate")
    assert cut["item_id"] == "item_resp_2"
    assert abs(cut["audio_end_ms"] - (played_ms - 400)) <= MS_A_TICK


def test_a_connection_that_is_lost_ends_the_use_of_tools(
    session: Session, server: RealtimeServer, player: Player, errand: Errand
) -> None:
    server.sayings = [Saying([(tone(0.2), "Let me look.")], calls=[("errand", "{}")])]
    session.conversation.chat("Well?")
    assert errand.begun.wait(WAIT_S)
    server.drop()
    player.until("end")
    assert "closed the connection" in player.hear("error").fields["message"]
    server.wait("session.update", 2)
    server.sayings = [Saying([(tone(0.2), "Yes.")])]
    session.conversation.chat("And now?")
    player.until("end", 2)
    assert server.results() == []


def test_closing_while_a_tool_is_used_leaves_no_thread(
    session: Session, server: RealtimeServer, errand: Errand
) -> None:
    server.sayings = [Saying([], calls=[("errand", "{}")])]
    session.conversation.chat("Well?")
    assert errand.begun.wait(WAIT_S)
    session.close()
    assert not [each.name for each in threading.enumerate() if each.name.startswith("realtime-tools")]
