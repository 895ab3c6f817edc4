"""Looks into encoded video."""

from __future__ import annotations

IDR = 5
"""NAL unit type of a key frame's slice (H.264, table 7-1)"""


def is_key(payload: bytes) -> bool:
    """Whether an Annex B packet holds a key frame."""
    return any(
        payload[place + 3] & 0x1F == IDR
        for place in range(len(payload) - 3)
        if payload[place : place + 3] == b"\0\0\1"
    )
