"""What an output must be, and what it sees: ticks of a session, encoded as it wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from livetalk.types import Int16Array, Picture

VideoCodec: TypeAlias = Literal["h264", "vp8"]


@dataclass(frozen=True, slots=True)
class PlayedFrame:
    """What plays in one 40 ms tick."""

    tick: int
    """ticks since the source's timeline began"""
    picture: Picture
    """of another size than the last where the avatar was changed"""
    pcm: Int16Array
    """(640,), mono, 16 kHz"""


class Timeline(Protocol):
    """What a session plays: ticks, each committed just before it plays."""

    def start_time(self) -> float:
        """When tick 0 plays, in seconds of the session's clock."""

    def commit(self, tick: int) -> PlayedFrame:
        """Decide what plays at `tick`; never blocks. Ticks are asked for once each, rising."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """How a reader wants its pictures encoded."""

    codec: VideoCodec
    bitrate: int
    """bit/s, the most that they may take"""
    height: int | None = None
    """pixels to scale them to; None keeps the avatar's"""
    shrink: int = 1
    """divides width and height, for a reader whose network is narrow"""
    size: tuple[int, int] | None = None
    """(width, height) of all of them, with bars where the avatar is shaped otherwise; None follows it"""

    def size_of(self, picture: Picture) -> tuple[int, int]:
        """(width, height) that a picture gets, both even; readers whose sizes agree share an encoder."""
        if self.size is not None:
            return self.size
        rows, width = picture.shape
        height = rows * 2 // 3
        scale = (self.height or height) / height / self.shrink
        return _even(width * scale), _even(height * scale)


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One packet of video: of H264 in Annex B, its parameter sets before each key frame."""

    payload: bytes
    key: bool
    size: tuple[int, int]
    """(width, height)"""


@dataclass(frozen=True, slots=True)
class Tick:
    """What a reader gets for one tick."""

    due: float
    """when it plays, in seconds of the session's clock"""
    frame: PlayedFrame
    video: EncodedPicture | None
    """in the format that was wanted; None for a reader that wants none"""
    opus: tuple[bytes, bytes] | None
    """two packets of 20 ms, where any reader wants them"""


class Reader(Protocol):
    """Somebody who reads what a session plays."""

    @property
    def format(self) -> VideoFormat | None:
        """How it wants the pictures encoded, asked for each tick; None for raw pictures alone."""

    @property
    def wants_opus(self) -> bool:
        """Whether it wants the sound as Opus."""

    @property
    def key_frame_s(self) -> float | None:
        """Seconds between key frames at the most; None for those alone that somebody asks for."""

    def take(self, tick: Tick) -> None:
        """Take a tick, just before it is due, on the broadcast's thread; it must not block."""


class MediaSource(Protocol):
    """A session seen by an output."""

    def add(self, reader: Reader) -> None:
        """Begin to hand ticks to a reader, with a key frame first."""

    def remove(self, reader: Reader) -> None:
        """Hand it no more."""

    def refresh(self, reader: Reader) -> None:
        """A reader lost pictures: its next one is a key frame, as the first of another format is anyway."""


OutputState: TypeAlias = Literal["starting", "live", "waiting", "failed", "stopped"]
"""waiting: it lost its server, and tries again by itself; failed: it will not"""


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """How an output is."""

    state: OutputState
    detail: str = ""
    """what is the matter, for people; no secret of its target in it"""
    ticks: int = 0
    """that it delivered"""
    dropped: int = 0
    """ticks that it was too slow for"""
    reconnects: int = 0


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What every output is made with."""

    video: VideoFormat
    """what is sent where pictures are encoded"""
    audio_bitrate: int
    """bit/s"""
    key_frame_s: float = 2.0
    """seconds between key frames, where players jump and viewers of a stream server join"""
    ice_servers: Callable[[], Sequence[str]] = tuple
    """stun: or turn: URLs, for outputs that use WebRTC; asked for each connection, since credentials end"""
    udp_ports: range | None = None
    """those that WebRTC may take here; None for any"""


class Output(Protocol):
    """Carries what a session plays to somewhere else: a stream server, a camera, a file."""

    def start(self, source: MediaSource) -> None:
        """Begin; returns at once, connecting is its own affair.

        Raises:
            OutputError: it can never work here: a package, a device is missing; says what to do.
        """

    def stop(self) -> None:
        """End, after what was played already was delivered; nothing happens if it ended before.

        Raises:
            StageError: its thread did not end in time.
        """

    def status(self) -> OutputStatus:
        """How it is; any thread may ask."""


__all__ = [
    "EncodedPicture",
    "MediaSource",
    "Output",
    "OutputOptions",
    "OutputState",
    "OutputStatus",
    "PlayedFrame",
    "Reader",
    "Tick",
    "Timeline",
    "VideoCodec",
    "VideoFormat",
]
