"""How far behind a live voice the face speaks."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from bench.api import Api
from bench.ear import Ear
from bench.errors import BenchError
from bench.receiver import open_peer
from bench.sound import first_loud
from bench.speaker import Microphone
from bench.spread import Spread, spread

_VOICE_S = 2.0
_QUIET_S = 1.0
_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Voice:
    """What was measured."""

    jitter_ms: float
    """by how much packets of the voice were sent unevenly"""
    said_to_heard_ms: Spread | None
    """the first packet with sound left -> the first packet with sound arrived"""
    underruns: float
    """ticks in mid-speech without a picture, as the server counts them"""
    underruns_a_minute: float
    """of speech"""


async def voice(api: Api, count: int, jitter_s: float) -> Voice:
    """Say a steady vowel so often.

    Raises:
        BenchError: the server takes no live voice, or says nothing.
    """
    async with open_peer(api) as peer, Microphone(api, peer.session, jitter_s) as speaker:
        ear = Ear(peer.audio.log)
        await asyncio.sleep(_QUIET_S)
        before = await api.metric("livetalk_underruns_total")
        latencies = []
        for _ in range(count):
            await asyncio.sleep(random.uniform(0, 0.08))
            sent_s = await speaker.say(_VOICE_S)
            await ear.until_loud(sent_s, _TIMEOUT_S)
            await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
            heard = first_loud(ear.sounds, sent_s)
            if heard is None:
                raise BenchError("a voice made no sound")
            latencies.append((heard.arrived_s - sent_s) * 1000)
        underruns = await api.metric("livetalk_underruns_total") - before
    return Voice(
        jitter_ms=jitter_s * 1000,
        said_to_heard_ms=spread(latencies),
        underruns=underruns,
        underruns_a_minute=round(underruns / (count * _VOICE_S / 60), 2),
    )
