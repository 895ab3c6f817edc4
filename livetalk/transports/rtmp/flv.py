"""FlvTags: what FFmpeg's FLV muxer writes, as RTMP's messages; the two share their payloads."""

from __future__ import annotations

from livetalk.transports.rtmp.amf import encode
from livetalk.transports.rtmp.chunks import Kind, Message

FILE_HEAD = 13
TAG_HEAD = 11
TAIL = 4
"""bytes behind each tag: its length"""
_STREAM_DATA = encode("@setDataFrame")
"""before what describes a stream, in RTMP alone"""


class FlvTags:
    """A file for the muxer; holds the tags that nobody took yet."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._begun = False

    def write(self, data: bytes) -> int:
        """Take what the muxer made."""
        self._waiting += data
        return len(data)

    def take(self) -> list[Message]:
        """The tags that are whole."""
        if not self._begun:
            if len(self._waiting) < FILE_HEAD:
                return []
            del self._waiting[:FILE_HEAD]
            self._begun = True
        tags = []
        while len(self._waiting) >= TAG_HEAD:
            length = TAG_HEAD + int.from_bytes(self._waiting[1:4], "big")
            if len(self._waiting) < length + TAIL:
                break
            tags.append(_message(bytes(self._waiting[:length])))
            del self._waiting[: length + TAIL]
        return tags


def _message(tag: bytes) -> Message:
    kind = tag[0] & 0x1F
    time = int.from_bytes(tag[4:7], "big") | tag[7] << 24
    head = _STREAM_DATA if kind == Kind.DATA else b""
    return Message(kind, head + tag[TAG_HEAD:], time)


__all__ = ["FlvTags"]
