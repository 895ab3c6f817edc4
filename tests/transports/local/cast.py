"""A broadcast in real time of pictures and tones, and a virtual camera that notes what it is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import OutputOptions, PlayedFrame, VideoFormat
from livetalk.types import FRAME_SAMPLES, SAMPLE_RATE, planes

BURST_EVERY = 12
"""ticks from one burst of sound, with a white picture, to the next"""
HERTZ = 1000.0
DARK, WHITE = 40, 235
OPTIONS = OutputOptions(VideoFormat("h264", 1_000_000), audio_bitrate=48_000)


class Tones:
    """A timeline: a tone that never stops, or bursts of it with white pictures."""

    def __init__(self, bursts: bool) -> None:
        self.size = (64, 48)
        self._bursts = bursts
        self._start_s = time.monotonic() + 0.1

    def start_time(self) -> float:
        """Soon."""
        return self._start_s

    def commit(self, tick: int) -> PlayedFrame:
        """A tick."""
        loud = not self._bursts or tick % BURST_EVERY == 0
        width, height = self.size
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        planes(picture)[0][:] = WHITE if loud else DARK
        places = np.arange(tick * FRAME_SAMPLES, (tick + 1) * FRAME_SAMPLES)
        wave = 16_384 * np.sin(2 * np.pi * HERTZ * places / SAMPLE_RATE)
        return PlayedFrame(tick, picture, (wave * loud).astype(np.int16))


@contextmanager
def broadcast(timeline: Tones) -> Iterator[Broadcast]:
    """A real one, as long as it is needed."""
    metrics = Metrics()
    cast = Broadcast(timeline, Encodings(EncoderOptions(), metrics), 48_000, metrics, lambda: None)
    try:
        yield cast
    finally:
        cast.stop()


class NotedCamera:
    """A backend of pyvirtualcam's: nobody sees it."""

    sent: ClassVar[list[tuple[float, npt.NDArray[np.uint8]]]] = []
    """when a picture came, and the picture"""
    opened: ClassVar[list[tuple[int, int]]] = []
    closed = 0
    broken = ""
    """what is the matter, where it does not work"""

    def __init__(
        self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **options: object
    ) -> None:
        if NotedCamera.broken:
            raise RuntimeError(NotedCamera.broken)
        self._device = device or "noted"
        NotedCamera.opened.append((width, height))

    def send(self, frame: npt.NDArray[np.uint8]) -> None:
        """Note it."""
        if NotedCamera.broken:
            raise RuntimeError(NotedCamera.broken)
        NotedCamera.sent.append((time.monotonic(), frame.copy()))

    def close(self) -> None:
        """Count."""
        NotedCamera.closed += 1

    def device(self) -> str:
        """Its name."""
        return self._device

    def native_fourcc(self) -> int | None:
        """None is told."""
        return None
