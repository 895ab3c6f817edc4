"""What a speech-to-speech model must be: it hears the user, and answers with a voice of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from livetalk.errors import ProviderError
from livetalk.protocols.language_models import Message, Tool
from livetalk.types import Int16Array

REPLY_RATE = 24_000
"""Hz, of the sound that it answers with"""

TurnDetection: TypeAlias = Literal["server", "semantic", "ours"]
"""who tells when somebody has done speaking: the provider by loudness, the provider by what is said, or
whoever calls `end_heard`"""


@dataclass(frozen=True, slots=True)
class RealtimeOptions:
    """What the settings say to a speech-to-speech plugin."""

    url: str = ""
    """of the endpoint, "" for the provider's own"""
    key: str = field(default="", repr=False)
    model: str = ""
    voice: str = ""
    turn_detection: TurnDetection = "server"
    barge_in: bool = True
    timeout_s: float = 20.0
    """until it is connected, and until the sound of an answer, and between two pieces of it"""
    tools: Sequence[Tool] = ()
    """that the model may use before it answers, or in mid-answer"""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """the plugin's own options"""


class RealtimeReply(Protocol):
    """Where one answer goes, while it is made."""

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it."""

    def put(self, pcm: Int16Array) -> bool:
        """Take (n,) samples, mono, at REPLY_RATE, waiting for room; False where nobody wants any more."""

    def write(self, text: str) -> None:
        """Take what is said in the sound, as far as it was written."""

    def end(self, error: ProviderError | None = None) -> None:
        """No more comes; `error` says why, where it is not whole."""


class RealtimeSide(Protocol):
    """What a conversation tells its session, on a thread of the conversation's own."""

    def instructions(self) -> str:
        """What the model is to be."""

    def remembered(self) -> Sequence[Message]:
        """The conversation so far, for a connection that begins in its middle."""

    def begin_reply(self, heard: str) -> RealtimeReply | None:
        """The model answers unasked, or what was `heard`, an id as `understood` has it, "" for nothing; None
        where it cannot be said."""

    def voice(self, active: bool) -> None:
        """The provider hears somebody speak, or no longer does."""

    def understood(self, heard: str, text: str, final: bool) -> None:
        """What somebody says, as far as it is known; `heard` is the same for all of one turn."""

    def trouble(self, message: str) -> None:
        """Something does not work that belongs to no answer."""


class RealtimeConversation(Protocol):
    """One session's; none of its calls blocks but `close`."""

    def ask(self, text: str, reply: RealtimeReply) -> None:
        """Answer what the user wrote; it fails by `reply`."""

    def recite(self, text: str, reply: RealtimeReply) -> None:
        """Say these words, as they are."""

    def hear(self, pcm: Int16Array) -> None:
        """Take (n,) samples of a voice, mono, 16 kHz; what comes while it is not connected is lost."""

    def end_heard(self) -> None:
        """What was heard since the last time is a question: answer it."""

    def forget_heard(self) -> None:
        """What was heard since the last time was nothing."""

    def cut(self, reply: RealtimeReply, played_s: float) -> None:
        """Nobody hears more of an answer than so many seconds: make no more, and know no more of it."""

    def close(self) -> None:
        """Disconnect, and end what is being made.

        Raises:
            StageError: its thread did not end in time.
        """


class Realtime(Protocol):
    """A speech-to-speech model, shared by all sessions."""

    def load(self) -> None:
        """Get ready; no need to reach the provider.

        Raises:
            SettingsError, ProviderError: it cannot work here; the message says what to do.
        """

    def open(self, side: RealtimeSide) -> RealtimeConversation:
        """Begin a session's conversation; it connects by itself."""

    def close(self) -> None:
        """Let go of connections and threads; the conversations were closed before."""


__all__ = [
    "REPLY_RATE",
    "Realtime",
    "RealtimeConversation",
    "RealtimeOptions",
    "RealtimeReply",
    "RealtimeSide",
    "TurnDetection",
]
