"""Features: chunks of sound become windows for the engine, each paired with its own two chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.slots import Slot
from livetalk.pipeline.stage import Sink, Stage, Watcher
from livetalk.protocols import FeatureStream
from livetalk.types import CHUNKS_PER_FRAME, SILENCE, AudioChunk, FeatureChunk, Tag, Window


class Features(Stage[AudioChunk, FeatureChunk]):
    """Keeps the engine's context across chunks; begins anew with each sentence or clip."""

    def __init__(
        self,
        inbox: Channel[AudioChunk],
        outbox: Sink[FeatureChunk],
        epoch: Epoch,
        watcher: Watcher,
        slot: Slot,
        stream: FeatureStream,
    ) -> None:
        super().__init__("features", inbox, outbox, epoch, watcher, slot)
        self._stream = stream
        self._waiting: deque[AudioChunk] = deque()
        self._tag: Tag | None = None
        self._first = True
        self._count = 0

    def process(self, item: AudioChunk) -> Iterator[FeatureChunk]:
        """Yield the pictures whose right context is complete with this chunk."""
        if item.tag != self._tag:
            self._begin(item.tag)
        yield from self._push(item)
        if item.last:
            if self._count % CHUNKS_PER_FRAME:
                yield from self._push(AudioChunk(SILENCE, item.tag))
            yield from self._pair(self._stream.flush())
            self._begin(item.tag)

    def recover(self, item: AudioChunk) -> Iterator[FeatureChunk]:
        """Forget the sentence that broke; the next begins anew."""
        self._begin(item.tag)
        return iter(())

    def _begin(self, tag: Tag) -> None:
        self._tag = tag
        self._stream.reset()
        self._waiting.clear()
        self._first = True
        self._count = 0

    def _push(self, chunk: AudioChunk) -> Iterator[FeatureChunk]:
        self._count += 1
        self._waiting.append(chunk)
        yield from self._pair(self._stream.push(chunk.pcm))

    def _pair(self, windows: Iterable[Window]) -> Iterator[FeatureChunk]:
        for window in windows:
            assert len(self._waiting) >= CHUNKS_PER_FRAME, "a window came before its sound"
            chunks = (self._waiting.popleft(), self._waiting.popleft())
            first, self._first = self._first, False
            last = chunks[0].last or chunks[1].last
            yield FeatureChunk(window, chunks, chunks[0].tag, first, last)
