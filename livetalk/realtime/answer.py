"""An answer as the server makes it: its items, how much came of each, and what of them is to be known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from livetalk.errors import ProviderError
from livetalk.protocols import REPLY_RATE, RealtimeReply
from livetalk.realtime.messages import ClientEvent, delete, truncate


@dataclass(slots=True)
class Ask:
    """Something that is to be answered."""

    reply: RealtimeReply | None
    """None where nobody wants the answer any more"""
    text: str = ""
    """"" for what the server knows already"""
    instructions: str = ""
    """for this answer alone"""
    request: str = ""
    """by which the server names it, "" before it was sent"""


@dataclass(slots=True)
class Item:
    """A message of the model's."""

    id: str
    content_index: int
    began: int
    """sample of the answer"""
    samples: int = 0


@dataclass(slots=True)
class Answer:
    """A response, in the API's words."""

    id: str
    reply: RealtimeReply | None
    """None where nobody wants it"""
    items: dict[str, Item] = field(default_factory=dict)
    done: bool = False
    """the server makes no more of it"""
    stopped: bool = False
    """what still comes is dropped"""
    cut: bool = False
    """somebody said how much of it was heard"""
    samples: int = 0
    settled: set[str] = field(default_factory=set)
    """items of which the server knows what was heard"""

    def came(self, item_id: str, content_index: int, samples: int) -> None:
        """Some sound of an item came."""
        item = self.items.setdefault(item_id, Item(item_id, content_index, self.samples))
        item.samples += samples
        self.samples += samples

    def announced(self, item_id: str) -> None:
        """An item is being made."""
        self.items.setdefault(item_id, Item(item_id, 0, self.samples))

    def settle(self, played_s: float) -> Iterator[ClientEvent]:
        """Have the server know no more than was heard: what was cut in the middle is truncated."""
        played = round(played_s * REPLY_RATE)
        for item in self.items.values():
            heard = min(played - item.began, item.samples)
            if heard <= 0 or item.id in self.settled:
                continue
            self.settled.add(item.id)
            if heard < item.samples or self.stopped or not self.done:
                yield truncate(item.id, item.content_index, heard * 1000 // REPLY_RATE)

    def forget_unheard(self) -> Iterator[ClientEvent]:
        """Have the server forget the items of which nothing was heard; once it makes no more of them."""
        for item in self.items.values():
            if item.id not in self.settled:
                self.settled.add(item.id)
                yield delete(item.id)


def failure(response: Mapping[str, Any]) -> ProviderError | None:
    """Why a response is not whole; None where it is, or where somebody wanted it so."""
    details = response.get("status_details") or {}
    if response.get("status") == "failed":
        why = (details.get("error") or {}).get("message") or "no reason was given"
        return ProviderError(f"the speech model failed: {why}", retryable=True)
    if response.get("status") == "incomplete":
        return ProviderError(f"the answer is not whole: {details.get('reason')}", retryable=False)
    return None


__all__ = ["Answer", "Ask", "Item", "failure"]
