"""Who decides what is still wanted: the session's epoch, and the numbering of its utterances."""

from __future__ import annotations

import threading

from livetalk.types import Tag


class Epoch:
    """Counts interrupts and utterances of one session; safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = 0
        self._utterance = 0
        self._abandoned: set[Tag] = set()

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

    def abandon(self, tag: Tag) -> None:
        """The rest of this utterance is no longer wanted: a part of it failed."""
        with self._lock:
            if tag.epoch == self._epoch:
                self._abandoned.add(tag)

    def is_stale(self, tag: Tag) -> bool:
        """Whether an interrupt came after this tag was given, or its utterance was abandoned."""
        return tag.epoch < self._epoch or tag in self._abandoned
