"""An answer as the server makes it: its items, how much came of each, and what of them is to be known."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.protocols import REPLY_RATE, RealtimeReply
from livetalk.realtime.messages import ClientEvent, delete, truncate
from livetalk.types import Int16Array

REMEDIES = {
    "max_output_tokens": "; raise max_output_tokens in realtime_options",
    "content_filter": "; the provider's filter cut it off",
}
"""reason that the API gives -> what to add to it"""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants used."""

    id: str
    name: str
    arguments: str
    """JSON"""


@dataclass(slots=True)
class Item:
    """A message of the model's."""

    id: str
    content_index: int
    began: int
    """sample of the reply"""
    samples: int = 0


@dataclass(slots=True)
class Answer:
    """A response, in the API's words; a reply has several where tools are used on the way."""

    id: str
    reply: RealtimeReply | None
    """None where nobody wants it"""
    samples: int = 0
    """of the reply so far, those of the answers before this one too"""
    round: int = 0
    """how often tools were used before it"""
    worded: str = ""
    """the item whose words came last"""
    items: dict[str, Item] = field(default_factory=dict)
    done: bool = False
    """the server makes no more of it"""
    stopped: bool = False
    """what still comes is dropped"""
    cut: bool = False
    """somebody said how much of it was heard"""
    calls: dict[str, ToolCall] = field(default_factory=dict)
    """by their ids"""
    errand: Cancellation | None = None
    """ends the use of its tools, while they are used"""
    written: bool = False
    """whether it is written instead of said"""
    settled: set[str] = field(default_factory=set)
    """items of which the server knows what was heard"""

    def follow(self, event: Mapping[str, Any]) -> Int16Array | None:
        """Note what an event tells of it; its sound, where there is some that is wanted."""
        match event["type"]:
            case "response.output_item.added" if event["item"].get("type") == "message":
                self.announced(event["item"]["id"])
            case "response.output_item.done":
                self.called([event["item"]])
            case "response.output_text.delta":
                self.written = True
            case "response.output_audio.delta" if self.reply is not None and not self.stopped:
                pcm = np.frombuffer(base64.b64decode(event["delta"]), "<i2").astype(np.int16, copy=False)
                self.came(event["item_id"], event.get("content_index", 0), len(pcm))
                return pcm
        return None

    def text(self, event: Mapping[str, Any]) -> str:
        """What an event tells of its words; those of one item are set apart from those of another."""
        before, self.worded = self.worded, event["item_id"]
        return f" {event['delta']}" if before not in ("", self.worded) else str(event["delta"])

    def came(self, item_id: str, content_index: int, samples: int) -> None:
        """Some sound of an item came."""
        item = self.items.setdefault(item_id, Item(item_id, content_index, self.samples))
        item.samples += samples
        self.samples += samples

    def announced(self, item_id: str) -> None:
        """An item is being made."""
        self.items.setdefault(item_id, Item(item_id, 0, self.samples))

    def called(self, items: Sequence[Mapping[str, Any]]) -> None:
        """The model wants tools used, those among these items."""
        for item in items:
            if item.get("type") == "function_call" and item.get("status", "completed") == "completed":
                call = ToolCall(item["call_id"], item["name"], item.get("arguments") or "")
                self.calls[call.id] = call

    @property
    def open(self) -> bool:
        """Whether more may come of it: sound, or what its tools give."""
        return not self.done or self.errand is not None

    def end_errand(self) -> None:
        """Nobody waits for what its tools give."""
        if self.errand is not None:
            self.errand.cancel()

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


def failure(answer: Answer, response: Mapping[str, Any]) -> ProviderError | None:
    """Why a response that is done is not whole; None where it is, or where somebody wanted it so."""
    details = response.get("status_details") or {}
    if response.get("status") == "failed":
        why = (details.get("error") or {}).get("message") or "no reason was given"
        return ProviderError(f"the speech model failed: {why}", retryable=True)
    if response.get("status") == "incomplete":
        why = details.get("reason") or "no reason was given"
        todo = REMEDIES.get(why, "")
        return ProviderError(f"the answer is not whole: {why}{todo}", retryable=False)
    if answer.written and not any(item.samples for item in answer.items.values()):
        return ProviderError(
            "the speech model wrote its answer instead of saying it; ask again, or check output_modalities "
            "in realtime_options",
            retryable=True,
        )
    return None


__all__ = ["Answer", "Item", "ToolCall", "failure"]
