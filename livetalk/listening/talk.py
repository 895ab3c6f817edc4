"""What listening to a microphone is for: a conversation, and who follows the turns that are taken in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from livetalk.audio.turn_events import TurnEvent
from livetalk.listening.attempt import Attempt
from livetalk.listening.recogniser import Understood
from livetalk.types import Tag


class Talk(Protocol):
    """The conversation that somebody speaks in."""

    def hold(self, holder: object) -> bool:
        """Be silent for the moment; whether something was being said, or prepared."""

    def release(self, holder: object) -> None:
        """Go on where it stopped."""

    def interrupt(self) -> None:
        """Say nothing more of it."""

    def ask(self, text: str, heard: Mapping[str, float]) -> Tag:
        """Answer; `heard` has the times of `asked`, the end of the speech, and `recognised`."""

    def retract(self, tag: Tag) -> None:
        """The question was not whole: do not answer it, and forget it."""

    def listening(self, listener: object, active: bool) -> None:
        """Somebody begins to speak, or has done."""

    def understood(self, text: str, final: bool, tag: Tag | None) -> None:
        """What they say, as far as it is known; a final one is answered by the turn of `tag`."""

    def misheard(self, message: str) -> None:
        """What they said was not understood, and why."""


class Follower(Protocol):
    """Follows one microphone's turns."""

    def follow(self, event: TurnEvent) -> None:
        """Take what happens next."""

    def learn(self, attempt: Attempt, understood: Understood) -> None:
        """Take what was understood of an attempt."""

    def finish(self) -> None:
        """The speaker says that this is all."""

    def give_up(self, why: str) -> None:
        """Nothing comes of this turn; tell why."""

    def leave(self) -> None:
        """Nothing more comes of this turn; the avatar goes on."""


__all__ = ["Follower", "Talk"]
