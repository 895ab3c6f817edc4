"""A recording: the sound of a clip, as the engine hears it and as the clip keeps it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path

import av
import numpy as np

from livetalk.audio.clip import decode_frames, resample
from livetalk.audio.silence import QUIET
from livetalk.errors import RenderError, TooLarge, UnsupportedMedia
from livetalk.types import FPS, FRAME_SAMPLES, SAMPLE_RATE, Int16Array, frozen

LONGEST_S = 4 * 3600
"""what the engine hears of it stands in memory, up to 400 kB a second"""
MOST_PIECES, PIECE = 4096, 2**20
"""of a file, and bytes of each: together what a WAV can hold; a device may have no end"""


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file that was decoded once to its end."""

    pcm: Int16Array
    """(640 * pictures,), mono, 16 kHz, read-only; silence fills up the last picture"""
    rate: int
    """Hz, of the file's own sound"""
    channels: int
    _content: bytes = field(repr=False)
    _frames: int

    @property
    def pictures(self) -> int:
        """One for each started 40 ms."""
        return len(self.pcm) // FRAME_SAMPLES

    def frames(self) -> Iterator[av.AudioFrame]:
        """Decode it again, as it is in the file."""
        return islice(decode_frames(self._content), self._frames)


def read_recording(path: Path) -> Recording:
    """Read a sound file of any kind that is taken as a clip, and of up to some hours.

    Raises:
        RenderError: it cannot be read, is no sound, is silent throughout, too long or too large.
    """
    try:
        with path.open("rb") as file:
            pieces = list(islice(iter(partial(file.read, PIECE), b""), MOST_PIECES + 1))
    except OSError as error:
        raise RenderError(f"{path} cannot be read: {error.strerror}") from error
    if len(pieces) > MOST_PIECES:
        raise RenderError(f"{path} has more than {MOST_PIECES * PIECE // 2**30} GB; cut it into parts")
    return recording_of(b"".join(pieces), str(path))


def recording_of(content: bytes, name: str) -> Recording:
    """Take an encoded sound as a recording; errors call it `name`.

    Raises:
        RenderError: it is no sound, is silent throughout, or too long.
    """
    meter = _Meter()
    try:
        heard = [
            frame.to_ndarray()[0]
            for frame in resample(meter.pass_on(decode_frames(content)), "s16", "mono", SAMPLE_RATE)
        ]
    except (UnsupportedMedia, TooLarge) as error:
        raise RenderError(f"{name}: {error}") from error
    samples = math.ceil(meter.seconds * FPS) * FRAME_SAMPLES
    pcm = np.concatenate([np.zeros(0, np.int16), *heard]).astype(np.int16, copy=False)[:samples]
    if np.abs(pcm.astype(np.int32)).max(initial=0) <= QUIET:
        raise RenderError(f"{name} is silent from beginning to end; there is nothing to say")
    filled = frozen(np.pad(pcm, (0, samples - len(pcm))))
    return Recording(filled, meter.rate, meter.channels, content, meter.frames)


class _Meter:
    """Measures sound that passes by, in its own rate: resampled sound may be a sample longer or shorter."""

    def __init__(self) -> None:
        self.frames = 0
        self.seconds = Fraction(0)
        self.rate = 0
        self.channels = 0

    def pass_on(self, frames: Iterator[av.AudioFrame]) -> Iterator[av.AudioFrame]:
        """The frames, each measured; the first one's kind counts for all."""
        for frame in frames:
            self.frames += 1
            self.seconds += Fraction(frame.samples, frame.sample_rate)
            self.rate = self.rate or frame.sample_rate
            self.channels = self.channels or frame.layout.nb_channels
            if self.seconds > LONGEST_S:
                raise TooLarge(f"the sound lasts more than {LONGEST_S // 3600} hours; cut it into parts")
            yield frame


__all__ = ["LONGEST_S", "Recording", "read_recording", "recording_of"]
