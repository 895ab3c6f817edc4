"""Silence around a sound, made as long as it should be."""

from __future__ import annotations

import numpy as np

from livetalk.types import Int16Array

QUIET = 100
"""samples no louder than this are silence"""


class SilenceTrim:
    """Takes silence off the beginning of a sound that arrives in pieces, and sets the one at its end.

    At most `lead` samples of silence come before the sound, exactly `tail` after it. Nothing is added to its
    beginning.
    """

    def __init__(self, lead: int, tail: int) -> None:
        self._lead = lead
        self._tail = tail
        self._begun = False
        self._held: Int16Array = np.zeros(0, np.int16)
        self.dropped = 0
        """samples taken off the beginning"""

    def push(self, pcm: Int16Array) -> Int16Array:
        """Take (n,) samples; return those up to the last loud one that did not come out yet."""
        held = np.concatenate([self._held, pcm])
        loud = np.flatnonzero(np.abs(held.astype(np.int32)) > QUIET)
        begin, end = 0, 0
        if not self._begun:
            begin = max(0, int(loud[0] if len(loud) else len(held)) - self._lead)
            self.dropped += begin
        if len(loud):
            self._begun = True
            end = int(loud[-1]) + 1
        self._held = held[max(begin, end) :]
        return held[begin:end]

    def flush(self) -> Int16Array:
        """The silence at the end; none if there was no sound."""
        if not self._begun:
            return self._held[:0]
        return np.pad(self._held[: self._tail], (0, max(0, self._tail - len(self._held))))


__all__ = ["SilenceTrim"]
