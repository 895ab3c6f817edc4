"""The walk: the idle body's way through its poses, and where it waits for a sentence that begins there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from livetalk.types import FRAME_S, Tag

MOST_AHEAD = 3
"""poses ahead of the walk that a sentence is anchored at most: one that comes earlier waits for the walk"""


@dataclass(slots=True)
class _Anchor:
    """Where the walk stops to wait for a sentence."""

    tag: Tag
    pose: int
    asked_at: float | None
    """when it was given, if its first picture's latency is to be measured"""


class Walk:
    """One pose a tick; asked and told under its owner's lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.pose = 0
        """the one last shown"""
        self.latency_ticks = 0
        """how long the first picture of a sentence took, the last time one was waited for"""
        self._clock = clock
        self._anchors: deque[_Anchor] = deque()

    def anchor(self, tag: Tag, following: int | None) -> tuple[int, bool]:
        """The pose of a sentence's first picture, and whether speech comes right before it.

        That is pose `following` while the speech before it waits to be shown, else where the walk will be
        when this picture can be here. The walk stops there and waits.
        """
        if following is not None and following > self.pose + 1:
            self._anchors.append(_Anchor(tag, following, None))
            return following, True
        pose = self.pose + 1 + min(self.latency_ticks, MOST_AHEAD)
        self._anchors.append(_Anchor(tag, pose, self._clock()))
        return pose, False

    def came(self, pose: int) -> None:
        """The picture of a pose was made."""
        for anchor in self._anchors:
            if anchor.pose == pose and anchor.asked_at is not None:
                self.latency_ticks = int((self._clock() - anchor.asked_at) / FRAME_S)
                anchor.asked_at = None

    def idle(self) -> int:
        """The next pose without speech: one further, or the same while a sentence is waited for."""
        if not self._anchors or self.pose + 1 < self._anchors[0].pose:
            self.pose += 1
        return self.pose

    def speak(self, pose: int) -> None:
        """Speech shows its own pose, and the walk goes on from there."""
        self.pose = pose
        while self._anchors and self._anchors[0].pose <= pose:
            self._anchors.popleft()

    def release(self, stale: Callable[[Tag], bool]) -> None:
        """Wait no longer for sentences that will not come."""
        self._anchors = deque(anchor for anchor in self._anchors if not stale(anchor.tag))


__all__ = ["Walk"]
