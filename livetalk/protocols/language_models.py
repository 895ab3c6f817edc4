"""What a language model must be, and the tools that it may use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from livetalk.protocols.cancel import Cancel


@dataclass(frozen=True, slots=True)
class Message:
    """A part of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Chat:
    """What a language model is to answer."""

    messages: Sequence[Message]
    """oldest first; what the avatar said is there as far as it was heard"""
    model: str = ""
    """one of the plugin's, "" for its own choice"""
    temperature: float | None = None
    """None leaves it to the plugin"""


class Tool(Protocol):
    """Something that a language model may do before it answers."""

    name: str
    """as the model calls it: letters, digits, _ and -"""
    description: str
    """what it is for, written for the model"""
    parameters: Mapping[str, Any]
    """JSON Schema of the object that it takes"""

    def __call__(self, arguments: Mapping[str, Any], cancel: Cancel) -> str:
        """Do it; what comes back is told to the model.

        Raises:
            ToolError: it cannot be done; the message is told to the model instead.
        """


@dataclass(frozen=True, slots=True)
class LLMOptions:
    """What the settings say to a language model plugin."""

    url: str = ""
    """of the endpoint, "" for the provider's own"""
    key: str = field(default="", repr=False)
    model: str = ""
    temperature: float | None = None
    timeout_s: float = 20.0
    """until the first words, and between two"""
    tools: Sequence[Tool] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """the plugin's own options"""


class LLM(Protocol):
    """A language model. Yields its reply as it is written."""

    def load(self) -> None:
        """Get ready, so that the first reply is as fast as the hundredth; no need to reach the provider.

        Raises:
            ProviderError: it cannot work here; the message says why.
        """

    def reply(self, chat: Chat, cancel: Cancel) -> Iterator[str]:
        """Yield the reply piece by piece, as it comes; give up as soon as `cancel` says so.

        Raises:
            ProviderError: there is none, or no more of it.
        """

    def close(self) -> None:
        """Let go of connections and threads."""


__all__ = ["LLM", "Chat", "LLMOptions", "Message", "Tool"]
