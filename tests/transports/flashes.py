"""What outputs are tried with: flashes and tones, in real time or played by hand."""

from __future__ import annotations

from collections.abc import Callable

from bench.flashes import SIZE, Flashes, Watched, broadcasting, noise
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import OutputOptions, PlayedFrame, Reader, Tick, VideoFormat
from livetalk.types import FPS, FRAME_S
from tests.waiting import until

OPTIONS = OutputOptions(VideoFormat("h264", 1_000_000), 48_000)


class ByHand:
    """A source whose ticks a test plays, as fast as their reader is ready for them."""

    def __init__(self) -> None:
        self.timeline = Flashes(noise())
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
                until(lambda before=before: done() > before or not self.readers)  # type: ignore[misc]

    def _encoded(self, reader: Reader, frame: PlayedFrame) -> Tick:
        assert reader.format is not None
        stream = self._encodings.stream(reader.format, frame.picture)
        key_every = round((reader.key_frame_s or 60) * FPS)
        video = self._encodings.encode(stream, frame, self._key, key_every)
        self._key = False
        return Tick(frame.tick * FRAME_S, frame, video, None)


__all__ = ["OPTIONS", "SIZE", "ByHand", "Flashes", "Watched", "broadcasting", "noise"]
