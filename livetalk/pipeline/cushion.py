"""The cushion: how long the first picture of a live voice waits, so that later ones may be late."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from livetalk.pipeline.lead import START_FRAMES
from livetalk.types import FRAME_S, MediaFrame, SpeechStart, Tag

LEAST_S, MOST_S = 0.02, 0.25
"""the tick that it waits for adds up to 40 ms"""
REMEMBERED = 250
"""pictures of live voices that are judged by: 10 s of speech"""
IN_TIME = 0.97
"""share of them that the cushion is to be enough for; a picture later than that is held"""


class Cushion:
    """As much as the pictures before were late; asked and told under its owner's lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tag: Tag | None = None
        self._began_at = 0.0
        self._count = 0
        self._earliest_s = 0.0
        """the least that a picture of this voice came after its place in it"""
        self._late_s: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def size_s(self) -> float:
        """How long the first one waits at least."""
        late = sorted(self._late_s)
        wanted_s = late[int(IN_TIME * (len(late) - 1))] if late else 0.0
        return min(max(LEAST_S, wanted_s), MOST_S)

    def came(self, frame: MediaFrame, ready: int) -> None:
        """A picture was made, while so many were ready; those of live voices that had not to wait count."""
        if begins_live(frame):
            self._tag, self._began_at, self._count = frame.tag, self._clock(), 0
            self._earliest_s = 0.0
        if ready > START_FRAMES:
            self._tag = None
        if frame.tag != self._tag:
            return
        after_s = self._clock() - self._began_at - self._count * FRAME_S
        self._count += 1
        if not frame.last:  # with the end of a voice all that the engine still held comes at once
            self._earliest_s = min(self._earliest_s, after_s)
            self._late_s.append(after_s - self._earliest_s)

    def is_too_early(self) -> bool:
        """Whether the first one is to wait on."""
        return self._clock() - self._began_at < self.size_s


def begins_live(frame: MediaFrame) -> bool:
    """Whether it is the first picture of a live voice."""
    marks = (mark for chunk in frame.chunks for mark in chunk.marks)
    return any(isinstance(mark, SpeechStart) and mark.live for mark in marks)


__all__ = ["Cushion", "begins_live"]
