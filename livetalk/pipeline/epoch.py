"""Who decides what is still wanted: the session's epoch, and the numbering of its utterances."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from livetalk.cancellation import Cancellation
from livetalk.types import Tag


class Epoch:
    """Counts interrupts and utterances of one session; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = 0
        self._utterance = 0
        self._abandoned: set[Tag] = set()
        self._cancellations: dict[Tag, list[Cancellation]] = {}

    def next_tag(self) -> Tag:
        """The tag of a new utterance."""
        with self._lock:
            self._utterance += 1
            return Tag(self._epoch, self._utterance)

    def advance(self) -> None:
        """Everything tagged so far is no longer wanted."""
        with self._lock:
            self._epoch += 1
            self._abandoned.clear()
            ended = [each for those in self._cancellations.values() for each in those]
            self._cancellations.clear()
        for each in ended:
            each.cancel()

    def abandon(self, tag: Tag) -> None:
        """The rest of this utterance is no longer wanted: a part of it failed."""
        with self._lock:
            if tag.epoch == self._epoch:
                self._abandoned.add(tag)
            ended = self._cancellations.pop(tag, [])
        for each in ended:
            each.cancel()

    @contextmanager
    def cancellation(self, tag: Tag) -> Iterator[Cancellation]:
        """What tells those who work on an utterance that it is no longer wanted, while they do."""
        made = Cancellation()
        with self._lock:
            stale = self.is_stale(tag)
            if not stale:
                self._cancellations.setdefault(tag, []).append(made)
        if stale:
            made.cancel()
        try:
            yield made
        finally:
            with self._lock:
                left = [each for each in self._cancellations.pop(tag, []) if each is not made]
                if left:
                    self._cancellations[tag] = left

    def is_stale(self, tag: Tag) -> bool:
        """Whether an interrupt came after this tag was given, or its utterance was abandoned."""
        return tag.epoch < self._epoch or tag in self._abandoned
