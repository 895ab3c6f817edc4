"""Errands: the tools that an answer asks for, used one after the other, beside the connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeAlias

from livetalk.cancellation import Cancellation
from livetalk.realtime.answer import ToolCall
from livetalk.remote.toolbox import Toolbox
from livetalk.worker import Worker

NOT_DONE = "error: not done, since nobody waits for it any more"

Told: TypeAlias = Callable[[Sequence[tuple[ToolCall, str]]], object]


@dataclass(frozen=True, slots=True)
class Errand:
    """What one answer asks for."""

    calls: Sequence[ToolCall]
    cancel: Cancellation
    told: Told
    """takes the result of each, once all are there"""


class Errands:
    """A conversation's; its thread begins with the first."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._waiting: SimpleQueue[Errand | None] = SimpleQueue()
        self._worker = Worker("realtime-tools", self._run)

    def add(self, errand: Errand) -> None:
        """Run it after those before; one thread adds."""
        if self._worker.ident is None:
            self._worker.start()
        self._waiting.put(errand)

    def close(self) -> None:
        """End the thread; what is not done yet was cancelled before.

        Raises:
            StageError: it did not end in time; a tool blocks.
        """
        self._waiting.put(None)
        self._worker.wait()

    def _run(self) -> None:
        while (errand := self._waiting.get()) is not None:
            errand.told([(call, self._result(call, errand.cancel)) for call in errand.calls])

    def _result(self, call: ToolCall, cancel: Cancellation) -> str:
        return NOT_DONE if cancel() else self._toolbox.use(call.name, call.arguments, cancel)


__all__ = ["NOT_DONE", "Errand", "Errands"]
