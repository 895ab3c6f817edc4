"""A minute of a conversation: rest, speech, interrupts; do picture and sound keep coming evenly?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bench import clips
from bench.api import Api
from bench.gaps import Evenness, evenness
from bench.lag import watch_lag
from bench.packets import place
from bench.pictures import assemble
from bench.receiver import Peer, open_peer
from bench.spread import Spread

_ROUND_S = 15.0
_SETTLE_S = 1.0
_CLIP_S = 4.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """What was measured."""

    evenness: Evenness
    receiver_lag_ms: Spread | None
    """how late the receiver's own loop was: gaps cannot be known better"""


async def gaps(api: Api, seconds: float, codec: str = "") -> Gaps:
    """Hold a conversation of rounds of 15 s: rest, a clip to its end, one that is interrupted, another."""
    clip = clips.syllables(_CLIP_S)
    async with open_peer(api, codec) as peer, watch_lag() as lag:
        await asyncio.sleep(_SETTLE_S)
        start_s = time.monotonic()
        for _ in range(max(1, round(seconds / _ROUND_S))):
            await _one_round(api, peer, clip)
        end_s = time.monotonic()
    video, audio = place(peer.video.log), place(peer.audio.log)
    return Gaps(evenness(video, assemble(video.packets), audio, start_s, end_s), lag.summary())


async def _one_round(api: Api, peer: Peer, clip: bytes) -> None:
    await asyncio.sleep(2.0)
    await api.humanaudio(peer.session, clip)
    await asyncio.sleep(_CLIP_S + 1.0)
    await api.humanaudio(peer.session, clip)
    await asyncio.sleep(1.5)
    await api.interrupt(peer.session)
    await asyncio.sleep(1.5)
    await api.humanaudio(peer.session, clip)
    await asyncio.sleep(_ROUND_S - 2.0 - _CLIP_S - 1.0 - 1.5 - 1.5)
