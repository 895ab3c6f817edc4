"""Sound of one sample rate into another, piece by piece."""

from __future__ import annotations

import av
import numpy as np

from livetalk.types import Int16Array


class StreamResampler:
    """Resamples a mono stream and keeps the filter's state between pieces.

    However the stream is cut, the samples are those of the whole stream resampled at once. Samples come out
    about 1 ms late, the reach of the filter, until `flush`.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        self.rate_in = rate_in
        self.rate_out = rate_out
        self._begin()

    def _begin(self) -> None:
        self._filter = av.AudioResampler(format="s16", layout="mono", rate=self.rate_out)
        self._samples_in = 0
        self._samples_out = 0

    def push(self, pcm: Int16Array) -> Int16Array:
        """Take (n,) samples at `rate_in`; return those at `rate_out` that are ready, maybe none."""
        if self.rate_in == self.rate_out or len(pcm) == 0:
            return pcm
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = self.rate_in
        ready = self._run(frame)
        self._samples_in += len(pcm)
        self._samples_out += len(ready)
        return ready

    def flush(self) -> Int16Array:
        """End the stream: return the samples still held. The next push begins another stream."""
        if self._samples_in == 0:
            return np.zeros(0, np.int16)
        rest = self._run(None)
        owed = self._samples_in * self.rate_out // self.rate_in - self._samples_out
        if len(rest) < owed:  # streams shorter than the filter vanish in it
            rest = np.pad(rest, (0, owed - len(rest)))
        self._begin()
        return rest

    def _run(self, frame: av.AudioFrame | None) -> Int16Array:
        pieces = [made.to_ndarray()[0].astype(np.int16, copy=False) for made in self._filter.resample(frame)]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


__all__ = ["StreamResampler"]
