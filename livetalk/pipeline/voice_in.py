"""VoiceIn: somebody speaks live, and the face says it while they do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from livetalk.audio.chunker import Chunker
from livetalk.audio.voice_activity import VoiceActivity
from livetalk.metrics import Metrics
from livetalk.pipeline.live import Stretch
from livetalk.types import CHUNK_SAMPLES, SAMPLE_RATE, EventFields, Int16Array

WAITING_CHUNKS = 100
"""2 s of voice may wait, while something else is being said; then the oldest is lost"""
PAUSE_CHUNKS = 5
"""so much of a pause is kept where the face has fallen behind the voice; leaving out the rest catches up"""


class VoiceIn:
    """Takes sound as it arrives, and makes an utterance of each stretch of voice in it. Never blocks."""

    def __init__(
        self,
        begin: Callable[[], Stretch | None],
        excess_s: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        """Make one. `begin` queues a new stretch, or says that there is no room; `excess_s` is how much
        more is ready to play than has to be."""
        self._begin = begin
        self._excess_s = excess_s
        self._metrics = metrics
        self._lock = threading.Lock()
        self._chunker = Chunker()
        self._activity = VoiceActivity()
        self._stretch: Stretch | None = None
        """the one that is on; None between two, and where an interrupt cut it or there was no room"""
        self._spare = 0
        """chunks of this pause that may be left out"""
        self._waiting: list[Stretch] = []
        """with sound in them, oldest first"""
        self._closed = False

    def push(self, pcm: Int16Array) -> None:
        """Take (n,) samples, mono, 16 kHz; any thread, one at a time. After the end nothing happens."""
        with self._lock:
            if self._closed:
                return
            for chunk in self._chunker.push(pcm):
                self._hear(chunk)

    def cut(self) -> None:
        """Forget what is being said, up to the next pause."""
        with self._lock:
            self._cut()

    def close(self) -> None:
        """End; what waits is still said."""
        with self._lock:
            self._closed = True
            if self._stretch is not None:
                self._stretch.end()

    @property
    def closed(self) -> bool:
        """Whether it takes no more sound."""
        return self._closed

    def _hear(self, chunk: Int16Array) -> None:
        if self._stretch is not None and self._stretch.ended:  # it stalled, or could not be said
            if self._stretch.stalled:
                self._metrics.voice_stalls.inc()
            self._stretch = None
            self._activity.end()
        was_active = self._activity.active
        voice = self._activity.push(chunk)
        if voice and not was_active:
            self._stretch = self._begin()
            if self._stretch is not None:
                self._waiting.append(self._stretch)
        if self._stretch is None:
            return
        if not self._leaves_out():
            for each in voice:
                self._stretch.put(each)
        if not self._activity.active:
            self._stretch.end()
            self._stretch = None
        self._lose_what_waits_too_long()

    def _leaves_out(self) -> bool:
        """Whether to leave out a chunk of a pause. How many is decided once, where the pause has become long
        enough: those left out are missed only when they would have played."""
        if self._activity.quiet == PAUSE_CHUNKS:
            self._spare = int(self._excess_s() * SAMPLE_RATE / CHUNK_SAMPLES)
        if self._activity.quiet <= PAUSE_CHUNKS or self._spare <= 0:
            return False
        self._spare -= 1
        return True

    def _lose_what_waits_too_long(self) -> None:
        self._waiting = [each for each in self._waiting if len(each) or not each.ended]
        excess = sum(len(each) for each in self._waiting) - WAITING_CHUNKS
        for _ in range(excess):
            next(each for each in self._waiting if len(each)).drop_oldest()
            self._metrics.voice_dropped.inc()

    def _cut(self) -> None:
        for stretch in self._waiting:
            stretch.cut()
        self._waiting = []
        self._stretch = None


class Voices:
    """Those that a session listens to."""

    def __init__(
        self,
        begin: Callable[[EventFields], Stretch | None],
        excess_s: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        """As `VoiceIn` has it; `begin` is given the fields of the voice's events."""
        self._begin = begin
        self._excess_s = excess_s
        self._metrics = metrics
        self._lock = threading.Lock()
        self._open: list[VoiceIn] = []
        self._closed = False

    def listen(self, fields: EventFields) -> VoiceIn | None:
        """Listen to one more; None where the end has come."""
        voice = VoiceIn(partial(self._begin, fields), self._excess_s, self._metrics)
        with self._lock:
            if self._closed:
                return None
            self._open = [*(each for each in self._open if not each.closed), voice]
            return voice

    def cut(self) -> None:
        """Forget what they are saying."""
        for voice in self._open:
            voice.cut()

    def close(self) -> None:
        """Listen no more; nobody waits for their sound any longer."""
        with self._lock:
            self._closed = True
            for voice in self._open:
                voice.cut()
                voice.close()


__all__ = ["VoiceIn", "Voices"]
