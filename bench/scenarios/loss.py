"""A bad network: how soon a lost picture is mended, and what remains of many lost packets."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.api import Api
from bench.decode import decode_luma
from bench.errors import BenchError
from bench.gaps import Evenness, evenness
from bench.packets import place
from bench.pictures import assemble
from bench.receiver import Peer, open_peer
from bench.spread import Spread, spread

_WAIT_S = 1.5
"""for the key picture"""
_SETTLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """What was measured."""

    asked_to_key_picture_ms: Spread | None
    """picture loss indication sent -> last packet of the next key picture"""
    unanswered: int
    """indications that no key picture followed within 1.5 s"""
    dropped_share: float
    """of the media packets, thrown away by the receiver; those sent again too"""
    under_loss: Evenness
    undecodable: int
    """whole pictures under loss that could not be decoded"""


async def loss(api: Api, count: int, seconds: float, share: float) -> Loss:
    """Ask for a key picture `count` times, then lose a share of the media packets for a while."""
    async with open_peer(api) as peer:
        asked_s = [await _ask(peer) for _ in range(count)]
        start_s, end_s = await _lose(peer, seconds, share)
    video, audio = place(peer.video.log), place(peer.audio.log)
    pictures = assemble(video.packets)
    if not pictures:
        raise BenchError("no whole picture came")
    waits_ms = list(_waits_ms(asked_s, [picture.arrived_s for picture in pictures if picture.key]))
    return Loss(
        spread(waits_ms),
        len(asked_s) - len(waits_ms),
        share,
        evenness(video, pictures, audio, start_s, end_s),
        len(pictures) - len(decode_luma(pictures).indices),
    )


async def _ask(peer: Peer) -> float:
    await asyncio.sleep(random.uniform(0, 0.2))
    sent_s = await peer.video.ask_key_picture()
    await asyncio.sleep(_WAIT_S)
    return sent_s


async def _lose(peer: Peer, seconds: float, share: float) -> tuple[float, float]:
    """Lose packets for a while; returns from when to when."""
    start_s = time.monotonic()
    peer.lose(share)
    await asyncio.sleep(seconds)
    peer.lose(0.0)
    end_s = time.monotonic()
    await asyncio.sleep(_SETTLE_S)
    return start_s, end_s


def _waits_ms(asked_s: Iterable[float], keys_s: Sequence[float]) -> Iterator[float]:
    """From each moment to the key picture that followed; those without one are left out."""
    for moment_s in asked_s:
        for key_s in keys_s:
            if moment_s < key_s <= moment_s + _WAIT_S:
                yield (key_s - moment_s) * 1000
                break
