"""The playhead: which moment of the session a sound device reads next, and how fast it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from livetalk.transports.local.clock import DeviceClock

SETTLE_S = 0.4
"""a device that was opened runs steadily for so long before it is given sound: servers fill their buffers"""
MARGIN_S = 0.03
"""how much later than need be all is played: what a tick may come late"""
STEADY_S = 0.1
"""a latency that is too long by less than this is kept when a device is opened again"""
BEND = 0.003
"""the most by which the pace is bent to get back into time: with the clock's own share 0.5 %, 9 cents"""
JUMP_S = 0.06
"""further off than this it jumps"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one block of a device is read from."""

    start_s: float
    """in seconds of the session's clock, as `Tick.due`"""
    step_s: float
    """seconds between two frames"""


class Playhead:
    """Moves over the session's time so that what is due at a moment is heard one constant latency later."""

    def __init__(self, rate: float, latency_s: float | None = None) -> None:
        self.latency_s = latency_s
        """from a tick's due time until it is heard; None until the device has settled"""
        self.jumps = 0
        """times that it left out or repeated sound"""
        self._clock = DeviceClock(rate)
        self._breaks = 0
        self._at_s: float | None = None
        self._needed_s = 0.0
        self._settled = False

    @property
    def drift(self) -> float:
        """By what share the device's frames are longer than its rate has it, as measured."""
        return self._clock.drift

    def block(self, frames: int, heard_s: float, ahead_s: float) -> Stretch | None:
        """The device asks for a block, its first frame heard at `heard_s`, which is `ahead_s` from now.

        None while it has not settled: silence.
        """
        start_s = self._clock.block(frames, heard_s)
        needed_s = ahead_s + frames * self._clock.frame_s + MARGIN_S
        moved = self._clock.breaks != self._breaks
        self._breaks = self._clock.breaks
        if not self._settled:
            self._needed_s = needed_s if moved else max(self._needed_s, needed_s)
            if self._clock.running_s < SETTLE_S:
                return None
            self._hold(self._needed_s)
            self._settled = True
        elif moved:  # a gap was heard already: be in time at once
            self._hold(needed_s)
            self._at_s = None
            self.jumps += 1
        return self._go(frames, start_s - (self.latency_s or 0.0))

    def _hold(self, needed_s: float) -> None:
        """Take the latency that the device needs, or keep the one that there is, where it will do."""
        least_s = needed_s - MARGIN_S / 2
        if self.latency_s is None or not least_s <= self.latency_s <= needed_s + STEADY_S:
            self.latency_s = needed_s

    def _go(self, frames: int, wanted_s: float) -> Stretch:
        """From where the last block ended towards where this one should, without a step in between."""
        usual_s = self._clock.frame_s
        at_s = wanted_s if self._at_s is None else self._at_s
        if abs(wanted_s - at_s) > JUMP_S:
            at_s = wanted_s
            self.jumps += 1
        step_s = usual_s + (wanted_s - at_s) / frames
        step_s = min(max(step_s, usual_s * (1 - BEND)), usual_s * (1 + BEND))
        self._at_s = at_s + frames * step_s
        return Stretch(at_s, step_s)


__all__ = ["Playhead", "Stretch"]
