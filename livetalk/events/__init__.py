"""What a session tells those who listen: speech as it plays, and what went wrong."""

from livetalk.events.hub import Events, Listener
from livetalk.events.kinds import (
    KINDS,
    ActionEvent,
    AvatarEvent,
    ClosedEvent,
    EndEvent,
    ErrorEvent,
    Event,
    InterruptedEvent,
    LatencyEvent,
    RecordingEvent,
    ReplyEvent,
    StartEvent,
    State,
    StateEvent,
    TranscriptEvent,
    TurnEvent,
    WordEvent,
)
from livetalk.events.schema import schemas, written

__all__ = [
    "KINDS",
    "ActionEvent",
    "AvatarEvent",
    "ClosedEvent",
    "EndEvent",
    "ErrorEvent",
    "Event",
    "Events",
    "InterruptedEvent",
    "LatencyEvent",
    "Listener",
    "RecordingEvent",
    "ReplyEvent",
    "StartEvent",
    "State",
    "StateEvent",
    "TranscriptEvent",
    "TurnEvent",
    "WordEvent",
    "schemas",
    "written",
]
