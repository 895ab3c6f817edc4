"""What viewers leave behind: memory, threads and open files after many have come and gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench import clips
from bench.api import Api
from bench.process import Usage, usage
from bench.receiver import open_peer

_CLIP_S = 2.0
_STAY_S = 0.4
_SETTLE_S = 5.0
_FIRST = 10


@dataclass(frozen=True, slots=True)
class Leak:
    """What was measured."""

    viewers: int
    before: Usage
    after_10: Usage
    after_all: Usage
    grown_mb_per_viewer: float
    """from the tenth to the last"""


async def leak(api: Api, count: int, pid: int) -> Leak:
    """Let `count` viewers (more than ten) come one by one; each hangs up in the middle of speech."""
    clip = clips.steady(_CLIP_S)
    before = usage(pid)
    after_first = await _visits(api, clip, _FIRST, pid)
    after_all = await _visits(api, clip, count - _FIRST, pid)
    grown = (after_all.rss_mb - after_first.rss_mb) / (count - _FIRST)
    return Leak(count, before, after_first, after_all, round(grown, 3))


async def _visits(api: Api, clip: bytes, count: int, pid: int) -> Usage:
    for _ in range(count):
        async with open_peer(api) as peer:
            await api.humanaudio(peer.session, clip)
            await asyncio.sleep(_STAY_S)
    await asyncio.sleep(_SETTLE_S)
    return usage(pid)
