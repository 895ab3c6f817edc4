"""RTMP's messages, and the chunks that they are cut into (Adobe, RTMP specification 1.0, section 5)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from livetalk.errors import OutputError

CHUNK = 4_096
"""bytes of a message in one chunk that we send; what most senders use"""
FIRST_CHUNK = 128
"""until a side says otherwise"""
LARGEST = 1 << 20
"""bytes of a message that is accepted, and of all those together that are not whole yet"""
NO_RTMP = "it answers with what is no RTMP"
_EXTENDED = 0xFFFFFF
"""a time stamp as large as this follows in four bytes"""
_CONTROL = 2
"""chunk stream of protocol messages"""


class Kind(IntEnum):
    """What a message is."""

    CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW = 5
    BANDWIDTH = 6
    SOUND = 8
    PICTURE = 9
    DATA = 18
    COMMAND = 20


_CHUNK_STREAM = {Kind.SOUND: 4, Kind.PICTURE: 6, Kind.DATA: 4, Kind.COMMAND: 3}


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    kind: int
    payload: bytes
    timestamp: int = 0
    """ms"""
    stream: int = 0
    """what it belongs to: 0 for the connection"""


def chunked(message: Message) -> bytes:
    """A message as it is sent, in chunks of CHUNK bytes at the most."""
    chunk_stream = _CHUNK_STREAM.get(Kind(message.kind), _CONTROL)
    time = message.timestamp & 0xFFFFFFFF
    extended = struct.pack(">I", time) if time >= _EXTENDED else b""
    parts = [
        bytes([chunk_stream]),
        min(time, _EXTENDED).to_bytes(3, "big"),
        len(message.payload).to_bytes(3, "big"),
        bytes([message.kind]),
        struct.pack("<I", message.stream),
        extended,
        message.payload[:CHUNK],
    ]
    for begin in range(CHUNK, len(message.payload), CHUNK):
        parts += [bytes([0xC0 | chunk_stream]), extended, message.payload[begin : begin + CHUNK]]
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Coming:
    """What the last chunk of a chunk stream said; those after it leave out what is the same."""

    time: int = 0
    length: int = 0
    kind: int = 0
    stream: int = 0
    payload: bytearray = field(default_factory=bytearray)
    """of a message that is not whole yet"""


class _More(Exception):
    """The chunk is not whole yet."""


class ChunkReader:
    """Puts messages together from what comes, however it is cut; their time stamps are of no use here."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._at = 0
        self._size = FIRST_CHUNK
        self._coming: dict[int, _Coming] = {}
        self._held = 0
        """bytes of messages that are not whole yet"""

    def push(self, received: bytes) -> Iterator[Message]:
        """Take bytes; yield the messages that they complete.

        Raises:
            OutputError: this is no RTMP.
        """
        self._waiting += received
        while True:
            try:
                message = self._chunk()
            except _More:
                return
            finally:
                self._at = 0
            if message is None:
                continue
            if message.kind == Kind.CHUNK_SIZE:
                self._size = max(1, int.from_bytes(message.payload[:4], "big"))
            elif message.kind == Kind.ABORT:
                dropped = self._coming.pop(int.from_bytes(message.payload[:4], "big"), _Coming())
                self._held -= len(dropped.payload)
            else:
                yield message

    def _chunk(self) -> Message | None:
        """Take a chunk; its message, where that is whole with it."""
        first = self._number(1)
        number = first & 0x3F
        if number < 2:  # larger numbers follow in one or two bytes
            number = 64 + self._number(1 + number, "little")
        form = first >> 6
        last = self._coming.get(number, _Coming())
        time = self._number(3) if form < 3 else last.time
        length = self._number(3) if form < 2 else last.length
        kind = self._number(1) if form < 2 else last.kind
        stream = self._number(4, "little") if form < 1 else last.stream
        if time == _EXTENDED:
            self._number(4)
        payload = last.payload
        if not len(payload) <= length <= LARGEST - self._held + len(payload):
            raise OutputError(NO_RTMP)
        piece = self._take(min(self._size, length - len(payload)))
        del self._waiting[: self._at]
        payload += piece
        self._held += len(piece)
        if len(payload) < length:
            self._coming[number] = _Coming(time, length, kind, stream, payload)
            return None
        self._held -= length
        self._coming[number] = _Coming(time, length, kind, stream)
        return Message(kind, bytes(payload), stream=stream)

    def _number(self, length: int, order: Literal["big", "little"] = "big") -> int:
        return int.from_bytes(self._take(length), order)

    def _take(self, length: int) -> bytes:
        if len(self._waiting) < self._at + length:
            raise _More
        self._at += length
        return bytes(self._waiting[self._at - length : self._at])


__all__ = ["CHUNK", "NO_RTMP", "ChunkReader", "Kind", "Message", "chunked"]
