"""Something to hold against its sound: once a second a corner of the picture flashes and a tone is heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from bench.stored import Stored
from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import PlayedFrame
from livetalk.types import FPS, FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Int16Array, Picture

SIZE = (192, 128)
FLASH = 2
"""ticks that a flash and its tone take"""
CORNER = 4
"""the flash takes this part of the picture's height and width"""
DARK, BRIGHT = 32, 235
"""luma of the corner"""
_TONE: Int16Array = (12_000 * np.sin(np.arange(SAMPLE_RATE) * 2 * np.pi * 1000 / SAMPLE_RATE)).astype(
    np.int16
)
_QUIET = 0.1
"""share of the loudest sample below which it is no tone"""
_APART_S = 0.5
"""two flashes are further from each other than this"""

Array = npt.NDArray[np.float64]


def noise(size: tuple[int, int] = SIZE) -> Callable[[int], Picture]:
    """Pictures of (width, height) that are work for an encoder."""
    width, height = size
    random = np.random.default_rng(0)
    pictures = random.integers(16, 48, (8, height * 3 // 2, width)).astype(np.uint8)
    pictures[:, height:] = 128
    return lambda pose: pictures[pose % len(pictures)]


class Flashes:
    """A timeline of such pictures; each 25th tick begins a flash and a tone."""

    def __init__(
        self, picture: Callable[[int], Picture], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.picture = picture
        """the picture below the flash, of a pose"""
        self._start = clock()

    def start_time(self) -> float:
        """When it was made."""
        return self._start

    def commit(self, tick: int) -> PlayedFrame:
        """A picture whose corner is dark, or bright while its tone sounds."""
        picture = self.picture(tick).copy()
        loud = tick % FPS < FLASH
        height, width = picture.shape[0] * 2 // 3, picture.shape[1]
        picture[: height // CORNER, : width // CORNER] = BRIGHT if loud else DARK
        at = tick * FRAME_SAMPLES % SAMPLE_RATE
        return PlayedFrame(tick, picture, _TONE[at : at + FRAME_SAMPLES] * loud)


@contextmanager
def broadcasting(picture: Callable[[int], Picture] | None = None) -> Iterator[Broadcast]:
    """A broadcast of flashes, in real time."""
    metrics = Metrics()
    timeline = Flashes(picture or noise())
    cast = Broadcast(timeline, Encodings(EncoderOptions(), metrics), 48_000, metrics, lambda: None)
    try:
        yield cast
    finally:
        cast.stop()


class Watched:
    """A file of flashes as a player would show it."""

    def __init__(self, path: Path) -> None:
        """Decode it.

        Raises:
            BenchError: it lacks pictures or sound.
        """
        stored = Stored(path, _corner)
        self.comment, self.sizes, self.codecs = stored.comment, stored.sizes, stored.codecs
        self.shown_s = stored.shown_s
        """when each picture begins"""
        ends = stored.ends_s
        self.heard_s = float(ends[-1])
        """when the sound ends"""
        self.sound_gap_s = float((stored.begins_s[1:] - ends[:-1]).max(initial=0.0))
        """the longest hole between two pieces of sound"""
        self.flashes_s = _rises(self.shown_s, np.array(stored.looks) > (DARK + BRIGHT) / 2)
        times = np.concatenate(
            [
                begin + np.arange(len(piece)) / stored.rate
                for begin, piece in zip(stored.begins_s, stored.pieces, strict=True)
            ]
        )
        loudness = np.abs(np.concatenate(stored.pieces))
        self.tones_s = _rises(times, loudness > _QUIET * loudness.max())

    @property
    def length_s(self) -> float:
        """Of its pictures, the last one's own 40 ms with them."""
        return float(self.shown_s[-1] - self.shown_s[0] + FRAME_S)

    @property
    def longest_step_s(self) -> float:
        """Between two pictures."""
        return float(np.diff(self.shown_s).max())

    @property
    def offsets_s(self) -> Array:
        """Of each flash and the tone next to it: picture minus sound.

        A flash that was on already when the pictures began says nothing of its own beginning.
        """
        begun = self.flashes_s[self.flashes_s > self.shown_s[0]]
        apart = begun[:, None] - self.tones_s[None]
        return np.asarray(apart[np.arange(len(apart)), np.abs(apart).argmin(axis=1)], np.float64)


def _corner(frame: av.VideoFrame) -> float:
    luma = frame.to_ndarray(format="gray")
    return float(luma[: luma.shape[0] // CORNER, : luma.shape[1] // CORNER].mean())


def _rises(times: Array, on: npt.NDArray[np.bool_]) -> Array:
    """When it begins to be on, after it was off for a while."""
    lit = times[on]
    return lit[np.diff(lit, prepend=-np.inf) > _APART_S]


__all__ = ["SIZE", "Flashes", "Watched", "broadcasting", "noise"]
