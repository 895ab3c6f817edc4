"""Pictures out of packets: which are whole, and when the last piece of each arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from bench.packets import VIDEO_RATE, Placed

_H264_KEY = 5
"""NAL unit type of a slice of a picture that needs no other (ITU-T H.264, table 7-1)"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One encoded picture, all of whose packets came."""

    timestamp: int
    """RTP ticks, never wrapping"""
    arrived_s: float
    """when its last packet came, time.monotonic()"""
    encoded: bytes
    codec: str
    key: bool
    """can be decoded without the pictures before it"""


def assemble(packets: Sequence[Placed]) -> list[Picture]:
    """The whole pictures of a stream that was put in order, in the order they were sent.

    A picture is whole when its packets have no hole between them, none before them, and its end is
    known: a marker, or the packet after it.
    """
    groups = [list(group) for _, group in groupby(packets, key=lambda item: item.timestamp)]
    pictures: list[Picture] = []
    for index, group in enumerate(groups):
        before = groups[index - 1][-1].sequence if index else None
        after = groups[index + 1][0].sequence if index + 1 < len(groups) else None
        if _is_whole(group, before, after):
            pictures.append(_picture(group))
    return pictures


def _is_whole(group: Sequence[Placed], before: int | None, after: int | None) -> bool:
    first, last = group[0].sequence, group[-1].sequence
    if last - first + 1 != len(group):
        return False
    begins = before is None or before == first - 1
    ends = group[-1].packet.marker or after == last + 1
    return begins and ends


def _picture(group: Sequence[Placed]) -> Picture:
    codec = group[0].packet.codec
    parameters = RTCRtpCodecParameters(mimeType=f"video/{codec}", clockRate=VIDEO_RATE)
    encoded = b"".join(depayload(parameters, item.packet.payload) for item in group if item.packet.payload)
    arrived_s = max(item.packet.arrived_s for item in group)
    return Picture(group[0].timestamp, arrived_s, encoded, codec, is_key(codec, encoded))


def is_key(codec: str, encoded: bytes) -> bool:
    """Whether a picture stands alone: RFC 6386 section 9.1 for VP8, a NAL unit of type 5 for H264."""
    if codec == "VP8":
        return bool(encoded) and not encoded[0] & 1
    units = encoded.split(b"\0\0\1")[1:]
    return any(unit and unit[0] & 0x1F == _H264_KEY for unit in units)
