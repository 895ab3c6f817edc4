"""Any endpoint that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, DashScope and others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livetalk.errors import SettingsError
from livetalk.llm.thoughts import Aloud
from livetalk.protocols import Cancel, Chat, LLMOptions, Message, Tool
from livetalk.remote.calls import Calls, TimeLimits
from livetalk.remote.openai import explained, is_official, keyed_client
from livetalk.remote.toolbox import ROUNDS, Toolbox

DEFAULT_MODEL = "gpt-6-luna"
DEFAULT_MODEL_FIELDS: Mapping[str, Any] = {"reasoning_effort": "none"}
"""it answers at once so, and uses tools, which chat completions offer it in no other way"""
NAME = "the language model"


class OpenAILLM:
    """Streams replies; each call ends with its cancel, and has its own time limits. `llm_options` are further
    fields of the request, as `{"max_tokens": 300}`, or what only this server knows, as `enable_thinking`.
    """

    def __init__(self, options: LLMOptions) -> None:
        """Make one; it connects with the first reply.

        Raises:
            SettingsError: there is a URL, but no model; or two tools have one name.
        """
        if options.url and not options.model:
            raise SettingsError(f"llm_url is {options.url}: name the model to use there as llm_model")
        self._options = options
        self._toolbox = Toolbox(options.tools)
        self._calls = Calls("llm-openai")
        self._limits = TimeLimits(options.timeout_s, options.timeout_s, "llm_timeout_s")

    def load(self) -> None:
        """Make the client; nothing is sent.

        Raises:
            SettingsError: the URL is none.
            ProviderError: the key is missing.
        """
        options = self._options
        self._client = keyed_client(NAME, options.url, options.key, ("llm_url", "LIVETALK_LLM_KEY"))
        _ = self._client.chat.completions  # which loads it; the first question would wait for that
        self._calls.at_end(self._client.close)
        self._calls.start()

    def reply(self, chat: Chat, cancel: Cancel) -> Iterator[str]:
        """Yield the reply as it is written, tools used on the way; what a model thinks to itself is left out.

        Raises:
            ProviderError: the endpoint cannot be reached, refuses, falls silent, or says nothing.
        """
        messages = [_message(each) for each in chat.messages]
        for left in reversed(range(ROUNDS + 1)):
            request = self._request(chat, messages, with_tools=left > 0)
            uses = _ToolUses()
            aloud = Aloud()
            for delta in self._stream(request, cancel):
                uses.add(delta)
                if text := aloud.feed(delta.content or ""):
                    yield text
            if text := aloud.flush():
                yield text
            if cancel() or not uses.calls:
                return
            messages += [uses.message(), *(self._use(call, cancel) for call in uses.calls)]

    def close(self) -> None:
        """Break off what is being written, and disconnect."""
        self._calls.stop()

    def _request(
        self, chat: Chat, messages: Sequence[Mapping[str, Any]], *, with_tools: bool
    ) -> dict[str, Any]:
        temperature = self._options.temperature if chat.temperature is None else chat.temperature
        request: dict[str, Any] = {
            "model": chat.model or self._options.model or DEFAULT_MODEL,
            "messages": [*messages],
            "stream": True,
        }
        if temperature is not None:
            request["temperature"] = temperature
        if self._toolbox and with_tools:
            request["tools"] = [_described(tool) for tool in self._toolbox]
        usual = DEFAULT_MODEL_FIELDS if is_official(self._options.url) else {}
        further = {**(usual if request["model"] == DEFAULT_MODEL else {}), **self._options.extra}
        if further:
            request["extra_body"] = further
        return request

    def _stream(self, request: Mapping[str, Any], cancel: Cancel) -> Iterator[Any]:
        async def deltas() -> AsyncIterator[Any]:
            with explained(NAME, "llm_url", "LIVETALK_LLM_KEY", self._client):
                async with await self._client.chat.completions.create(**request) as stream:
                    async for chunk in stream:
                        if chunk.choices and chunk.choices[0].delta is not None:
                            yield chunk.choices[0].delta

        return self._calls.stream(NAME, deltas, self._limits, cancel)

    def _use(self, call: _ToolUse, cancel: Cancel) -> Mapping[str, Any]:
        """Do what the model asks for; the message that tells it."""
        result = self._toolbox.use(call.name, call.arguments, cancel)
        return {"role": "tool", "tool_call_id": call.id, "content": result}


@dataclass(slots=True)
class _ToolUse:
    """A call that the model writes, piece by piece."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class _ToolUses:
    """Those of one answer, in their order."""

    def __init__(self) -> None:
        self._by_index: dict[int, _ToolUse] = {}
        self._text = ""

    def add(self, delta: Any) -> None:
        """Take what a delta brings."""
        self._text += delta.content or ""
        for piece in delta.tool_calls or ():
            call = self._by_index.setdefault(piece.index or 0, _ToolUse())
            call.id = piece.id or call.id
            if piece.function is not None:
                call.name += piece.function.name or ""
                call.arguments += piece.function.arguments or ""

    @property
    def calls(self) -> list[_ToolUse]:
        """What is to be done."""
        return [self._by_index[index] for index in sorted(self._by_index)]

    def message(self) -> Mapping[str, Any]:
        """The assistant's message that asked for it."""
        return {
            "role": "assistant",
            "content": _whole(self._text) or None,
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for call in self.calls
            ],
        }


def _message(message: Message) -> Mapping[str, Any]:
    return {"role": message.role, "content": _whole(message.text)}


def _whole(text: str) -> str:
    """A text that can be sent: halves of characters (surrogates) are put together, lone ones replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _described(tool: Tool) -> Mapping[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        },
    }


__all__ = ["OpenAILLM"]
