"""The lead: how many pictures are made before they play."""

from __future__ import annotations

LEAD_FRAMES = 12
"""0.48 s, enough against jitter, cheap to throw away"""
START_FRAMES = 5
"""ready ahead when speech begins, so that starting is no burst of work that holds up other sessions"""
GROWTH = 0.5
"""by how many pictures a tick the lead then grows"""
REFILL_FRAMES = 4
"""how many are made at a time once it is full: threads that wake less often disturb others less"""


class Lead:
    """Says whether more pictures are wanted; asked and told under its owner's lock."""

    def __init__(self) -> None:
        self._size = float(START_FRAMES)
        self.wants_more = True

    def rest(self, ready: int) -> None:
        """Nothing is being said; when speech begins, a few pictures are enough."""
        self._size = float(START_FRAMES)
        self.wants_more = ready < START_FRAMES

    def put(self, ready: int) -> None:
        """A picture came; so many are ready."""
        self.wants_more = ready < int(self._size)

    def play(self, ready: int) -> None:
        """One was played; so many are ready still."""
        self._size = min(self._size + GROWTH, LEAD_FRAMES)
        refill = REFILL_FRAMES if self._size == LEAD_FRAMES else 1
        self.wants_more = self.wants_more or ready <= int(self._size) - refill
