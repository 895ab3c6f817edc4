"""A sound device's clock: when it plays its frames, in seconds of the session's clock, without the jitter."""

from __future__ import annotations

from math import pi, sqrt

LOCKED_HZ = 0.02
"""what changes faster than this is jitter, once the clock is known"""
STRAY_S = 0.012
"""a report so far from what is expected is left out"""
STRAYS_S = 0.25
"""nothing but strays for so long is the truth: the device stood still, or lost some sound"""
KNOWN_S = 4.0
"""a device that ran for so long has the rate that it had, also after a break"""
TRUST_S = 0.005
"""the most that one report counts for, so that a thread that was kept waiting moves nothing"""
FAST = 0.002
"""the most by which a device's rate is away from its nominal one"""


class DeviceClock:
    """A delay-locked loop of second order (Adriaensen, "Using a DLL to filter time", 2005).

    It begins wide, to lock within a second, and narrows as long as it runs.
    """

    def __init__(self, rate: float) -> None:
        self.next_s = 0.0
        """when the frame after all those that were handed over is heard"""
        self.frame_s = 1 / rate
        """what a frame really takes"""
        self.running_s = 0.0
        """how long the device has run as expected, so how far its rate is known; 0 before the first block"""
        self.breaks = 0
        """times that it was found elsewhere"""
        self._nominal_s = 1 / rate
        self._strayed_s = 0.0

    @property
    def drift(self) -> float:
        """By what share its frames are longer than its rate has it."""
        return self.frame_s / self._nominal_s - 1

    def block(self, frames: int, heard_s: float) -> float:
        """A block is handed over, its first frame heard at `heard_s`, as it says; when it really is."""
        span = frames * self._nominal_s
        if self.running_s == 0.0:
            self.next_s = heard_s
        elif self._strays(heard_s - self.next_s, span):
            self.next_s = heard_s
            self.running_s = KNOWN_S if self.running_s > KNOWN_S else 0.0
            self._strayed_s = 0.0
            self.breaks += 1
        error = heard_s - self.next_s if self._strayed_s == 0.0 else 0.0
        error = min(max(error, -TRUST_S), TRUST_S)
        omega = 2 * pi * max(LOCKED_HZ, 0.5 / (self.running_s + 1.0)) * span
        start = self.next_s + sqrt(2) * omega * error
        frame_s = self.frame_s + omega * omega * error / frames
        self.frame_s = min(max(frame_s, self._nominal_s * (1 - FAST)), self._nominal_s * (1 + FAST))
        self.next_s = start + frames * self.frame_s
        if self._strayed_s == 0.0:
            self.running_s += span
        return start

    def _strays(self, error: float, span: float) -> bool:
        """Whether reports have been elsewhere for long enough to be believed."""
        self._strayed_s = self._strayed_s + span if abs(error) > STRAY_S else 0.0
        return self._strayed_s > STRAYS_S


__all__ = ["DeviceClock"]
