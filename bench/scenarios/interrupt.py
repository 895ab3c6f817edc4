"""How long it goes on talking: from the interrupt to silence."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

from bench import clips
from bench.api import Api
from bench.ear import Ear
from bench.receiver import Peer, open_peer
from bench.sound import last_loud
from bench.spread import Spread, spread

_CLIP_S = 8.0
_EARLIEST_S, _LATEST_S = 0.3, 1.5
"""after the first sound"""
_QUIET_S = 0.8
_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Interrupt:
    """What was measured."""

    request_to_silence_ms: Spread | None
    """request sent -> last audio packet whose sound exceeds -40 dBFS; 0 when none came after"""


async def interrupt(api: Api, count: int) -> Interrupt:
    """Interrupt a steady sound `count` times, each time at a random moment."""
    clip = clips.steady(_CLIP_S)
    async with open_peer(api) as peer:
        ear = Ear(peer.audio.log)
        await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
        return Interrupt(spread([await _one_turn(api, peer, ear, clip) for _ in range(count)]))


async def _one_turn(api: Api, peer: Peer, ear: Ear, clip: bytes) -> float:
    await ear.until_loud(await api.humanaudio(peer.session, clip), _TIMEOUT_S)
    await asyncio.sleep(random.uniform(_EARLIEST_S, _LATEST_S))
    asked_s = time.monotonic()
    sent_s = await api.interrupt(peer.session)
    await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    last = last_loud(ear.sounds, asked_s)
    return max(0.0, (last.arrived_s - sent_s) * 1000) if last else 0.0
