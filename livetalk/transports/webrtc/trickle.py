"""Trickled candidates: what a client sends of its network after its offer (RFC 8840)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from livetalk.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Fragment:
    """An SDP fragment: whose candidates, which, and whether they are all."""

    ufrag: str
    candidates: Sequence[RTCIceCandidate]
    ended: bool


def read_fragment(text: str) -> Fragment:
    """Read the body of a PATCH; candidates whose host is an mDNS name are left out, as in offers.

    Raises:
        InvalidRequest: it is no such fragment.
    """
    ufrag = ice_ufrag(text)
    if ufrag is None:
        raise InvalidRequest("the fragment lacks a=ice-ufrag; send what RFC 8840 describes")
    candidates: list[RTCIceCandidate] = []
    mid: str | None = None
    for line in text.splitlines():
        if line.startswith("a=mid:"):
            mid = line.removeprefix("a=mid:").strip()
        elif line.startswith("a=candidate:") and ".local " not in line:
            candidates.append(_candidate(line, mid))
    return Fragment(ufrag, candidates, "a=end-of-candidates" in text)


def ice_ufrag(sdp: str) -> str | None:
    """The name of the ICE session that an SDP, or a fragment, belongs to: its first."""
    found = re.search(r"^a=ice-ufrag:(\S+)\s*$", sdp, re.MULTILINE)
    return found[1] if found else None


def _candidate(line: str, mid: str | None) -> RTCIceCandidate:
    try:
        candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
    except (AssertionError, ValueError) as error:
        raise InvalidRequest(f"this is no candidate: {line[:200]!r}") from error
    candidate.sdpMid = mid or "0"
    return candidate


__all__ = ["Fragment", "ice_ufrag", "read_fragment"]
