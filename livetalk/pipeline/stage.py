"""A stage: one named thread that takes from its inbox, works, and hands on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from livetalk.pipeline.channel import Channel, Closed
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.slots import Slot
from livetalk.types import Tag
from livetalk.worker import Worker

logger = logging.getLogger(__name__)


class Tagged(Protocol):
    """Anything that travels through the pipeline."""

    @property
    def tag(self) -> Tag:
        """Where it belongs."""


In = TypeVar("In", bound=Tagged)
Out = TypeVar("Out", bound=Tagged)
Sunk = TypeVar("Sunk", contravariant=True)


class Sink(Protocol[Sunk]):
    """Where a stage's output goes: a Channel, or Playout."""

    def put(self, item: Sunk, /) -> None:
        """Take an item, waiting for room; raises Closed at the end."""


class Watcher(Protocol):
    """Told by the stages how an utterance progresses."""

    def reached(self, stage: str, tag: Tag) -> None:
        """The stage handed on its first value of an utterance."""

    def failed(self, stage: str, tag: Tag, error: Exception) -> None:
        """The stage could not work on one of its items."""


class Stage(Generic[In, Out]):
    """Takes an item, yields what becomes of it; drops what an interrupt made stale.

    One that only computes takes a slot for each item; one that waits for others takes none.
    """

    def __init__(
        self,
        name: str,
        inbox: Channel[In],
        outbox: Sink[Out],
        epoch: Epoch,
        watcher: Watcher,
        slot: Slot | None = None,
    ) -> None:
        self.name = name
        self.inbox = inbox
        self.outbox = outbox
        self.epoch = epoch
        self._watcher = watcher
        self._slot = slot
        self._reached: Tag | None = None
        self._thread = Worker(name, self._run)

    def process(self, item: In) -> Iterator[Out]:
        """Work on one item."""
        raise NotImplementedError

    def recover(self, item: In) -> Iterator[Out]:
        """What to hand on when `process` failed on an item, so that what follows it can go on."""
        return iter(())

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, also one that waits for work, or for room in an outbox that is closed.

        Raises:
            StageError: it did not end in time; something in `process` blocks.
        """
        self.inbox.close()
        self._thread.wait()

    def _run(self) -> None:
        try:
            while True:
                self._handle(self.inbox.get())  # and keeps nothing of it: a picture holds its avatar
        except Closed:
            logger.debug("stage %s ended", self.name)

    def _handle(self, item: In) -> None:
        if self.epoch.is_stale(item.tag):
            return
        try:
            self._hand_on(item, self.process(item))
        except Closed:
            raise
        except Exception as error:
            logger.warning("stage %s failed: %s", self.name, error)
            logger.debug("stage %s failed", self.name, exc_info=error)
            self._recover(item, error)

    def _recover(self, item: In, error: Exception) -> None:
        try:
            self._watcher.failed(self.name, item.tag, error)
            self._hand_on(item, self.recover(item))
        except Closed:
            raise
        except Exception:
            logger.exception("stage %s could not recover", self.name)

    def _hand_on(self, item: In, outputs: Iterator[Out]) -> None:
        for output in self._computed(outputs):
            if self.epoch.is_stale(item.tag):
                return
            self.outbox.put(output)
            if item.tag != self._reached:
                self._reached = item.tag
                self._watcher.reached(self.name, item.tag)

    def _computed(self, outputs: Iterator[Out]) -> Iterable[Out]:
        if self._slot is None:
            return outputs
        with self._slot():
            return [*outputs]
