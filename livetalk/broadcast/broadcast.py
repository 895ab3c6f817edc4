"""Broadcast: one thread per session that commits each tick just before its time and encodes it once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from livetalk.broadcast.encoders import KEY_FRAME_S, OpusEncoder, VideoStream
from livetalk.broadcast.encodings import Encodings
from livetalk.marking.marking import Mark, unmarked
from livetalk.metrics import Metrics
from livetalk.protocols import PlayedFrame, Reader, Tick, Timeline
from livetalk.types import CHUNK_SAMPLES, FPS, FRAME_S
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

COMMIT_LEAD_S = 0.018
"""how long before its time a tick is committed: what encoding takes, with a little to spare"""
SKIP_S = 0.2
"""a machine that stood still this long leaves ticks out rather than play them in a rush"""


class Broadcast:
    """Runs from its first reader until it is stopped; readers that want the same format share an encoder."""

    def __init__(
        self,
        timeline: Timeline,
        encodings: Encodings,
        audio_bitrate: int,
        metrics: Metrics,
        on_failed: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
        mark: Mark = unmarked,
    ) -> None:
        self._timeline = timeline
        self._encodings = encodings
        self._audio_bitrate = audio_bitrate
        self._metrics = metrics
        self._on_failed = on_failed
        self._mark = mark
        self._clock = clock
        self._lock = threading.Lock()
        self._readers: tuple[Reader, ...] = ()
        self._fresh: set[Reader] = set()
        """whose next picture must be a key frame"""
        self._reads: dict[Reader, VideoStream | None] = {}
        """what each was handed last"""
        self._opus: OpusEncoder | None = None
        self._ended = threading.Event()
        self._thread: Worker | None = None

    # -- what readers call ------------------------------------------------------------------------

    def add(self, reader: Reader) -> None:
        """Begin to hand ticks to a reader, with a key frame first."""
        with self._lock:
            self._readers = (*self._readers, reader)
            self._fresh.add(reader)
            if self._thread is None and not self._ended.is_set():
                self._thread = Worker("broadcast", self._run_or_tell)
                self._thread.start()

    def remove(self, reader: Reader) -> None:
        """Hand it no more."""
        with self._lock:
            self._readers = tuple(each for each in self._readers if each is not reader)
            self._fresh.discard(reader)

    def refresh(self, reader: Reader) -> None:
        """A reader lost pictures: its next one is a key frame, as the first of another format is anyway."""
        with self._lock:
            if reader in self._readers and reader not in self._fresh:
                self._fresh.add(reader)
                self._metrics.key_frames.inc()

    # -- what its owner calls ---------------------------------------------------------------------

    def stop(self) -> None:
        """End the thread.

        Raises:
            StageError: it did not end in time.
        """
        with self._lock:  # who begins to read now is either waited for, or too late
            self._ended.set()
            thread = self._thread
        if thread is not None:
            thread.wait()
        self._encodings.close()
        self._opus = None

    # -- inside -----------------------------------------------------------------------------------

    def _run_or_tell(self) -> None:
        try:
            self._run()
        except Exception:
            logger.exception("a broadcast failed")
            self._on_failed()

    def _run(self) -> None:
        start = self._timeline.start_time()
        number = 0
        while not self._ended.wait(max(0.0, start + number * FRAME_S - COMMIT_LEAD_S - self._clock())):
            behind_s = self._clock() - (start + number * FRAME_S)
            if behind_s > SKIP_S:
                skipped = int(behind_s / FRAME_S)
                self._metrics.skipped_ticks.inc(skipped)
                number += skipped
            self._play(number, start + number * FRAME_S)
            number += 1

    def _play(self, number: int, due: float) -> None:
        frame = self._timeline.commit(number)
        if self._mark is not unmarked:
            frame = replace(frame, picture=self._mark(frame.picture))
        with self._lock:
            readers, fresh = self._readers, self._fresh
            self._fresh = set()
        opus = self._sound(frame, readers)
        began = self._clock()
        now_reads: dict[Reader, VideoStream | None] = {}
        for stream, group in self._by_stream(frame, readers).items():
            video = None
            if stream is not None:
                key_frame_s = min(each.key_frame_s or KEY_FRAME_S for each in group)
                key = any(each in fresh or self._reads.get(each) != stream for each in group)
                video = self._encodings.encode(stream, frame, key, round(key_frame_s * FPS))
            self._hand_out(Tick(due, frame, video, opus), group)
            now_reads.update(dict.fromkeys(group, stream))
        self._reads = now_reads
        ended = self._clock()
        self._encodings.settle(number, late=ended > due)
        self._metrics.encode_s.observe(ended - began)
        if ended > due:
            self._metrics.late_ticks.inc()

    def _by_stream(
        self, frame: PlayedFrame, readers: Iterable[Reader]
    ) -> Mapping[VideoStream | None, list[Reader]]:
        groups: dict[VideoStream | None, list[Reader]] = {}
        for reader in readers:
            wanted = reader.format
            stream = None if wanted is None else self._encodings.stream(wanted, frame.picture)
            groups.setdefault(stream, []).append(reader)
        return groups

    def _sound(self, frame: PlayedFrame, readers: Iterable[Reader]) -> tuple[bytes, bytes] | None:
        if not any(reader.wants_opus for reader in readers):
            return None
        if self._opus is None:
            self._opus = OpusEncoder(self._audio_bitrate)
        first, second = frame.pcm[:CHUNK_SAMPLES], frame.pcm[CHUNK_SAMPLES:]
        return self._opus.encode(first), self._opus.encode(second)

    def _hand_out(self, tick: Tick, readers: Iterable[Reader]) -> None:
        for reader in readers:
            try:
                reader.take(tick)
            except Exception:
                logger.exception("%s failed; it is handed no more", type(reader).__name__)
                self.remove(reader)
