"""Voice activity: which 20 ms of live sound belong to somebody speaking."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from livetalk.types import Int16Array

ONSET_CHUNKS = 3
"""loud ones that are a voice, and no click, out of the last `ONSET_WITHIN`"""
ONSET_WITHIN = 4
PRE_ROLL_CHUNKS = 5
"""taken along from before the onset: a word may begin with a breath of a consonant"""
QUIET_CHUNKS = 20
"""so many quiet ones in a row end a stretch of voice: 0.4 s, longer than the pauses between words"""
FLOOR_CHUNKS = 150
"""the quietest 20 ms of the last 3 s are the noise; a hum that lasts longer is noise as well"""
OPENS_DB, CLOSES_DB = 12.0, 7.0
"""above the noise: as loud a voice begins, less loud it pauses"""
FAINTEST_DB = -50.0
"""below full scale: what is not louder is no voice, however quiet the room"""
SILENCE_DB = -96.0


class VoiceActivity:
    """Judges by loudness over a noise floor that follows the room; chunks are (320,) at 16 kHz, mono."""

    def __init__(self) -> None:
        self.active = False
        """whether a stretch of voice is on"""
        self.quiet = 0
        """chunks in a row up to now that are none"""
        self._levels: deque[float] = deque(maxlen=FLOOR_CHUNKS)
        self._recent: deque[Int16Array] = deque(maxlen=PRE_ROLL_CHUNKS + ONSET_WITHIN)
        self._loud: deque[bool] = deque(maxlen=ONSET_WITHIN)

    def push(self, chunk: Int16Array) -> Sequence[Int16Array]:
        """Take the next chunk; return those of the voice, some from before it where it begins now.

        The quiet that ends a stretch belongs to it.
        """
        level = loudness_db(chunk)
        self._levels.append(level)
        floor = min(self._levels)
        if self.active:
            self.quiet = 0 if level > _over(floor, CLOSES_DB) else self.quiet + 1
            if self.quiet >= QUIET_CHUNKS:
                self.end()
            return (chunk,)
        self._recent.append(chunk)
        self._loud.append(level > _over(floor, OPENS_DB))
        if sum(self._loud) < ONSET_CHUNKS:
            return ()
        self.active, self.quiet = True, 0
        voice = tuple(self._recent)
        self._recent.clear()
        return voice

    def end(self) -> None:
        """End the stretch here; a voice that goes on begins a new one."""
        self.active = False
        self._loud.clear()


def loudness_db(chunk: Int16Array) -> float:
    """Root mean square of (n,) samples around their mean, in dB below full scale."""
    rms = float(chunk.astype(np.float32).std()) / 32768
    return max(SILENCE_DB, 20 * float(np.log10(max(rms, 1e-6))))


def _over(floor: float, above_db: float) -> float:
    return max(floor + above_db, FAINTEST_DB + above_db - OPENS_DB)


__all__ = ["VoiceActivity", "loudness_db"]
