"""A refusal: what an error of the server's means (the event `error` of OpenAI's Realtime API)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livetalk.realtime.messages import SETUP

SETTLING = "settle_"
"""begins the ids of what is sent to stop an answer, and to have the server know what was heard of it"""
BUSY = "conversation_already_has_active_response"
EXPIRED = "session_expired"
TOO_LATE = "response_cancel_not_active"
NOTHING_HEARD = "input_audio_buffer_commit_empty"
"""less than 100 ms of sound"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server did not do."""

    why: str
    """for the user"""
    code: str
    cause: str
    """the id of the event that it is about, "" where the server does not say"""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Refusal:
        """What an event says."""
        error = event.get("error") or {}
        cause = error.get("event_id") or ""
        why = error.get("message") or error.get("type") or "no reason was given"
        if cause == SETUP:
            why = f"these settings: {why}; check realtime_voice and realtime_options"
        return cls(f"the speech model refused: {why}", error.get("code") or "", cause)

    @property
    def harmless(self) -> bool:
        """Whether nobody misses it: what was to be stopped is over, what was to be answered is nothing."""
        return self.cause.startswith(SETTLING) or self.code in (TOO_LATE, NOTHING_HEARD)


__all__ = ["BUSY", "EXPIRED", "SETTLING", "Refusal"]
