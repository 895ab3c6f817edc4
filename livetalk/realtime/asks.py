"""What is to be answered: one after the other, and the server is asked the first alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from livetalk.protocols import RealtimeReply
from livetalk.realtime.answer import Answer
from livetalk.realtime.messages import item_of


@dataclass(slots=True, eq=False)
class Ask:
    """Something that is to be answered."""

    reply: RealtimeReply | None
    """None where nobody wants the answer any more"""
    text: str = ""
    """what the user wrote; "" for what the server knows already"""
    instructions: str = ""
    """for this answer alone"""
    after: Answer | None = None
    """what it goes on with: its tools have been used"""
    with_tools: bool = True
    """whether the model may use tools for it"""
    told: bool = False
    """whether the server has the text"""
    request: str = ""
    """by which the server names it, "" before it was sent"""

    @property
    def lasts(self) -> bool:
        """Whether it can be asked of another connection, which knows nothing of this one."""
        return bool(self.text or self.instructions)

    def answer(self, response_id: str) -> Answer:
        """What answers it."""
        if self.after is None:
            return Answer(response_id, self.reply)
        before = self.after
        return Answer(response_id, self.reply, before.samples, before.round + 1, before.worded)


class Asks:
    """The queue of them."""

    def __init__(self) -> None:
        self._waiting: deque[Ask] = deque()
        self._numbers = count(1)

    @property
    def first(self) -> Ask | None:
        """What is asked now, or next."""
        return self._waiting[0] if self._waiting else None

    @property
    def sent(self) -> Ask | None:
        """What the server was asked, and does not answer yet."""
        return self.first if self.first is not None and self.first.request else None

    def add(self, ask: Ask) -> None:
        """Ask it after all that waits."""
        self._waiting.append(ask)

    def give_up(self) -> bool:
        """Forget what somebody waited for in vain, and whatever it waited for itself; whether anybody did."""
        late = any(each.reply is not None and not each.reply.wanted for each in self._waiting)
        if late:
            self._keep(lambda each: each.reply is not None and each.reply.wanted)
        return late

    def go_on(self, ask: Ask) -> None:
        """Ask it before all that was not sent."""
        self._waiting.insert(int(self.sent is not None), ask)

    def send(self) -> Ask | None:
        """What to send now, which has its request from here on; None where there is nothing."""
        ask = self.first
        if ask is None or ask.request:
            return None
        ask.request = f"ask_{next(self._numbers)}"
        return ask

    def answered(self, request: str) -> Ask | None:
        """What a response answers that names a request; None where nobody waits for it."""
        return self._waiting.popleft() if self.sent is not None and self.sent.request == request else None

    def refused(self, cause: str) -> Ask | None:
        """What the server refused with an error about this event; it is not in the queue any more."""
        if self.sent is None or cause not in (self.sent.request, item_of(self.sent.request)):
            return None
        return self._waiting.popleft()

    def put_back(self, ask: Ask) -> None:
        """Ask it again, which the server refused for now."""
        ask.request = ""
        self._waiting.appendleft(ask)

    def cut(self, reply: RealtimeReply) -> None:
        """Nobody wants this answer any more; what was sent stays, since its answer is still to be stopped."""
        for ask in self._waiting:
            ask.reply = None if ask.reply is reply else ask.reply
        self._keep(lambda each: bool(each.request) or each.reply is not None)

    def lose(self, *, again: bool) -> list[Ask]:
        """The connection is gone: what nobody answers now. With `again`, what can be asked again waits."""
        before = self._waiting
        self._keep(lambda each: again and each.lasts and each.reply is not None)
        for ask in self._waiting:
            ask.request, ask.told = "", False
        return [each for each in before if each not in self._waiting]

    def _keep(self, wanted: Callable[[Ask], bool]) -> None:
        self._waiting = deque(each for each in self._waiting if wanted(each))


__all__ = ["Ask", "Asks"]
