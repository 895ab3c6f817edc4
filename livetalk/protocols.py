"""What a plugin must be: engines that move lips, voices, and the borders a transport reads from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from livetalk.avatar.bundle import AvatarBundle
from livetalk.types import Int16Array, LipJob, Mouth, Picture, Sentence, Window


class Cancel(Protocol):
    """Asked between two steps that take long: is this still wanted?"""

    def __call__(self) -> bool:
        """Whether to give up now."""


# -- lips ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine is like."""

    name: str
    best_batch: int
    """pictures in one call that it does best with"""
    context_ms: int
    """sound after a picture's own 40 ms that it has to hear"""
    family: str = ""
    """the engine whose avatars it shows; itself, where none is named"""

    @property
    def avatars(self) -> str:
        """By what name avatars are prepared for it."""
        return self.family or self.name


class FeatureStream(Protocol):
    """Turns one session's sound into windows, one for each 40 ms; keeps context between calls.

    Chunked in whatever way, the windows are those of the whole utterance.
    """

    def push(self, pcm: Int16Array) -> Iterator[Window]:
        """Take (n,) samples; yield the windows whose right context is complete."""

    def flush(self) -> Iterator[Window]:
        """End the utterance: yield the windows still owed, silence standing in for the future."""

    def reset(self) -> None:
        """Forget everything; the next sound begins a new utterance."""


class EngineAvatar(Protocol):
    """An avatar as one engine prepared it; read-only, shared by all its sessions."""

    @property
    def bundle(self) -> AvatarBundle:
        """The avatar's pictures and files."""

    @property
    def memory(self) -> int:
        """Bytes that it takes beside the mapped pictures, on the engine's device or here."""


class Engine(Protocol):
    """Holds weights, one per process and device; everything that changes is in a FeatureStream."""

    spec: EngineSpec

    def load(self, models: Path, device: str) -> None:
        """Read the weights below `models`.

        Raises:
            ModelError: they are missing or damaged; the message says how to get them.
        """

    def open_avatar(self, bundle: AvatarBundle) -> EngineAvatar:
        """Prepare an avatar.

        Raises:
            AvatarError: the bundle has nothing for this engine.
        """

    def features(self, lookahead_ms: int = 0) -> FeatureStream:
        """A fresh stream for one session.

        It may wait for `lookahead_ms` of sound after a picture's own, where that is more than the context of
        the spec and lets the engine hear better.
        """

    def listen(self, pcm: Int16Array) -> Iterator[Window]:
        """A window for each started 40 ms of a whole recording, (n,) samples, heard as well as can be."""

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        """One batch, sessions mixed. Called by one thread only."""

    def paste(self, mouth: Mouth, pose: int, avatar: EngineAvatar) -> Picture:
        """The avatar's picture at `pose` with this mouth. Called by many threads at once."""

    def ease(self, mouth: Mouth, share: float) -> Mouth:
        """The mouth on its way to rest: itself at share 1, at rest at 0."""


# -- voices -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pcm:
    """Some sound of a voice, as it arrives."""

    samples: Int16Array
    """(n,), mono"""
    rate: int
    """Hz"""


@dataclass(frozen=True, slots=True)
class WordTime:
    """A word of the sentence begins at this moment of its sound."""

    text: str
    offset: int
    """index of its first character in the sentence"""
    at_s: float
    """seconds since the sentence's first sample"""


class TTS(Protocol):
    """A voice. Yields sound as it arrives; a word comes no later than its own sound."""

    def load(self) -> None:
        """Get ready, so that the first sentence is as fast as the hundredth.

        Raises:
            ProviderError: it cannot work here; the message says why.
        """

    def voices(self) -> Sequence[str]:
        """Names that `Sentence.voice` may carry."""

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """Speak; give up soon after `cancel` says so.

        Raises:
            ProviderError: no voice can be had.
        """

    def close(self) -> None:
        """Let go of processes and connections."""


class VoiceSink(Protocol):
    """Takes a live voice; the session says it while it speaks."""

    def push(self, pcm: Int16Array) -> None:
        """Take (n,) samples, mono, 16 kHz, as they come; never blocks, and does nothing after the end."""

    def close(self) -> None:
        """No more comes."""


# -- what outputs see ---------------------------------------------------------------------------

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
    "TTS",
    "Cancel",
    "EncodedPicture",
    "Engine",
    "EngineAvatar",
    "EngineSpec",
    "FeatureStream",
    "LipJob",
    "MediaSource",
    "Output",
    "OutputOptions",
    "OutputState",
    "OutputStatus",
    "Pcm",
    "PlayedFrame",
    "Reader",
    "Tick",
    "Timeline",
    "VideoCodec",
    "VideoFormat",
    "VoiceSink",
    "WordTime",
]
