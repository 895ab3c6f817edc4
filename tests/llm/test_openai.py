from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError, SettingsError, ToolError
from livetalk.llm.openai import DEFAULT_MODEL, OpenAILLM
from livetalk.protocols import Cancel, Chat, LLMOptions, Message
from livetalk.remote import openai as remote
from tests.fakes import WAIT_S
from tests.llm.chat_server import ChatServer, served_beside

CHAT = Chat([Message("system", "Be kind."), Message("user", "Hello!")])


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with served_beside(ChatServer([["Hel", "lo ", "there."]])) as server:
        yield server


@pytest.fixture
def loaded() -> Iterator[list[OpenAILLM]]:
    """Those that a test made; closed at its end."""
    made: list[OpenAILLM] = []
    yield made
    for llm in made:
        llm.close()


def load(made: list[OpenAILLM], server: ChatServer, **options: Any) -> OpenAILLM:
    llm = OpenAILLM(LLMOptions(**{"url": server.url, "model": "stand-in", "key": "secret", **options}))
    llm.load()
    made.append(llm)
    return llm


class Weather:
    name = "weather"
    description = "The weather in a town."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {"town": {"type": "string"}}}

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def __call__(self, arguments: Mapping[str, Any], cancel: Cancel) -> str:
        self.asked.append(arguments)
        if arguments.get("town") == "Atlantis":
            raise ToolError("it sank")
        return "sunny"


def call(index: int, name: str, *pieces: str) -> list[dict[str, Any]]:
    """The deltas with which a tool is called."""
    first = {
        "index": index,
        "id": f"call_{index}",
        "type": "function",
        "function": {"name": name, "arguments": ""},
    }
    rest = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
    return [{"tool_calls": [each]} for each in (first, *rest)]


def test_halves_of_characters_do_not_keep_a_question_from_being_sent(
    loaded: list[OpenAILLM], server: ChatServer
) -> None:
    llm = load(loaded, server)
    chat = Chat([Message("user", "Cut off \ud83d"), Message("user", "In two \ud83d\ude00")])
    assert [*llm.reply(chat, Cancellation())] == ["Hel", "lo ", "there."]
    sent = [each["content"] for each in server.asked[0]["messages"]]
    assert sent == ["Cut off \ufffd", "In two \U0001f600"]


def test_a_reply_comes_as_it_is_written(loaded: list[OpenAILLM], server: ChatServer) -> None:
    llm = load(loaded, server)
    assert [*llm.reply(CHAT, Cancellation())] == ["Hel", "lo ", "there."]
    assert server.asked == [
        {
            "model": "stand-in",
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello!"}],
            "stream": True,
        }
    ]
    assert server.headers[0]["Authorization"] == "Bearer secret"


def test_the_first_words_are_there_before_the_last_are_written(
    loaded: list[OpenAILLM], server: ChatServer
) -> None:
    server.scripts = [["first", None]]
    assert next(load(loaded, server).reply(CHAT, Cancellation())) == "first"


def test_model_temperature_and_further_fields_go_along(loaded: list[OpenAILLM], server: ChatServer) -> None:
    llm = load(loaded, server, temperature=0.2, extra={"enable_thinking": False})
    [*llm.reply(CHAT, Cancellation())]
    [*llm.reply(Chat(CHAT.messages, "other", 0.0), Cancellation())]
    asked = [(each["model"], each["temperature"], each["enable_thinking"]) for each in server.asked]
    assert asked == [("stand-in", 0.2, False), ("other", 0.0, False)]


def test_the_usual_model_is_told_to_answer_at_once_unless_the_settings_say_otherwise(
    loaded: list[OpenAILLM], server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [*load(loaded, server, model=DEFAULT_MODEL).reply(CHAT, Cancellation())]
    monkeypatch.setattr(remote, "OFFICIAL_URL", server.url)
    at_home: dict[str, Any] = {"url": "", "model": ""}
    [*load(loaded, server, **at_home).reply(CHAT, Cancellation())]
    [*load(loaded, server, **at_home, extra={"reasoning_effort": "low"}).reply(CHAT, Cancellation())]
    [*load(loaded, server, url="", model="other").reply(CHAT, Cancellation())]
    assert [each["model"] for each in server.asked] == [DEFAULT_MODEL, DEFAULT_MODEL, DEFAULT_MODEL, "other"]
    assert [each.get("reasoning_effort") for each in server.asked] == [None, "none", "low", None]


def test_an_interrupt_closes_the_connection_at_once(loaded: list[OpenAILLM], server: ChatServer) -> None:
    server.scripts = [["first", None]]
    cancel = Cancellation()
    reply = load(loaded, server).reply(CHAT, cancel)
    assert next(reply) == "first"
    cancel.cancel()
    assert server.left.wait(WAIT_S)
    assert [*reply] == []


def test_an_interrupt_ends_a_wait_for_the_first_words(loaded: list[OpenAILLM], server: ChatServer) -> None:
    server.scripts = [[None]]
    cancel = Cancellation()
    reply = load(loaded, server).reply(CHAT, cancel)
    threading.Timer(0.1, cancel.cancel).start()
    assert [*reply] == []


def test_a_model_that_hangs_is_given_up(loaded: list[OpenAILLM], server: ChatServer) -> None:
    server.scripts = [["first", None]]
    reply = load(loaded, server, timeout_s=0.3).reply(CHAT, Cancellation())
    assert next(reply) == "first"
    with pytest.raises(
        ProviderError, match=r"the language model fell silent for 0\.3 s \(llm_timeout_s\)"
    ) as caught:
        next(reply)
    assert caught.value.retryable
    assert server.left.wait(WAIT_S)


def test_a_connection_that_breaks_is_told_after_what_came(
    loaded: list[OpenAILLM], server: ChatServer
) -> None:
    server.breaks_off = True
    server.scripts = [["Half a", 0.1]]
    reply = load(loaded, server).reply(CHAT, Cancellation())
    assert next(reply) == "Half a"
    with pytest.raises(ProviderError, match=r"the language model at 127\.0\.0\.1"):
        next(reply)


@pytest.mark.parametrize(
    ("status", "body", "said", "retryable"),
    [
        (401, {"error": {"message": "bad key sk-123"}}, "refuses the key; check LIVETALK_LLM_KEY", False),
        (
            404,
            {"error": {"message": "no model stand-in"}},
            "answered 404: no model stand-in.*; check llm_url and the model",
            False,
        ),
        (429, {"error": {"message": "slow down"}}, "answered 429: .*slow down", True),
        (500, {"error": {"message": "out of memory"}}, "answered 500: .*out of memory", True),
        (400, {"detail": "too long"}, "answered 400", False),
    ],
)
def test_what_the_endpoint_refuses_is_told_in_plain_words(
    loaded: list[OpenAILLM],
    server: ChatServer,
    status: int,
    body: dict[str, Any],
    said: str,
    retryable: bool,
) -> None:
    server.statuses = [(status, body)]
    llm = load(loaded, server)
    with pytest.raises(ProviderError, match=said) as caught:
        [*llm.reply(CHAT, Cancellation())]
    assert caught.value.retryable is retryable
    assert "secret" not in str(caught.value)
    assert [*llm.reply(CHAT, Cancellation())] == ["Hel", "lo ", "there."]


def test_an_endpoint_that_is_not_there_is_named(loaded: list[OpenAILLM], server: ChatServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(ProviderError, match=rf"{url[7:-3]} cannot be reached .*check llm_url"):
            [*load(loaded, server, url=url).reply(CHAT, Cancellation())]


def test_what_is_thought_is_not_said(loaded: list[OpenAILLM], server: ChatServer) -> None:
    server.scripts = [["<thi", "nk>Hm, they", " greet.</th", "ink>\n\nHel", "lo."]]
    assert "".join(load(loaded, server).reply(CHAT, Cancellation())) == "Hello."


def test_a_tool_is_used_and_its_result_goes_back(loaded: list[OpenAILLM], server: ChatServer) -> None:
    weather = Weather()
    server.scripts = [
        [
            "One moment. ",
            *call(0, "weather", '{"town": ', '"Rome"}'),
            *call(1, "weather", '{"town": "Atlantis"}'),
        ],
        ["It is sunny."],
    ]
    llm = load(loaded, server, tools=(weather,))
    assert "".join(llm.reply(CHAT, Cancellation())) == "One moment. It is sunny."
    assert weather.asked == [{"town": "Rome"}, {"town": "Atlantis"}]
    assert server.asked[0]["tools"][0]["function"]["name"] == "weather"
    said, *results = server.asked[1]["messages"][2:]
    assert said["content"] == "One moment. "
    assert [each["function"]["arguments"] for each in said["tool_calls"]] == [
        '{"town": "Rome"}',
        '{"town": "Atlantis"}',
    ]
    assert [(each["tool_call_id"], each["content"]) for each in results] == [
        ("call_0", "sunny"),
        ("call_1", "error: it sank"),
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("moon", "{}", "error: there is no tool moon"),
        ("weather", "{", "error: the arguments are not JSON"),
        ("weather", "[]", "error: the arguments are no JSON object"),
    ],
)
def test_a_tool_that_is_called_wrongly_is_told_to_the_model(
    loaded: list[OpenAILLM], server: ChatServer, name: str, arguments: str, told: str
) -> None:
    server.scripts = [[*call(0, name, arguments)], ["I see."]]
    llm = load(loaded, server, tools=(Weather(),))
    assert "".join(llm.reply(CHAT, Cancellation())) == "I see."
    assert server.asked[1]["messages"][-1]["content"].startswith(told)


def test_a_model_that_calls_tools_for_ever_has_to_answer_without(
    loaded: list[OpenAILLM], server: ChatServer
) -> None:
    server.scripts = [[*call(0, "weather", "{}")]]
    [*load(loaded, server, tools=(Weather(),)).reply(CHAT, Cancellation())]
    assert ["tools" in each for each in server.asked] == [True, True, True, True, False]


def test_without_a_key_the_providers_own_endpoint_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ProviderError, match="set LIVETALK_LLM_KEY"):
        OpenAILLM(LLMOptions()).load()


def test_the_providers_own_key_goes_to_nobody_else(
    loaded: list[OpenAILLM], server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-precious")
    [*load(loaded, server, key="").reply(CHAT, Cancellation())]
    assert "sk-precious" not in str(server.headers)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "localhost:11434", "model": "x"}, "llm_url: it looks like"),
        ({"url": "http://localhost:11434/v1"}, "name the model to use there as llm_model"),
        ({"key": "k", "tools": (Weather(), Weather())}, "two tools have one name"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        OpenAILLM(LLMOptions(**options)).load()
