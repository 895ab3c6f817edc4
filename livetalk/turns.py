"""Turns: what a session was asked to say, how far each has come, and what is told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from livetalk.events import (
    EndEvent,
    ErrorEvent,
    Event,
    Events,
    InterruptedEvent,
    LatencyEvent,
    ReplyEvent,
    StartEvent,
    WordEvent,
)
from livetalk.metrics import Metrics
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.playout import Played
from livetalk.state import States
from livetalk.types import EventFields, Position, SpeechEnd, SpeechStart, Tag, Word

STEPS = {
    "recognised": "recognised",
    "first_token": "llm",
    "first_sentence": "think",
    "first_audio": "speak",
    "first_lip": "lipsync",
}
"""what the latency of a turn is told of -> the stage, or the step before all stages, that reached it"""


@dataclass(slots=True)
class Turn:
    """How one utterance progresses."""

    fields: EventFields
    asked_at: float
    reached: dict[str, float] = field(default_factory=dict)
    """stage -> when it handed on its first value"""
    text: str = ""
    spoken: int = 0
    """characters of the current sentence whose words were played"""
    played: int = 0
    """samples of its sound that were played, where they are counted"""


class Turns:
    """Opened by callers, followed by the pipeline's threads, closed by what ends them."""

    def __init__(
        self, epoch: Epoch, events: Events, metrics: Metrics, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.active_at = clock()
        """when somebody last asked for something, or something was said"""
        self._epoch = epoch
        self._events = events
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[Tag, Turn] = {}
        self.states = States(events)

    def __bool__(self) -> bool:
        """Whether one is open."""
        return bool(self._open)

    def touch(self) -> None:
        """Note that somebody is there."""
        self.active_at = self._clock()

    def open(self, fields: EventFields, before: Mapping[str, float] | None = None) -> Tag:
        """Begin one; its fields come back in its events. `before` says when steps before this were done, on
        the session's clock, `asked` the first of them."""
        with self._lock:
            self.touch()
            tag = self._epoch.next_tag()
            reached = {"asked": self._clock(), **(before or {})}
            self._open[tag] = Turn(fields, reached.pop("asked"), reached)
        self.states.opened(tag)
        return tag

    def close(self, tag: Tag) -> None:
        """It is over."""
        with self._lock:
            self.touch()
            self._open.pop(tag, None)
        self.states.closed(tag)

    def cut_off(self) -> Mapping[Tag, Turn]:
        """End all of them, and the epoch; those that were open."""
        with self._lock:
            self.touch()
            stopped = dict(self._open)
            self._open.clear()
            self._epoch.advance()
        return stopped

    def tell_cut_off(self, stopped: Mapping[Tag, Turn]) -> None:
        """Say of each how much was spoken."""
        self.states.closed(*stopped)
        for tag, turn in stopped.items():
            self._tell(InterruptedEvent, tag, turn, text=turn.text, spoken=turn.text[: turn.spoken])

    def reached(self, stage: str, tag: Tag) -> None:
        """A stage handed on its first value of an utterance."""
        turn = self._open.get(tag)
        if turn is not None:
            turn.reached[stage] = self._clock()

    def failed(self, stage: str, tag: Tag, message: str, *, over: bool) -> None:
        """Tell that a stage failed on an utterance, and whether nothing more of it comes."""
        turn = self._open.get(tag)
        if turn is not None:
            self._tell(ErrorEvent, tag, turn, message=message, stage=stage, over=over)

    def wrote(self, tag: Tag, text: str, last: bool) -> None:
        """Tell what a language model wrote of an answer, before it is said."""
        turn = self._open.get(tag)
        if turn is not None:
            self._tell(ReplyEvent, tag, turn, text=text, last=last)

    def played(self, played: Played) -> None:
        """Tell what was played, at the moment it was."""
        turn = self._open.get(played.tag)
        if turn is None:
            return
        mark = played.mark
        if isinstance(mark, SpeechStart):
            turn.text, turn.spoken = mark.text, 0
            self.states.sounded(played.tag)
            self._tell(StartEvent, played.tag, turn, text=mark.text, first=mark.first)
            if mark.first:
                self._tell_latency(played, turn)
        elif isinstance(mark, Word):
            turn.spoken = mark.offset + len(mark.text)
            told = {"word": mark.text, "offset": mark.offset, "text": turn.text}
            self._tell(WordEvent, played.tag, turn, **told, estimated=mark.estimated)
        elif isinstance(mark, Position):
            turn.played = mark.end_sample
        elif isinstance(mark, SpeechEnd):
            self._tell(EndEvent, played.tag, turn, text=mark.text, last=mark.last, broken=mark.broken)
            if mark.last:
                self.close(played.tag)

    def _tell(self, kind: type[Event], tag: Tag, turn: Turn, **told: Any) -> None:
        self._events.tell(kind.about(turn.fields, turn=tag.utterance, **told))

    def _tell_latency(self, played: Played, turn: Turn) -> None:
        points = {name: turn.reached.get(stage) for name, stage in STEPS.items()}
        points["first_played"] = played.at_s
        if points["first_token"] is None:
            points["first_sentence"] = None  # it was there from the start
        latency = {name: at - turn.asked_at for name, at in points.items() if at is not None}
        for name, seconds in latency.items():
            self._metrics.turn_s[name].observe(seconds)
        told_ms = {f"{name}_ms": round(seconds * 1000, 1) for name, seconds in latency.items()}
        self._tell(LatencyEvent, played.tag, turn, **told_ms)


__all__ = ["Turn", "Turns"]
