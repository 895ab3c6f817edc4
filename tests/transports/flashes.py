"""A face's stand-in: once a second a white picture and a tone, for a receiver to hold against each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import EncodedPicture, OutputOptions, PlayedFrame, Reader, Tick, VideoFormat
from livetalk.types import FPS, FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Int16Array

SIZE = (192, 128)
OPTIONS = OutputOptions(VideoFormat("h264", 1_000_000), 48_000)
WAIT_S = 20.0
FLASH = 2
"""ticks that a flash and its tone take"""
_TONE: Int16Array = (12_000 * np.sin(np.arange(SAMPLE_RATE) * 2 * np.pi * 1000 / SAMPLE_RATE)).astype(
    np.int16
)


class Flashes:
    """A timeline whose every 25th tick begins a flash and a tone."""

    def __init__(self, size: tuple[int, int] = SIZE, clock: Callable[[], float] = time.monotonic) -> None:
        self.size = size
        self._start = clock()
        self._noise = np.random.default_rng(0).integers(16, 48, (8, 4096, 4096 // 8)).astype(np.uint8)

    def start_time(self) -> float:
        """When it was made."""
        return self._start

    def commit(self, tick: int) -> PlayedFrame:
        """Dark noise, or a flash with its tone."""
        width, height = self.size
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        loud = tick % FPS < FLASH
        picture[:height] = 235 if loud else np.resize(self._noise[tick % 8], (height, width))
        at = tick * FRAME_SAMPLES % SAMPLE_RATE
        return PlayedFrame(tick, picture, _TONE[at : at + FRAME_SAMPLES] * loud)


@contextmanager
def broadcasting(size: tuple[int, int] = SIZE) -> Iterator[Broadcast]:
    """A broadcast of flashes, in real time."""
    metrics = Metrics()
    cast = Broadcast(Flashes(size), Encodings(EncoderOptions(), metrics), 48_000, metrics, lambda: None)
    try:
        yield cast
    finally:
        cast.stop()


class ByHand:
    """A source whose ticks a test plays, as fast as their reader is ready for them."""

    def __init__(self, timeline: Flashes | None = None) -> None:
        self.timeline = timeline or Flashes()
        self.tick = 0
        """that is next"""
        self.readers: list[Reader] = []
        self._encodings = Encodings(EncoderOptions(), Metrics())
        self._key = True

    def add(self, reader: Reader) -> None:
        """Keep it."""
        self.readers.append(reader)
        self._key = True

    def remove(self, reader: Reader) -> None:
        """Forget it."""
        self.readers = [each for each in self.readers if each is not reader]

    def refresh(self, reader: Reader) -> None:
        """Make the next one a key frame."""
        self._key = True

    def play(self, ticks: int, done: Callable[[], int]) -> None:
        """Hand out so many ticks, each after `done`, which counts, said that those before were taken."""
        for _ in range(ticks):
            before = done()
            frame = self.timeline.commit(self.tick)
            for reader in self.readers:
                reader.take(self._encoded(reader, frame))
            self.tick += 1
            if self.readers:
                wait_until(lambda before=before: done() > before or not self.readers)  # type: ignore[misc]

    def _encoded(self, reader: Reader, frame: PlayedFrame) -> Tick:
        wanted = reader.format
        assert wanted is not None
        stream = self._encodings.stream(replace(wanted), frame.picture)
        key_every = round((reader.key_frame_s or 60) * FPS)
        video: EncodedPicture = self._encodings.encode(stream, frame, self._key, key_every)
        self._key = False
        return Tick(frame.tick * FRAME_S, frame, video, None)


def wait_until(true: Callable[[], object], limit_s: float = WAIT_S) -> None:
    """Until something is so."""
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.002)


class Watched:
    """A file as a player would show it."""

    def __init__(self, path: Path) -> None:
        self.shown_s: npt.NDArray[np.float64]
        """when each picture begins"""
        bright: list[float] = []
        shown: list[float] = []
        sound: list[npt.NDArray[np.float32]] = []
        heard: list[float] = []
        with av.open(str(path)) as container:
            self.comment = container.metadata.get("comment", "")
            self.sizes = {(stream.width, stream.height) for stream in container.streams.video}
            self.codecs = sorted(stream.codec_context.name for stream in container.streams)
            for frame in container.decode(video=0, audio=0):
                assert isinstance(frame, av.VideoFrame | av.AudioFrame)
                assert frame.time is not None
                if isinstance(frame, av.VideoFrame):
                    shown.append(frame.time)
                    bright.append(float(frame.to_ndarray(format="gray").mean()))
                else:
                    heard.append(frame.time)
                    sound.append(np.abs(frame.to_ndarray()).reshape(-1).astype(np.float32))
                    self.rate = frame.sample_rate
        self.shown_s = np.array(shown)
        self.flashes_s = _rises(self.shown_s, np.array(bright) > 128, 0.5)
        times = np.concatenate(
            [begin + np.arange(len(part)) / self.rate for begin, part in zip(heard, sound, strict=True)]
        )
        self.heard_s = float(times[-1])
        loudness = np.concatenate(sound)
        self.loudest = float(loudness.max())
        self.tones_s = _rises(times, loudness > 0.1 * self.loudest, 0.5)
        self.sound_gap_s = max((b - a - len(part) / self.rate) for a, b, part in zip(heard, heard[1:], sound))  # noqa: B905

    @property
    def length_s(self) -> float:
        """Of its pictures, the last one's own 40 ms with them."""
        return float(self.shown_s[-1] - self.shown_s[0] + FRAME_S)

    @property
    def offsets_s(self) -> npt.NDArray[np.float64]:
        """Of each flash with a tone close by: picture minus sound."""
        apart = self.flashes_s[:, None] - self.tones_s[None]
        return np.asarray(apart[np.arange(len(apart)), np.abs(apart).argmin(axis=1)], np.float64)


def _rises(
    times: npt.NDArray[np.float64], on: npt.NDArray[np.bool_], apart_s: float
) -> npt.NDArray[np.float64]:
    """When it begins to be on, after it was off for a while."""
    found: list[float] = []
    last = -np.inf
    for time_s in times[on]:
        if time_s - last > apart_s:
            found.append(float(time_s))
        last = time_s
    return np.array(found)
