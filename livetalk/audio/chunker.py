"""A stream of sound cut into the pipeline's 20 ms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from livetalk.types import CHUNK_SAMPLES, Int16Array, frozen


class Chunker:
    """Cuts a stream of any pieces into chunks of 320 samples; what is left over waits for the next piece."""

    def __init__(self) -> None:
        self._rest: Int16Array = np.zeros(0, np.int16)

    def push(self, pcm: Int16Array) -> Iterator[Int16Array]:
        """Take (n,) samples at once; return an iterator over the whole chunks, (320,), read-only."""
        stream = np.concatenate([self._rest, pcm])
        whole = len(stream) // CHUNK_SAMPLES
        self._rest = stream[whole * CHUNK_SAMPLES :].copy()
        chunks = frozen(stream[: whole * CHUNK_SAMPLES].reshape(whole, CHUNK_SAMPLES))
        return iter(chunks)

    def flush(self) -> Iterator[Int16Array]:
        """End the stream: the samples left over, if any, silence filling up their chunk."""
        if len(self._rest) == 0:
            return iter(())
        return self.push(np.zeros(CHUNK_SAMPLES - len(self._rest), np.int16))


__all__ = ["Chunker"]
