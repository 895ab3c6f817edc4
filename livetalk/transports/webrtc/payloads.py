"""A picture's RTP payloads, cut once for all who watch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder

from livetalk.protocols import EncodedPicture, VideoCodec

KEPT = 64
"""pictures of all sessions; each is asked for within milliseconds"""
PICTURE_ID = 1 << 15


@lru_cache(KEPT)
def payloads(picture: EncodedPicture, codec: VideoCodec, tick: int) -> Sequence[bytes]:
    """What RTP packets carry of an encoded picture, in order (RFC 6184, RFC 7741)."""
    if codec == "vp8":
        return Vp8Encoder._packetize(picture.payload, tick % PICTURE_ID)
    return H264Encoder._packetize(H264Encoder._split_bitstream(picture.payload))


__all__ = ["payloads"]
