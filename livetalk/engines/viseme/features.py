"""Windows of log-mel frames, one for each picture, as the sound comes in.

Mel frames are computed in blocks of four, each once, always the same block of the same samples:
so the windows are bit for bit the same however the sound was chunked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from livetalk.engines.viseme.mel import BANDS, HOP, LEAD, SILENT_FRAME, SPAN, log_mel
from livetalk.types import FRAME_SAMPLES, SAMPLE_RATE, Float32Array, Int16Array, frozen

BLOCK_FRAMES = FRAME_SAMPLES // HOP
"""mel frames in a block; block b holds frames 4 b - 1 to 4 b + 2"""
BLOCKS_BEFORE, BLOCKS_AFTER = 9, 3
"""blocks of a window on either side of the picture's own"""
WINDOW_BLOCKS = BLOCKS_BEFORE + 1 + BLOCKS_AFTER
WINDOW_FRAMES = WINDOW_BLOCKS * BLOCK_FRAMES
WINDOW_SHAPE = (WINDOW_FRAMES, BANDS)

_BLOCK_SAMPLES = HOP * (BLOCK_FRAMES - 1) + SPAN
_BLOCK_LEAD = HOP + LEAD
"""block b begins so many samples before the picture's first"""
_AFTER_SAMPLES = BLOCKS_AFTER * FRAME_SAMPLES + _BLOCK_SAMPLES - _BLOCK_LEAD - FRAME_SAMPLES

CONTEXT_MS = -(-_AFTER_SAMPLES * 1000 // SAMPLE_RATE // 20) * 20
"""sound after a picture's own that its window needs, in whole chunks of 20 ms"""

_SILENT_BLOCK: Float32Array = frozen(np.tile(SILENT_FRAME, (BLOCK_FRAMES, 1)))


class VisemeFeatures:
    """A FeatureStream: picture i's window is float32 `WINDOW_SHAPE` of log-mel frames.

    It spans [640 i - 6040, 640 i + 2520) in samples: 377.5 ms before the picture's own 40 ms and
    117.5 ms after it. Left of the utterance there is silence.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next sound begins a new utterance."""
        self._pcm: Int16Array = np.zeros(_BLOCK_LEAD, np.int16)
        self._blocks = deque([_SILENT_BLOCK] * BLOCKS_BEFORE, maxlen=WINDOW_BLOCKS)
        self._owed_samples = 0

    def push(self, pcm: Int16Array) -> Iterator[Float32Array]:
        """Take (n,) samples at 16 kHz; yield the windows whose right context is complete."""
        self._owed_samples += len(pcm)
        return iter(self._advance(pcm))

    def flush(self) -> Iterator[Float32Array]:
        """End the utterance: yield the windows still owed, silence standing in for the future.

        A picture that has only part of its sound counts as whole.
        """
        owed = -(-self._owed_samples // FRAME_SAMPLES)
        windows = self._advance(np.zeros(FRAME_SAMPLES * WINDOW_BLOCKS, np.int16))[:owed]
        self.reset()
        return iter(windows)

    def _advance(self, pcm: Int16Array) -> list[Float32Array]:
        self._pcm = np.concatenate((self._pcm, pcm))
        windows = []
        start = 0
        while start + _BLOCK_SAMPLES <= len(self._pcm):
            self._blocks.append(log_mel(self._pcm[start : start + _BLOCK_SAMPLES]))
            start += FRAME_SAMPLES
            if len(self._blocks) == WINDOW_BLOCKS:
                windows.append(frozen(np.concatenate(self._blocks)))
        self._pcm = self._pcm[start:]
        self._owed_samples -= FRAME_SAMPLES * len(windows)
        return windows


__all__ = ["CONTEXT_MS", "WINDOW_FRAMES", "WINDOW_SHAPE", "VisemeFeatures"]
