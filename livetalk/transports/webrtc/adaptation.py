"""Adaptation: how much a viewer's network carries, judged by what it reports of what it was sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from math import inf

from livetalk.protocols import VideoFormat

STEPS = ((1.0, 1), (0.4, 1), (0.15, 2))
"""shares of the bitrate, and by what pictures are shrunk; few, since those on a step share its encoder"""
LOST = 0.1
"""share of packets that a network which is not too narrow does not lose (draft-ietf-rmcat-gcc-02, 6)"""
LOSSY_REPORTS = 2
"""so many of them in a row, and less is sent"""
NARROW = 0.7
"""an estimate below this share of what is sent now can tell of a queue that grows"""
FALLS = 0.97
"""an estimate below this share of the one before fell; receivers tell of that at once"""
MEASURED_S = 2.0
"""what is sent now: the mean of so long"""
TRY_S = 10.0
"""without trouble for so long, more is tried; twice as long after each time that was too much"""
LONGEST_TRY_S = 160.0


def ladder(top: VideoFormat) -> Sequence[VideoFormat]:
    """The formats that a viewer may get, best first."""
    return [replace(top, bitrate=round(top.bitrate * share), shrink=shrink) for share, shrink in STEPS]


class Adaptation:
    """Goes a step down when the network is too narrow, and tries a step up after a while without trouble.

    A receiver's estimate tells little while less is sent than fits, since it grows with what arrives, and
    slowly: an idle face holds it down, also for the first seconds of speech. A receiver that sees a queue
    takes its estimate back, though. So one that fell below what is sent counts, until it is above again.
    """

    def __init__(self, now: float, steps: int = len(STEPS)) -> None:
        self.step = 0
        """place in the ladder"""
        self._steps = steps
        self._sent: deque[tuple[float, int]] = deque()
        self._estimate = inf
        self._narrow = False
        """the estimate fell below what is sent"""
        self._lossy = 0
        self._changed_at = now
        self._trouble_at = now
        self._try_s = TRY_S
        self._tried = False

    def sent(self, size: int, now: float) -> None:
        """So many bytes of picture leave."""
        self._sent.append((now, size))
        while self._sent[0][0] < now - MEASURED_S:
            self._sent.popleft()

    def estimated(self, bitrate: int, now: float) -> bool:
        """The viewer believes that so many bit/s fit (REMB); whether the step changed."""
        fell = bitrate < FALLS * self._estimate
        self._narrow = (fell or self._narrow) and bitrate < NARROW * self._bitrate()
        self._estimate = bitrate
        return self._judge(self._narrow, now)

    def lost(self, share: float, now: float) -> bool:
        """The viewer lost this share of the packets since it last reported; whether the step changed."""
        self._lossy = self._lossy + 1 if share > LOST else 0
        return self._judge(self._lossy >= LOSSY_REPORTS, now)

    def _bitrate(self) -> float:
        return sum(size for _, size in self._sent) * 8 / MEASURED_S

    def _judge(self, trouble: bool, now: float) -> bool:
        if trouble:
            self._trouble_at = now
            if self.step == self._steps - 1 or now - self._changed_at < MEASURED_S:
                return False  # what was sent before the change is still measured
            if self._tried and now - self._changed_at < self._try_s:
                self._try_s = min(2 * self._try_s, LONGEST_TRY_S)
            return self._go(self.step + 1, now)
        if self.step and now - max(self._trouble_at, self._changed_at) >= self._try_s:
            return self._go(self.step - 1, now)
        return False

    def _go(self, step: int, now: float) -> bool:
        self._tried = step < self.step
        self.step = step
        self._changed_at = now
        self._lossy = 0
        return True


__all__ = ["Adaptation", "ladder"]
