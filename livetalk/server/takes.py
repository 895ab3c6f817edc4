"""Takes: what a recorder makes of a session, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from livetalk.broadcast.spoken import Spoken
from livetalk.protocols import OutputStatus
from livetalk.server.archive import Reason, Recording
from livetalk.session import Session
from livetalk.transports.recorder import Recorder
from livetalk.types import FRAME_S

Kind: TypeAlias = Literal["film", "clip"]
"""a film has all that is played; a clip the speech alone, is told to nobody, and removed with its session"""


@dataclass(slots=True)
class Take:
    """A recorder at work, of a film or a clip."""

    recording: Recording
    recorder: Recorder
    session: Session
    spoken: Spoken | None = None
    """what a clip is made of"""
    attached_id: str = ""
    reason: Reason = "session_ended"
    """why it ends, unless the recorder says so"""

    @property
    def kind(self) -> Kind:
        """Which of the two it makes."""
        return "film" if self.spoken is None else "clip"


def ended(recording: Recording, status: OutputStatus, reason: Reason) -> Recording:
    """A recording as it is once its recorder ended."""
    seconds = status.ticks * FRAME_S
    if status.state == "failed":
        return replace(recording, state="failed", seconds=seconds, reason="disk")
    if not status.ticks:
        return replace(recording, state="failed", reason="empty")
    return replace(recording, state="ended", seconds=seconds, reason=reason)


__all__ = ["Kind", "Take", "ended"]
