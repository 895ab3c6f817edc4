"""Sound and picture out of what arrived; done after a run, so that nothing decodes while timing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from bench.packets import AUDIO_RATE, Placed
from bench.pictures import Picture

Array: TypeAlias = npt.NDArray[np.float32]

BLOCK_PX = 8
"""pictures are looked at as means over squares of this size"""
THUMBNAIL_PX = 16


@dataclass(frozen=True, slots=True)
class PacketSound:
    """What one audio packet holds."""

    arrived_s: float
    timestamp: int
    """RTP ticks, never wrapping; sample k of the packet plays at timestamp + k"""
    samples: Array
    """(n,), 48 kHz mono, full scale 1"""

    @property
    def peak(self) -> float:
        """The loudest sample, 0 to 1."""
        return float(np.abs(self.samples).max(initial=0))


class SoundDecoder:
    """Opus, packet by packet, as a player decodes it: the look-ahead is not cut off."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "r")
        assert isinstance(codec, AudioCodecContext)
        codec.format = "s16"
        codec.layout = "stereo"
        codec.sample_rate = AUDIO_RATE
        self._codec = codec

    def decode(self, item: Placed) -> PacketSound:
        """One packet's sound; none when it cannot be decoded."""
        try:
            frames = self._codec.decode(av.Packet(item.packet.payload))
        except av.FFmpegError:
            frames = []
        parts = [_mono(frame) for frame in frames]
        samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        return PacketSound(item.packet.arrived_s, item.timestamp, samples)


def _mono(frame: AudioFrame) -> Array:
    interleaved = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
    return np.asarray(interleaved.mean(axis=1, dtype=np.float32) / 32768, np.float32)


def decode_sound(packets: Iterable[Placed]) -> list[PacketSound]:
    """A whole track's sound, in the order it was sent."""
    decoder = SoundDecoder()
    return [decoder.decode(item) for item in packets]


def timeline(sounds: Sequence[PacketSound]) -> Array:
    """Samples as they play, (n,) at 48 kHz from the first packet's timestamp; a lost packet is silence."""
    if not sounds:
        return np.zeros(0, np.float32)
    start = sounds[0].timestamp
    end = max(sound.timestamp + len(sound.samples) for sound in sounds)
    samples = np.zeros(end - start, np.float32)
    for sound in sounds:
        at = sound.timestamp - start
        if at >= 0:
            samples[at : at + len(sound.samples)] = sound.samples
    return samples


@dataclass(frozen=True, slots=True)
class Luma:
    """Pictures' brightness, coarsely: means over squares."""

    blocks: Array
    """(pictures, rows, columns), 0 to 255"""
    indices: npt.NDArray[np.int64]
    """(pictures,): which of the assembled pictures each one is"""


def decode_luma(pictures: Sequence[Picture]) -> Luma:
    """Decode pictures and keep their brightness over squares of `BLOCK_PX`.

    Those that cannot be decoded are left out.
    """
    blocks: list[Array] = []
    indices: list[int] = []
    for frame in _decode_frames(pictures):
        means = block_means(luma(frame))
        if frame.pts is not None and (not blocks or means.shape == blocks[0].shape):
            blocks.append(means)
            indices.append(frame.pts)
    if not blocks:
        return Luma(np.zeros((0, 0, 0), np.float32), np.zeros(0, np.int64))
    return Luma(np.stack(blocks), np.array(indices, np.int64))


def decode_thumbnails(pictures: Sequence[Picture]) -> tuple[list[int], Array]:
    """Which pictures can be decoded, and (those, 16, 16) their brightness, 0 to 255, whatever their size."""
    indices: list[int] = []
    thumbnails: list[Array] = []
    for frame in _decode_frames(pictures):
        if frame.pts is not None:
            indices.append(frame.pts)
            small = cv2.resize(luma(frame), (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
            thumbnails.append(np.asarray(small, np.float32))
    return indices, np.stack(thumbnails) if thumbnails else np.zeros(
        (0, THUMBNAIL_PX, THUMBNAIL_PX), np.float32
    )


def first_decodable(pictures: Sequence[Picture]) -> Picture | None:
    """The first picture that somebody would see."""
    for frame in _decode_frames(pictures[: _first_key(pictures) + 1]):
        return pictures[frame.pts] if frame.pts is not None else None
    return None


def _first_key(pictures: Sequence[Picture]) -> int:
    return next((index for index, picture in enumerate(pictures) if picture.key), len(pictures))


def _decode_frames(pictures: Sequence[Picture]) -> Iterable[VideoFrame]:
    """Frames whose pts are indices into `pictures`."""
    if not pictures:
        return
    codec = av.CodecContext.create(pictures[0].codec.lower(), "r")
    assert isinstance(codec, VideoCodecContext)
    codec.thread_count = 1
    for index, picture in enumerate(pictures):
        packet = av.Packet(picture.encoded)
        packet.pts = index
        try:
            yield from codec.decode(packet)
        except av.FFmpegError:
            continue
    yield from codec.decode(None)


def luma(frame: VideoFrame) -> npt.NDArray[np.uint8]:
    """(height, width) brightness of a decoded picture."""
    plane = frame.planes[0]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return lines[: frame.height, : frame.width]


def block_means(luma: npt.NDArray[np.uint8]) -> Array:
    """(rows, columns) brightness as means over whole squares of `BLOCK_PX`."""
    rows, columns = luma.shape[0] // BLOCK_PX, luma.shape[1] // BLOCK_PX
    cut = luma[: rows * BLOCK_PX, : columns * BLOCK_PX]
    means = cut.reshape(rows, BLOCK_PX, columns, BLOCK_PX).mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(means, np.float32)
