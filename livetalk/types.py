"""The values that flow through the pipeline, from a sentence to a picture with its sound."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Hz, of all sound inside the pipeline"""
CHUNK_SAMPLES = 320
"""samples in one 20 ms AudioChunk"""
FPS = 25
"""pictures a second"""
CHUNKS_PER_FRAME = 2
"""a picture travels with its own 40 ms of sound"""
FRAME_SAMPLES = CHUNK_SAMPLES * CHUNKS_PER_FRAME
FRAME_S = 1 / FPS
SMALLEST_SIDE, LARGEST_SIDE = 16, 4096
"""pixels that a side of an asked size may have"""
COLOUR = r"#[0-9a-fA-F]{6}"
"""red, green and blue as pages write them"""
MESH_POINTS = 468
"""of a face's mesh, as MediaPipe numbers them"""
VIDEO_CLOCK = 90_000
"""time stamps a second of pictures: inside encoders, in containers, in RTP (RFC 6184, RFC 7741)"""

Int16Array: TypeAlias = npt.NDArray[np.int16]
Float32Array: TypeAlias = npt.NDArray[np.float32]
Picture: TypeAlias = npt.NDArray[np.uint8]
"""I420: (height * 3 // 2, width), planes Y, U, V one after the other"""
Mouth: TypeAlias = Any
"""what an engine infers for one picture, mouth parameters or pixels: nobody else looks into it"""
Window: TypeAlias = Any
"""what an engine's network reads for one picture: nobody else looks into it"""
Figure: TypeAlias = Any
"""an avatar as an engine prepared it (`protocols.EngineAvatar`)"""
SessionState: TypeAlias = Literal["idle", "listening", "thinking", "speaking"]
"""what a session does"""
EventFields: TypeAlias = Mapping[str, Any]
"""a caller's own JSON fields, given back in the events of what they asked for"""


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """Where a value belongs: an older epoch than the session's means drop."""

    epoch: int
    """advanced by every interrupt"""
    utterance: int
    """counts the texts and clips of a session; orders them, and resets per-utterance state"""


@dataclass(frozen=True, slots=True)
class SpeechStart:
    """The first sound of a sentence, a clip or a live voice."""

    text: str
    """"" where it is not known"""
    first: bool = True
    """the utterance begins with it"""
    fields: EventFields = field(default_factory=dict)
    live: bool = False
    """it is being spoken while it is heard: its sound comes no faster than it plays"""
    action: str = ""
    """of the avatar, that begins with it"""


@dataclass(frozen=True, slots=True)
class SpeechEnd:
    """The last sound of a sentence or clip."""

    text: str
    last: bool = True
    """the utterance ends with it"""
    fields: EventFields = field(default_factory=dict)
    broken: bool = False
    """its sound broke off: the voice failed"""


@dataclass(frozen=True, slots=True)
class Word:
    """A word begins to sound."""

    text: str
    offset: int
    """index of its first character in the sentence's text"""
    estimated: bool = False
    """the voice did not tell when: it is a guess"""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the sound of an utterance has come with these 20 ms."""

    end_sample: int


Mark: TypeAlias = SpeechStart | SpeechEnd | Word | Position


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text to be spoken in one go; one or more of them are an utterance."""

    text: str
    """"" for nothing but the end of its utterance"""
    tag: Tag
    voice: str = ""
    """a voice of the TTS plugin, "" for its own choice"""
    first: bool = True
    """the utterance begins with it"""
    last: bool = True
    """the utterance ends with it"""
    fields: EventFields = field(default_factory=dict)
    language: str = ""
    """primary tag, guessed from all that is said with it; "" where it was not"""


@dataclass(frozen=True, slots=True)
class Question:
    """What the user said, to be answered."""

    text: str
    tag: Tag
    """of the answer"""
    voice: str = ""
    """that the answer is spoken with, "" for the plugin's own choice"""
    fields: EventFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound to be spoken as it is: an encoded file, already checked to be sound."""

    content: bytes
    tag: Tag
    fields: EventFields = field(default_factory=dict)
    action: str = ""
    """of the avatar, whose own sound it is"""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """20 ms of speech."""

    pcm: Int16Array
    """(320,), mono, 16 kHz, read-only"""
    tag: Tag
    marks: tuple[Mark, ...] = ()
    """what begins or ends inside these 20 ms, in order"""
    last: bool = False
    """the sentence or clip ends with this chunk"""


@dataclass(frozen=True, slots=True)
class FeatureChunk:
    """What the lips of one picture are made from."""

    window: Window
    chunks: tuple[AudioChunk, AudioChunk]
    tag: Tag
    first: bool
    """the sentence or clip begins with this picture"""
    last: bool
    """and ends with it"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What of an avatar's pictures is seen at one moment."""

    frame: int
    """index among its pictures"""
    before: int | None = None
    """the picture that this one dissolves from"""
    share: float = 1.0
    """how much of `frame` is seen, where it dissolves"""
    lips: bool = True
    """whether speech moves the lips: there is a face, and it does not speak by itself"""


@dataclass(frozen=True, slots=True)
class LipJob:
    """One picture to be inferred: what is heard, and where its mouth will be pasted."""

    window: Window
    pose: int
    """position in the body's endless walk"""
    avatar: Figure
    act: Shown | None = None
    """what an action shows there; None: what the walk does"""

    @property
    def shown(self) -> Shown:
        """What is seen."""
        return self.act or Shown(self.avatar.bundle.fold(self.pose))


@dataclass(frozen=True, slots=True)
class LipFrame:
    """A mouth that knows what it was inferred from, and its sound."""

    mouth: Mouth
    job: LipJob
    chunks: tuple[AudioChunk, AudioChunk]
    tag: Tag
    last: bool


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """One picture and its 40 ms of sound, ready to play."""

    picture: Picture
    chunks: tuple[AudioChunk, AudioChunk]
    mouth: Mouth
    """kept so that Playout can let the mouth close softly when speech stops"""
    job: LipJob
    """kept so that it can be drawn again for another avatar"""
    tag: Tag
    last: bool


def planes(picture: Picture) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """An I420 picture's luma (height, width), and its chroma (2, height // 2, width // 2): views of it."""
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    return picture[:height], picture[height:].reshape(2, height // 2, width // 2)


def parse_size(text: str) -> tuple[int, int]:
    """(width, height) of "1280x720".

    Raises:
        ValueError: it is no such size, or one that I420 or an encoder does not take.
    """
    match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if any(side % 2 or not SMALLEST_SIDE <= side <= LARGEST_SIDE for side in (width, height)):
        raise ValueError(
            f"a size is WIDTHxHEIGHT, as 1280x720, even numbers from {SMALLEST_SIDE} to {LARGEST_SIDE}"
        )
    return width, height


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Mark an array read-only, for sharing, and return it."""
    array.flags.writeable = False
    return array


SILENCE: Int16Array = frozen(np.zeros(CHUNK_SAMPLES, np.int16))
"""(320,), what a chunk without sound holds"""
SILENT_TICK: Int16Array = frozen(np.zeros(FRAME_SAMPLES, np.int16))
"""(640,), the same for a tick"""
