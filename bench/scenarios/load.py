"""Many sessions at once: do they all get their pictures and their sound, and what do they cost?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench import clips
from bench.api import Api
from bench.decode import decode_sound, timeline
from bench.errors import BenchError
from bench.gaps import Evenness, evenness
from bench.lag import Lag, watch_lag
from bench.packets import place
from bench.pictures import assemble
from bench.process import Usage, cores, usage
from bench.receiver import Peer, open_peer
from bench.sound import dropouts, sounding_s
from bench.spread import Spread

_BEFORE_S = 2.0
"""of speech that is not counted, while it begins"""
_AFTER_S = 1.0
_SILENCE_S = 3.0
_MISSING_S = 2.0
"""of the sound, late or lost, that a loaded server may be forgiven: it shows in the figures"""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One session that spoke."""

    evenness: Evenness
    dropouts: int
    """silences of 10 ms or more within the steady sound"""
    dropout_ms: float
    """their sum"""
    sound_s: float
    """from first to last sound; the clip's length when nothing was missing or late"""


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured with so many sessions speaking at once."""

    sessions: int
    clip_s: float
    slowest_fps: float
    worst_p99_gap_ms: float
    freezes: int
    dropouts: int
    server_cores: float | None
    server_cores_per_session: float | None
    receiver_cores: float
    receiver_lag_ms: Spread | None
    speakers: list[Speaker]


@dataclass(frozen=True, slots=True)
class Idle:
    """What one connected session costs that says nothing."""

    server_cores: float
    seconds: float


async def load(api: Api, sessions: int, seconds: float, pid: int | None, codec: str = "") -> Load:
    """Connect `sessions` peers, give each a steady sound of `seconds`, look at the middle of it.

    Raises:
        BenchError: not all were heard to the end; what they cost would say nothing.
    """
    clip = clips.steady(seconds)
    async with AsyncExitStack() as stack:
        peers = [await stack.enter_async_context(open_peer(api, codec)) for _ in range(sessions)]
        await asyncio.sleep(1.0)
        async with watch_lag() as lag:
            await asyncio.gather(*(api.humanaudio(peer.session, clip) for peer in peers))
            await asyncio.sleep(_BEFORE_S)
            start_s, before = time.monotonic(), _look(pid)
            await asyncio.sleep(seconds - _BEFORE_S - _AFTER_S)
            end_s, after = time.monotonic(), _look(pid)
        await asyncio.sleep(_AFTER_S + _SILENCE_S)
    busy = cores(before, after) if before and after else None
    speakers = [_speaker(peer, start_s, end_s) for peer in peers]
    demand_sound(speakers, seconds)
    return _summarise(speakers, seconds, busy, lag)


def demand_sound(speakers: Sequence[Speaker], clip_s: float) -> None:
    """Whoever spoke much less than the clip was not under load.

    Raises:
        BenchError: there is one.
    """
    cut_short = [one.sound_s for one in speakers if one.sound_s < clip_s - _MISSING_S]
    if cut_short:
        raise BenchError(
            f"{len(cut_short)} of {len(speakers)} sessions were heard for {min(cut_short):.1f} s "
            f"or a little more of a clip of {clip_s:g} s"
        )


def _summarise(speakers: list[Speaker], clip_s: float, busy: float | None, lag: Lag) -> Load:
    return Load(
        sessions=len(speakers),
        clip_s=clip_s,
        slowest_fps=min(one.evenness.fps for one in speakers),
        worst_p99_gap_ms=max(
            one.evenness.picture_gap_ms.p99 if one.evenness.picture_gap_ms else 0.0 for one in speakers
        ),
        freezes=sum(one.evenness.freezes for one in speakers),
        dropouts=sum(one.dropouts for one in speakers),
        server_cores=None if busy is None else round(busy, 3),
        server_cores_per_session=None if busy is None else round(busy / len(speakers), 3),
        receiver_cores=lag.cores,
        receiver_lag_ms=lag.summary(),
        speakers=speakers,
    )


def _look(pid: int | None) -> Usage | None:
    return None if pid is None else usage(pid)


def _speaker(peer: Peer, start_s: float, end_s: float) -> Speaker:
    video, audio = place(peer.video.log), place(peer.audio.log)
    samples = timeline(decode_sound(audio.packets))
    holes = dropouts(samples)
    return Speaker(
        evenness(video, assemble(video.packets), audio, start_s, end_s),
        len(holes),
        round(sum(hole.length_s for hole in holes) * 1000, 1),
        round(sounding_s(samples), 3),
    )


async def idle(api: Api, seconds: float, pid: int, codec: str = "") -> Idle:
    """Connect one peer and let it look on."""
    async with open_peer(api, codec):
        await asyncio.sleep(2.0)
        before = usage(pid)
        await asyncio.sleep(seconds)
        return Idle(round(cores(before, usage(pid)), 3), seconds)
