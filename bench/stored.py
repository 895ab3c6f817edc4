"""A stored stream as a player shows it: when each picture begins, and each piece of sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import av
import numpy as np
import numpy.typing as npt

from bench.decode import Array
from bench.errors import BenchError

Look = TypeVar("Look")


class Stored(Generic[Look]):
    """A file, decoded; of its pictures what `look` made of each."""

    def __init__(self, path: Path, look: Callable[[av.VideoFrame], Look]) -> None:
        """Decode it.

        Raises:
            BenchError: it lacks pictures or sound.
        """
        shown: list[float] = []
        begins: list[float] = []
        self.looks: list[Look] = []
        self.pieces: list[Array] = []
        """of sound, (n,) each"""
        self.rate = 0
        """samples a second"""
        with av.open(str(path)) as container:
            if not container.streams.video or not container.streams.audio:
                raise BenchError(f"{path} lacks pictures or sound")
            self.comment = container.metadata.get("comment", "")
            self.sizes = {(stream.width, stream.height) for stream in container.streams.video}
            self.codecs = sorted(stream.codec_context.name for stream in container.streams)
            for frame in container.decode(video=0, audio=0):
                assert isinstance(frame, av.VideoFrame | av.AudioFrame)
                assert frame.pts is not None
                assert frame.time_base is not None
                at_s = float(frame.pts * frame.time_base)
                if isinstance(frame, av.VideoFrame):
                    shown.append(at_s)
                    self.looks.append(look(frame))
                else:
                    begins.append(at_s)
                    self.pieces.append(frame.to_ndarray().reshape(-1).astype(np.float32))
                    self.rate = frame.sample_rate
        if not shown or not begins:
            raise BenchError(f"{path} is empty")
        self.shown_s: npt.NDArray[np.float64] = np.array(shown)
        """when each picture begins"""
        self.begins_s: npt.NDArray[np.float64] = np.array(begins)
        """when each piece of sound does"""

    @property
    def ends_s(self) -> npt.NDArray[np.float64]:
        """When each piece of sound ends."""
        return self.begins_s + np.array([len(piece) for piece in self.pieces]) / self.rate


__all__ = ["Stored"]
