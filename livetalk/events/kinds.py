"""The kinds of events, and what each tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from livetalk.types import SessionState

State: TypeAlias = SessionState


class Event(BaseModel):
    """Something that happened in a session; the caller's own fields stand beside those of its kind."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    name: ClassVar[str]

    @classmethod
    def about(cls, own: Mapping[str, Any], **told: Any) -> Self:
        """One that carries the fields that came with what it is about; where both name one, ours counts."""
        kept = {name: value for name, value in own.items() if name not in cls.model_fields}
        return cls(**kept, **told)

    @property
    def fields(self) -> dict[str, Any]:
        """As a JSON object; what may be left out is there only where it says something."""
        fields = type(self).model_fields
        return {
            name: value
            for name, value in self
            if name not in fields or fields[name].is_required() or value != fields[name].default
        }


class TurnEvent(Event):
    """Something that happened to one of the session's texts, answers and clips."""

    turn: int
    """counts them"""


class StartEvent(TurnEvent):
    """The first sound of a sentence, a clip or a live voice, which has `live` too."""

    name = "start"
    text: str
    """the sentence, as it is spoken; empty for what is none"""
    first: bool
    """the turn begins with it"""


class WordEvent(TurnEvent):
    """A word begins to sound."""

    name = "word"
    word: str
    offset: int
    """characters (code points) of the sentence before it"""
    text: str
    """the sentence"""
    estimated: bool = False
    """the voice does not tell when its words begin: it is a guess"""


class EndEvent(TurnEvent):
    """The last sound of a sentence, a clip or a live voice."""

    name = "end"
    text: str
    """the sentence"""
    last: bool
    """the turn ends with it"""
    broken: bool = False
    """the voice failed before the sentence was said to its end"""


class StateEvent(Event):
    """What the session does now."""

    name = "state"
    state: State
    """listening: somebody speaks to it; thinking: something is to be said"""


class TranscriptEvent(Event):
    """What was understood of a microphone."""

    name = "transcript"
    text: str
    final: bool
    """these are the words; else it is a guess, replaced by the next"""
    turn: int | None = None
    """which answers the final words"""


class ReplyEvent(TurnEvent):
    """What the language model wrote, as it wrote it, before it is said: together, a turn's are its reply."""

    name = "reply"
    text: str
    last: bool
    """the reply ends with it"""


class LatencyEvent(TurnEvent):
    """How long a turn took to be heard: from the request, or from the end of the user's speech, to …"""

    name = "latency"
    recognised_ms: float | None = None
    """… the final transcript"""
    first_token_ms: float | None = None
    """… the language model's first words"""
    first_sentence_ms: float | None = None
    """… the first sentence or clause of them that is whole"""
    first_audio_ms: float | None = None
    """… the voice's first sound"""
    first_lip_ms: float | None = None
    """… the first mouth"""
    first_played_ms: float | None = None
    """… the first tick played"""

    @property
    def steps(self) -> Mapping[str, float]:
        """Those that apply, in their order."""
        return {name: value for name, value in self.fields.items() if name.endswith("_ms")}


class InterruptedEvent(TurnEvent):
    """A turn that was being said, or waited, was stopped."""

    name = "interrupted"
    text: str
    """the sentence that was being said; empty if none had begun"""
    spoken: str
    """the part of it whose words had begun"""


class AvatarEvent(Event):
    """Another avatar is shown from the next picture on."""

    name = "avatar"
    avatar: str
    """its id"""


class ActionEvent(Event):
    """An action of the avatar begins to be seen, or is over."""

    name = "action"
    action: str
    """its name; empty where the body goes on as usual"""


class RecordingEvent(Event):
    """A recording began, or is over."""

    name = "recording"
    id: str
    state: Literal["recording", "ended", "failed"]
    reason: str
    """why it is over; empty where somebody asked for it"""
    detail: str
    """the same in words"""


class ErrorEvent(Event):
    """Something failed; the session lives on."""

    name = "error"
    message: str
    """what, and what to do about it"""
    stage: str
    """which failed; `listen`: somebody was not understood; `request`: a command was refused"""
    over: bool
    """nothing more comes of the turn"""
    turn: int | None = None
    """that failed"""


class ClosedEvent(Event):
    """The session ended; no event follows."""

    name = "closed"


KINDS: Mapping[str, type[Event]] = {
    kind.name: kind
    for kind in (
        StartEvent,
        WordEvent,
        EndEvent,
        StateEvent,
        TranscriptEvent,
        ReplyEvent,
        LatencyEvent,
        InterruptedEvent,
        AvatarEvent,
        ActionEvent,
        RecordingEvent,
        ErrorEvent,
        ClosedEvent,
    )
}
"""name -> kind"""
