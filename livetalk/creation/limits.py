"""What a source may be, and what making an avatar of it may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond any of these a source is refused, or the work is ended."""

    clip_pixels: int = 4096 * 2304
    """of one picture of a clip: 4K, and a little more"""
    photo_pixels: int = 64_000_000
    photos: int = 3000
    """in a folder"""
    work_s: float = 1800.0
    """all steps but the last together"""
    prepare_s: float = 6 * 3600.0
    """the last: MuseTalk's networks take hours on a CPU, for whoever asks for that"""
    preview_s: float = 30.0
    """all of a preview, which takes a second"""
    media_memory: int = 3 << 30
    """bytes of address space while foreign media are read"""
    disk: int = 8 << 30
    """bytes of one file that is written"""


__all__ = ["Limits"]
