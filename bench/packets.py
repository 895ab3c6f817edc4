"""What arrived and when, and the same put in order: wraps undone, repeats dropped, losses counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

AUDIO_RATE = 48_000
"""RTP ticks a second of Opus"""
VIDEO_RATE = 90_000
"""RTP ticks a second of any picture"""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet at the moment it arrived."""

    arrived_s: float
    """time.monotonic()"""
    ssrc: int
    sequence: int
    """16 bits; of a packet that was sent again, those it had at first, as its ssrc and payload"""
    timestamp: int
    """32 bits, in RTP ticks"""
    marker: bool
    payload: bytes
    codec: str
    """"opus", "VP8" or "H264"""


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What a sender says about its clock: this timestamp belongs to that moment."""

    arrived_s: float
    ssrc: int
    ntp_s: float
    """seconds since 1970, by the sender's wall clock"""
    timestamp: int
    """32 bits, in RTP ticks"""


@dataclass(slots=True)
class StreamLog:
    """Everything that arrived for one track; grows while the peer is connected."""

    packets: list[Packet] = field(default_factory=list)
    reports: list[SenderReport] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Placed:
    """A packet with its place in a stream that never wraps."""

    packet: Packet
    sequence: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class PlacedReport:
    """A sender report with its place in the same endless timestamps."""

    ntp_s: float
    timestamp: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A track's packets in the order they were sent."""

    packets: tuple[Placed, ...]
    """each sequence number once, at its first arrival"""
    reports: tuple[PlacedReport, ...]
    lost: int
    """sequence numbers between first and last that never came"""
    repaired: int
    """those that came after a later one: sent again, or overtaken on the way"""


def unwrap(value: int, near: int, bits: int) -> int:
    """The number closest to `near` whose lowest `bits` bits are `value`."""
    span = 1 << bits
    ahead = (value - near) % span
    return near + ahead - (span if ahead >= span // 2 else 0)


def place(log: StreamLog) -> Stream:
    """Put a track in order. Packets of any but the most frequent source are left out."""
    source = _main_source(log.packets)
    placed: dict[int, Placed] = {}
    sequence = timestamp = -1
    repaired = 0
    for packet in log.packets:
        if packet.ssrc != source:
            continue
        if sequence < 0:
            # one turn up, so that what is reordered across the start stays positive
            sequence, timestamp = packet.sequence + (1 << 16), packet.timestamp + (1 << 32)
        own_sequence = unwrap(packet.sequence, sequence, 16)
        own_timestamp = unwrap(packet.timestamp, timestamp, 32)
        repaired += own_sequence < sequence and own_sequence not in placed
        placed.setdefault(own_sequence, Placed(packet, own_sequence, own_timestamp))
        sequence, timestamp = max(sequence, own_sequence), max(timestamp, own_timestamp)
    ordered = tuple(placed[key] for key in sorted(placed))
    missing = ordered[-1].sequence - ordered[0].sequence + 1 - len(ordered) if ordered else 0
    reports = tuple(_place_reports((r for r in log.reports if r.ssrc == source), ordered))
    return Stream(ordered, reports, missing, repaired)


def _main_source(packets: Sequence[Packet]) -> int | None:
    counted = Counter(packet.ssrc for packet in packets).most_common(1)
    return counted[0][0] if counted else None


def _place_reports(reports: Iterable[SenderReport], packets: Sequence[Placed]) -> Iterable[PlacedReport]:
    near = packets[0].timestamp if packets else 0
    for report in reports:
        near = unwrap(report.timestamp, near, 32)
        yield PlacedReport(report.ntp_s, near)
