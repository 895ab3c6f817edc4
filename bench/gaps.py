"""Evenness: the time between pictures, and between audio packets, as they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.packets import AUDIO_RATE, VIDEO_RATE, Stream
from bench.pictures import Picture
from bench.spread import Spread, spread

FREEZE_S = 0.12
"""three frame times: a picture that stands longer is a freeze"""
FRAME_TICKS = VIDEO_RATE // 25


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly one session's media arrived."""

    seconds: float
    fps: float
    picture_gap_ms: Spread | None
    freezes: int
    """gaps between pictures longer than `FREEZE_S`"""
    uneven_timestamps: int
    """steps between pictures' timestamps other than 40 ms"""
    audio_gap_ms: Spread | None
    audio_timestamp_holes: int
    """steps between audio timestamps other than the packet before is long"""
    video_lost: int
    video_repaired: int
    audio_lost: int


def gaps_s(arrivals_s: Sequence[float], start_s: float, end_s: float) -> list[float]:
    """Times between arrivals that end inside a span; an arrival out of order counts when it came."""
    ordered = np.sort(np.array(arrivals_s, np.float64))
    between = np.diff(ordered)
    inside = (ordered[1:] >= start_s) & (ordered[1:] <= end_s)
    return [float(gap) for gap in between[inside]]


def evenness(
    video: Stream, pictures: Sequence[Picture], audio: Stream, start_s: float, end_s: float
) -> Evenness:
    """Look at what arrived from `start_s` to `end_s`, by time.monotonic()."""
    picture_gaps = gaps_s([picture.arrived_s for picture in pictures], start_s, end_s)
    audio_gaps = gaps_s([item.packet.arrived_s for item in audio.packets], start_s, end_s)
    inside = [picture for picture in pictures if start_s <= picture.arrived_s <= end_s]
    steps = np.diff([picture.timestamp for picture in inside])
    audio_times = [item.timestamp for item in audio.packets if start_s <= item.packet.arrived_s <= end_s]
    audio_steps = np.diff(audio_times)
    usual = AUDIO_RATE // 50
    return Evenness(
        seconds=round(end_s - start_s, 2),
        fps=round(len(picture_gaps) / sum(picture_gaps), 2) if picture_gaps else 0.0,
        picture_gap_ms=spread(gap * 1000 for gap in picture_gaps),
        freezes=sum(gap > FREEZE_S for gap in picture_gaps),
        uneven_timestamps=int((steps != FRAME_TICKS).sum()),
        audio_gap_ms=spread(gap * 1000 for gap in audio_gaps),
        audio_timestamp_holes=int((audio_steps != usual).sum()),
        video_lost=video.lost,
        video_repaired=video.repaired,
        audio_lost=audio.lost,
    )
