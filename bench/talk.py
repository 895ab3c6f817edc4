"""Half an hour of talk: `python -m bench.talk --serve ".venv/bin/python app.py --port {port}" --minutes 30`.

Lists of words are said one after the other, some of them interrupted at a random moment. From outside it is
checked that each that was let alone was heard whole, that none is heard after an interrupt, and how far the
captions are from the sound: each word is a sentence, so that pauses tell where it begins.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.api import Api, open_api
from bench.ear import Ear
from bench.process import Usage, hurry, usage
from bench.receiver import open_peer
from bench.report import emit, plainly, tell
from bench.server import serve
from bench.sound import LOUD
from bench.spread import Spread, spread

_WORDS = (
    *("apple", "banana", "cherry", "tomato", "potato", "carrot", "lemon"),
    *("melon", "mango", "papaya", "pepper", "onion", "radish", "ginger"),
)
_GAP_S = 0.13
"""so long a silence parts two words"""
_QUIET_S = 0.5
_TIMEOUT_S = 30.0
_DYING_S = 0.12
"""what was encoded before an interrupt still arrives"""


@dataclass(slots=True)
class _Tally:
    said: int = 0
    lost: int = 0
    interrupted: int = 0
    stale_sounds: int = 0
    stale_words: int = 0
    unmatched: int = 0
    offsets_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Talk:
    """What came of it."""

    minutes: float
    said: int
    """lists that were let alone"""
    lost: int
    """of them, those without their end, or with a word less"""
    interrupted: int
    stale_sounds: int
    """interrupts after which sound was still heard 120 ms later"""
    stale_words: int
    """words told after the interrupt that ended them"""
    unmatched: int
    """lists whose words could not be told apart by their sound"""
    caption_minus_sound_ms: Spread | None
    """a word's event arrived, minus its first packet with sound"""
    within_60_ms: float
    """share of the words"""
    usage: Usage | None


@asynccontextmanager
async def _listening(api: Api, session: str) -> AsyncIterator[list[tuple[float, dict[str, Any]]]]:
    """The session's events, and when each arrived."""
    events: list[tuple[float, dict[str, Any]]] = []

    async def read() -> None:
        async for event in api.events(session):
            events.append((time.monotonic(), event))

    reading = asyncio.create_task(read())
    try:
        yield events
    finally:
        reading.cancel()


async def talk(api: Api, minutes: float, seed: int) -> _Tally:
    """Say lists of words for so long."""
    dice, tally = random.Random(seed), _Tally()
    async with open_peer(api) as peer, _listening(api, peer.session) as events:
        ear = Ear(peer.audio.log)
        await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
        until_s = time.monotonic() + minutes * 60
        while time.monotonic() < until_s:
            words = dice.sample(_WORDS, dice.randint(3, 8))
            first = len(events)
            sent_s = await api.human(peer.session, ". ".join(words).title() + ".")
            await ear.until_loud(sent_s, _TIMEOUT_S)
            if dice.random() < 0.3:
                await _interrupt(api, peer.session, ear, tally, events, dice)
            else:
                await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
                _judge(words, ear, sent_s, events[first:], tally)
            ear.sounds = ear.sounds[-100:]
    return tally


async def _interrupt(
    api: Api,
    session: str,
    ear: Ear,
    tally: _Tally,
    events: list[tuple[float, dict[str, Any]]],
    dice: random.Random,
) -> None:
    await asyncio.sleep(dice.uniform(0.0, 1.5))
    tally.interrupted += 1
    sent_s = await api.interrupt(session)
    first = next((place for place, (at_s, _) in enumerate(events) if at_s > sent_s + _DYING_S), len(events))
    await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    tally.stale_sounds += any(each.peak >= LOUD and each.arrived_s > sent_s + _DYING_S for each in ear.sounds)
    tally.stale_words += sum(event["event"] == "word" for _, event in events[first:])


def _judge(
    words: list[str], ear: Ear, sent_s: float, events: list[tuple[float, dict[str, Any]]], tally: _Tally
) -> None:
    tally.said += 1
    told = [at_s for at_s, event in events if event["event"] == "word"]
    ends = [event for _, event in events if event["event"] == "end"]
    if len(told) != len(words) or not ends or not ends[-1]["last"]:
        tally.lost += 1
    heard = np.array([each.arrived_s for each in ear.sounds if each.peak >= LOUD and each.arrived_s > sent_s])
    onsets = [*heard[:1], *heard[1:][np.diff(heard) > _GAP_S]]
    if len(onsets) != len(told):
        tally.unmatched += 1
        return
    tally.offsets_ms += [(at_s - onset) * 1000 for at_s, onset in zip(told, onsets, strict=True)]


async def _measure(command: str, minutes: float, seed: int) -> None:
    with serve(command) as server:
        hurry()
        async with open_api(server.url) as api:
            tally = await talk(api, minutes, seed)
            used = usage(server.pid) if server.pid is not None else None
    near = [abs(offset) <= 60 for offset in tally.offsets_ms]
    result = Talk(
        minutes=minutes,
        said=tally.said,
        lost=tally.lost,
        interrupted=tally.interrupted,
        stale_sounds=tally.stale_sounds,
        stale_words=tally.stale_words,
        unmatched=tally.unmatched,
        caption_minus_sound_ms=spread(tally.offsets_ms),
        within_60_ms=round(sum(near) / max(1, len(near)), 4),
        usage=used,
    )
    tell("talk", result)
    emit({"talk": result}, server.url)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.talk", description=__doc__)
    parser.add_argument("--serve", metavar="COMMAND", required=True, help="{port} becomes a free port")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(_measure(args.serve, args.minutes, args.seed))
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
