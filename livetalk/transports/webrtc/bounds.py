"""Bounds: what an SDP of another side may hold. aiortc takes any number, and all others wait meanwhile."""

from __future__ import annotations

from livetalk.transports.webrtc.sections import MOST_SECTIONS

MOST_CANDIDATES = 200
"""in one SDP, or trickled to one connection; two and a half thousand take aiortc some seconds"""


def bounded(sdp: str) -> str:
    """The same SDP, looked at.

    Raises:
        ValueError: it holds too much, or lacks what no connection can be made without.
    """
    lines = sdp.splitlines()
    if sum(line.startswith("m=") for line in lines) > MOST_SECTIONS:
        raise ValueError(f"it has more than {MOST_SECTIONS} sections")
    if sum(line.startswith("a=candidate:") for line in lines) > MOST_CANDIDATES:
        raise ValueError(f"it has more than {MOST_CANDIDATES} candidates")
    if lines and not any(line.startswith("a=fingerprint:") for line in lines):
        raise ValueError("it has no fingerprint of a certificate")
    return sdp


__all__ = ["MOST_CANDIDATES", "bounded"]
