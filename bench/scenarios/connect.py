"""How long a viewer waits: from the offer to the first picture that can be seen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.api import Api
from bench.decode import first_decodable
from bench.errors import BenchError
from bench.packets import place
from bench.pictures import assemble
from bench.receiver import open_peer
from bench.spread import Spread, spread

_STAY_S = 0.3


@dataclass(frozen=True, slots=True)
class Connect:
    """What was measured."""

    offer_to_picture_ms: Spread | None
    """offer sent -> last packet of the first picture that can be decoded"""
    offer_to_sound_ms: Spread | None
    """offer sent -> first audio packet"""
    codec: str


async def connect(api: Api, count: int, codec: str = "") -> Connect:
    """Connect `count` times, each with a new peer that hangs up before the next begins.

    Raises:
        BenchError: refused, or nothing to be seen.
    """
    pictures_ms: list[float] = []
    sounds_ms: list[float] = []
    spoken_codec = ""
    for _ in range(count):
        async with open_peer(api, codec) as peer:
            await asyncio.sleep(_STAY_S)
        pictures = assemble(place(peer.video.log).packets)
        seen = first_decodable(pictures)
        if seen is None:
            raise BenchError(f"of {len(pictures)} pictures none can be decoded")
        spoken_codec = seen.codec
        pictures_ms.append((seen.arrived_s - peer.offered_s) * 1000)
        sounds_ms += [(packet.arrived_s - peer.offered_s) * 1000 for packet in peer.audio.log.packets[:1]]
    return Connect(spread(pictures_ms), spread(sounds_ms), spoken_codec)
