"""MP3, and AAC in ADTS, as they arrive: FFmpeg cuts them into frames and decodes each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import av
import numpy as np

from livetalk.audio.sound import Sound, checked, mono, unreadable

ID3_BYTES = 10
"""the head of an ID3v2 tag, which says how long the tag is (id3.org, ID3v2.4.0, 3.1)"""
XING_WITHIN = 64
"""bytes of a first frame that hold the mark of one without sound (the LAME and Xing tag)"""


class CodedDecoder:
    """Decodes whole frames; the rate and the channels are those of each frame."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._context = av.CodecContext.create(codec, "r")
        self._context.thread_count = 1
        self._tag: bytes | None = b"" if codec == "mp3" else None
        """the beginning, until it is known whether it is a tag; None once it is"""
        self._skip = 0
        """bytes of a tag still to come"""
        self._first = True
        self._fed = False
        self._some = False

    def feed(self, content: bytes) -> list[Sound]:
        """Take bytes; return what became sound."""
        self._fed = self._fed or bool(content)
        content = self._untagged(content)
        return self._decoded(self._context.parse(content)) if content else []

    def flush(self) -> list[Sound]:
        """The frames that the parser held, since it did not know that they were whole."""
        heard: list[Sound] = []
        if self._tag:
            heard += self._decoded(self._context.parse(self._tag))
        while packets := self._context.parse(None):
            heard += self._decoded(packets)
        heard += self._decoded([None])
        if self._fed and not self._some:
            raise unreadable(f"it has no {self._codec} sound in it")
        return heard

    def _untagged(self, content: bytes) -> bytes:
        """The content without an ID3 tag at its beginning, in which the parser would look for frames."""
        if self._tag is not None:
            content = self._tag + content
            if len(content) < ID3_BYTES:
                self._tag = content
                return b""
            self._tag = None
            if content[:3] == b"ID3":
                self._skip = ID3_BYTES + _syncsafe(content[6:10])
        skipped, self._skip = content[: self._skip], max(0, self._skip - len(content))
        return content[len(skipped) :]

    def _decoded(self, packets: Iterable[av.Packet[Any] | None]) -> list[Sound]:
        heard = []
        for packet in packets:
            if packet is not None and self._is_note(packet):
                continue
            try:
                frames = self._context.decode(packet)  # type: ignore[attr-defined]
            except av.FFmpegError as error:
                if self._some:
                    continue  # one damaged frame; what follows can be heard
                raise unreadable(f"what came is no {self._codec}") from error
            heard += [_sound(frame) for frame in frames]
        self._some = self._some or bool(heard)
        return heard

    def _is_note(self, packet: av.Packet[Any]) -> bool:
        """Whether it is a first MP3 frame that tells about the others, and would sound as a pause."""
        first, self._first = self._first, False
        head = bytes(packet)[:XING_WITHIN]
        return first and self._codec == "mp3" and (b"Xing" in head or b"Info" in head)


def _syncsafe(content: bytes) -> int:
    """The number in four bytes of seven bits."""
    return (content[0] << 21) | (content[1] << 14) | (content[2] << 7) | content[3]


def _sound(frame: av.AudioFrame) -> Sound:
    channels = frame.layout.nb_channels
    checked(frame.sample_rate, channels)
    samples = frame.to_ndarray()
    apart = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    return Sound(mono(np.ascontiguousarray(apart)), frame.sample_rate)


__all__ = ["CodedDecoder"]
