"""A line: a microphone whose sound goes to a speech-to-speech model as it is, speech and quiet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from livetalk.types import SAMPLE_RATE, Int16Array

QUIET_S = 1.0
"""longer than a provider waits for more"""


class Line:
    """Takes sound as it arrives; never blocks."""

    def __init__(self, hear: Callable[[Int16Array], object], heard: Callable[[Line], bool]) -> None:
        """Make one; `hear` takes its sound, `heard` says whether it is heard now."""
        self._hear = hear
        self._heard = heard
        self._closed = False

    def push(self, pcm: Int16Array) -> None:
        """Take (n,) samples, mono, 16 kHz."""
        if not self._closed and self._heard(self):
            self._hear(pcm)

    def finish(self) -> None:
        """The speaker says that this is all: the provider gets the quiet by which it knows at once."""
        self.push(np.zeros(int(QUIET_S * SAMPLE_RATE), np.int16))

    def close(self) -> None:
        """No more comes."""
        self.finish()
        self._closed = True

    @property
    def closed(self) -> bool:
        """Whether it takes no more sound."""
        return self._closed


__all__ = ["Line"]
