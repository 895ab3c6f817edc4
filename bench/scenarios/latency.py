"""How long an answer takes: from the request to the first sound."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench import clips
from bench.api import Api
from bench.ear import Ear
from bench.errors import BenchError
from bench.receiver import Peer, open_peer
from bench.sound import first_loud
from bench.spread import Spread, spread

_CLIP_S = 1.0
_TEXT = "Hello, how are you?"
_QUIET_S = 0.6
_TIMEOUT_S = 15.0
_TICK_S = 0.04

Ask = Callable[[str], Awaitable[float]]
"""has a session speak; returns when the request left"""


@dataclass(frozen=True, slots=True)
class Latency:
    """What was measured."""

    request_to_sound_ms: Spread | None
    """request sent -> first audio packet whose sound exceeds -40 dBFS"""


async def audio_latency(api: Api, count: int) -> Latency:
    """From a clip that is loud from its first sample on."""
    clip = clips.steady(_CLIP_S)
    return await _latency(api, count, lambda session: api.humanaudio(session, clip))


async def text_latency(api: Api, count: int) -> Latency:
    """From a short sentence; the voice's own silence at its beginning counts."""
    return await _latency(api, count, lambda session: api.human(session, _TEXT))


async def _latency(api: Api, count: int, ask: Ask) -> Latency:
    async with open_peer(api) as peer:
        ear = Ear(peer.audio.log)
        await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
        return Latency(spread([await _one_turn(peer, ear, ask) for _ in range(count)]))


async def _one_turn(peer: Peer, ear: Ear, ask: Ask) -> float:
    await asyncio.sleep(random.uniform(0, 2 * _TICK_S))
    sent_s = await ask(peer.session)
    await ear.until_loud(sent_s, _TIMEOUT_S)
    await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    heard = first_loud(ear.sounds, sent_s)
    if heard is None:
        raise BenchError("a turn made no sound")
    return (heard.arrived_s - sent_s) * 1000
