"""Many viewers of one session that speaks: do all get their pictures, and what does each cost?"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench import clips
from bench.api import Api
from bench.gaps import FREEZE_S, gaps_s
from bench.lag import watch_lag
from bench.onlookers import Onlooker
from bench.process import cores, usage
from bench.spread import Spread, spread

_BEFORE_S = 2.0
_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Viewers:
    """What was measured with so many viewers of one session."""

    viewers: int
    slowest_fps: float
    worst_p99_gap_ms: float
    freezes: int
    joined_ms: Spread | None
    """from a viewer's offer to its first whole picture, one joining after the other"""
    slowest_sounds_a_second: float
    server_cores: float
    server_cores_per_viewer: float
    receiver_cores: float


async def viewers(api: Api, count: int, seconds: float, pid: int) -> Viewers:
    """Have `count` viewers watch one session, which says a steady sound of `seconds`.

    Raises:
        BenchError: not all of them could.
    """
    session = await api.open_session()
    async with AsyncExitStack() as stack:
        onlookers = [Onlooker() for _ in range(count)]
        for onlooker in onlookers:
            stack.push_async_callback(onlooker.close)
            await onlooker.watch(api, session)
        await api.humanaudio(session, clips.steady(seconds + _BEFORE_S + _AFTER_S))
        await asyncio.sleep(_BEFORE_S)
        async with watch_lag() as lag:
            start_s, before = time.monotonic(), usage(pid)
            await asyncio.sleep(seconds)
            end_s, after = time.monotonic(), usage(pid)
    gaps = [gaps_s(each.arrivals.pictures, start_s, end_s) for each in onlookers]
    sounds = [sum(start_s <= at <= end_s for at in each.arrivals.sounds) for each in onlookers]
    busy = cores(before, after)
    return Viewers(
        viewers=count,
        slowest_fps=round(min(len(each) / sum(each) for each in gaps), 2),
        worst_p99_gap_ms=max(found.p99 for each in gaps if (found := spread(gap * 1000 for gap in each))),
        freezes=sum(gap > FREEZE_S for each in gaps for gap in each),
        joined_ms=spread(each.joined_s * 1000 for each in onlookers),
        slowest_sounds_a_second=round(min(sounds) / (end_s - start_s), 2),
        server_cores=round(busy, 3),
        server_cores_per_viewer=round(busy / count, 4),
        receiver_cores=lag.cores,
    )


__all__ = ["Viewers", "viewers"]
