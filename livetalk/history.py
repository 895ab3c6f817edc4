"""History: what was said in a session, by the user, and by the avatar as far as it was heard."""

from __future__ import annotations

import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from livetalk.events import EndEvent, ErrorEvent, Event, InterruptedEvent, StartEvent, TurnEvent, WordEvent
from livetalk.protocols import Message

KEPT = 1000
"""exchanges; older ones are forgotten"""


@dataclass(slots=True)
class Exchange:
    """A question and its answer, or something that the avatar said unasked."""

    question: str = ""
    planned: list[str] = field(default_factory=list)
    """sentences that are to be said"""
    heard: list[str] = field(default_factory=list)
    """sentences that were said"""
    begun: str = ""
    """what was said of the sentence that is being said"""
    over: bool = False
    """nothing of it will be said any more"""

    def messages(self) -> Iterator[Message]:
        """The user's, and the avatar's: what is still to be said will be, before anything that comes now."""
        if self.question:
            yield Message("user", self.question)
        said = self.spoken if self.over else joined(self.planned)
        if said:
            yield Message("assistant", said)

    @property
    def spoken(self) -> str:
        """What was heard of it."""
        return joined([*self.heard, self.begun])

    def follow(self, event: Event) -> None:
        """Learn from an event of its turn what is heard."""
        match event:
            case StartEvent():
                self.begun = ""
            case WordEvent(word=word, offset=offset, text=text):
                self.begun = text[: offset + len(word)]
            case EndEvent(text=text, last=last, broken=broken):
                self.heard.append(self.begun if broken else text)
                self.begun = ""
                self.over = self.over or last
            case InterruptedEvent(spoken=spoken):
                self.begun = spoken
                self.over = True
            case ErrorEvent(over=True):
                self.over = True


class History:
    """Listens to a session's events, so that it knows what was played; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: OrderedDict[int, Exchange] = OrderedDict()
        self._cleared = -1
        """the last turn of all that were forgotten at once"""

    def asked(self, turn: int, question: str) -> None:
        """The user said something; its answer is this turn."""
        with self._lock:
            self._exchange(turn).question = question

    def planned(self, turn: int, sentence: str) -> None:
        """A sentence is on its way to be said."""
        with self._lock:
            self._exchange(turn).planned.append(sentence)

    def hear(self, event: Event) -> None:
        """Follow what is played, an event of `Turns`."""
        if isinstance(event, TurnEvent | ErrorEvent) and event.turn is not None:
            with self._lock:
                exchange = self._exchanges.get(event.turn)
                if exchange is not None:
                    exchange.follow(event)

    def messages(self, limit: int, upto: int | None = None) -> Sequence[Message]:
        """At most the last `limit`, oldest first, up to the question of turn `upto`; the user begins and the
        two take turns, which many models insist on: what one of them said in a row is one message."""
        with self._lock:
            found = [
                message
                for turn, exchange in self._exchanges.items()
                if upto is None or turn <= upto
                for message in exchange.messages()
            ]
        merged = [
            Message(role, "\n".join(each.text for each in group))
            for role, group in groupby(found, key=lambda each: each.role)
        ]
        return merged[-limit:]

    def has_plan(self, turn: int) -> bool:
        """Whether something of it is to be said, or was."""
        with self._lock:
            exchange = self._exchanges.get(turn)
            return exchange is not None and bool(exchange.planned)

    def forget(self, turn: int) -> None:
        """It came to nothing."""
        with self._lock:
            self._exchanges.pop(turn, None)

    def clear(self) -> None:
        """Forget all, and what may still be written of it."""
        with self._lock:
            self._cleared = max(self._exchanges, default=self._cleared)
            self._exchanges.clear()

    def _exchange(self, turn: int) -> Exchange:
        if turn <= self._cleared:
            return Exchange()
        exchange = self._exchanges.setdefault(turn, Exchange())
        if len(self._exchanges) > KEPT:
            self._exchanges.popitem(last=False)
        return exchange


def joined(sentences: Sequence[str]) -> str:
    """Sentences one after the other, with blanks between those of scripts that have them."""
    text = ""
    for sentence in filter(None, sentences):
        wide = text and unicodedata.east_asian_width(text[-1]) in "WF"
        text += sentence if wide or not text else f" {sentence}"
    return text


__all__ = ["Exchange", "History", "joined"]
