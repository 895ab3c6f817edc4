"""The answers of one connection: those being made, and those that may still be heard, or cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

from livetalk.cancellation import Cancellation
from livetalk.protocols import RealtimeReply
from livetalk.realtime import messages
from livetalk.realtime.answer import Answer, ToolCall
from livetalk.realtime.errands import NOT_DONE, Errand, Errands
from livetalk.realtime.messages import ClientEvent
from livetalk.realtime.refusal import SETTLING
from livetalk.remote.toolbox import ROUNDS

KEPT = 8
"""answers that may still be truncated"""
Told: TypeAlias = Callable[[Answer, Sequence[tuple[ToolCall, str]]], object]


class Answers:
    """Called under its exchange's lock."""

    def __init__(self, send: Callable[[ClientEvent], object], errands: Errands, told: Told) -> None:
        """Make it; `told` takes what the tools of an answer gave, on their thread."""
        self._send = send
        self._errands = errands
        self._told = told
        self._numbers = count(1)
        self._by_id: dict[str, Answer] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def busy(self) -> bool:
        """Whether one is being made: the API makes one at a time."""
        return any(not each.done for each in self._by_id.values())

    def add(self, answer: Answer) -> None:
        """One begins; it is stopped at once where nobody wants it."""
        self._by_id[answer.id] = answer
        for old in [*self._by_id][:-KEPT]:
            del self._by_id[old]
        if answer.reply is None or not answer.reply.wanted:
            self._cut(answer, 0.0)

    def get(self, response_id: str) -> Answer | None:
        """The one of a response."""
        return self._by_id.get(response_id)

    def finish(self, answer: Answer, response: Mapping[str, Any]) -> bool:
        """No more of it is made; whether it goes on all the same, once its tools were used. Each call of a
        tool gets a result in any case: a model may wait for it."""
        answer.done = True
        answer.called(response.get("output") or ())
        if answer.cut:
            self.settle(answer.forget_unheard())
        calls = [*answer.calls.values()]
        wanted = answer.reply is not None and not (answer.stopped or answer.cut)
        if calls and wanted and response.get("status") == "completed" and answer.round < ROUNDS:
            answer.errand = Cancellation()
            self._errands.add(Errand(calls, answer.errand, lambda results: self._told(answer, results)))
            return True
        self.settle(messages.tool_result(call.id, NOT_DONE) for call in calls)
        return False

    def cut(self, reply: RealtimeReply, played_s: float) -> None:
        """Make no more of a reply, and have the server know what was heard of it."""
        for answer in self._by_id.values():
            if answer.reply is reply:
                self._cut(answer, played_s)

    def stop(self, answer: Answer) -> None:
        """Make no more of one."""
        answer.end_errand()
        if not answer.stopped and not answer.done:
            answer.stopped = True
            self.settle([messages.cancel(answer.id)])

    def give_up(self, *, in_vain: bool) -> None:
        """Stop those that nobody waits for any more. Where one that was stopped had somebody wait `in_vain`
        for its end, it is not waited for any longer."""
        for answer in self._by_id.values():
            answer.done = answer.done or (in_vain and answer.stopped)
            if answer.open and answer.reply is not None and not answer.reply.wanted:
                self.stop(answer)

    def lose(self) -> list[Answer]:
        """The connection is gone: those of which nothing more comes."""
        left = [each for each in self._by_id.values() if each.open]
        for answer in left:
            answer.end_errand()
        self._by_id.clear()
        return left

    def settle(self, events: Iterable[ClientEvent]) -> None:
        """Send what nobody is told of if the server refuses it, since it comes too late then."""
        for event in events:
            self._send({**event, "event_id": f"{SETTLING}{next(self._numbers)}"})

    def _cut(self, answer: Answer, played_s: float) -> None:
        if answer.cut:
            return
        answer.cut = True
        self.stop(answer)
        self.settle(answer.settle(played_s))
        if answer.done:
            self.settle(answer.forget_unheard())


__all__ = ["Answers"]
