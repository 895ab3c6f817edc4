"""How long a face stays after another one was asked for, and whether the picture suffers in between."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench import clips
from bench.api import Api
from bench.decode import Array, decode_thumbnails
from bench.ear import Ear
from bench.errors import BenchError
from bench.packets import place
from bench.pictures import Picture, assemble
from bench.receiver import Peer, open_peer
from bench.spread import Spread, spread

_CLIP_S = 4.0
_EARLIEST_S, _LATEST_S = 0.3, 1.2
"""after the first sound"""
_SEEN_S = 0.8
"""how long a face is looked at, to know it again"""
_KNOWN_BY = 8
"""pictures that a face is known by, the last before another one was asked for"""
_DIFFERENT = 4.0
"""levels of 255 by which two faces must differ on average"""
_DARK = 0.5
"""share of the darker face's brightness"""
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Change:
    """One that was asked for."""

    sent_s: float
    answered_s: float
    """when the server said that it is shown"""
    done_s: float
    """until when it was looked at; all time.monotonic()"""

    @property
    def answer_ms(self) -> float:
        """What the server took."""
        return (self.answered_s - self.sent_s) * 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a change looked like."""

    until_seen_ms: float
    longest_gap_ms: float
    dark: int
    old_again: int


@dataclass(frozen=True, slots=True)
class Switch:
    """What was measured."""

    cold_ms: float
    """the first change of all: the other avatar may have to be opened. As the next"""
    idle_ms: Spread | None
    """request sent -> last packet of the first picture of the other face"""
    speaking_ms: Spread | None
    """the same in mid-speech, where the old face speaks on until the new one's mouth is drawn"""
    idle_answer_ms: Spread | None
    """request sent -> answer, which comes when the next tick will show the other face"""
    speaking_answer_ms: Spread | None
    longest_gap_ms: float
    """between whole pictures, while a face changed"""
    dark_pictures: int
    """with less than half of either face's brightness, while a face changed"""
    old_again_pictures: int
    """of the face before, after the other one was seen already"""


async def switch(api: Api, count: int) -> Switch:
    """Change between two avatars, `count` times at rest and as often in mid-speech.

    Raises:
        BenchError: the server has no second avatar, or a face never came.
    """
    faces = await api.avatars()
    if len(faces) < 2:
        raise BenchError("switch needs a server with two avatars")
    clip = clips.syllables(_CLIP_S)
    async with open_peer(api) as peer:
        ear = Ear(peer.audio.log)
        await asyncio.sleep(_SEEN_S)
        first = await _change(api, peer, faces[1])
        idle = [await _change(api, peer, faces[number % 2]) for number in range(count)]
        speaking = []
        for number in range(count, 2 * count):
            await ear.until_loud(await api.humanaudio(peer.session, clip), _TIMEOUT_S)
            await asyncio.sleep(random.uniform(_EARLIEST_S, _LATEST_S))
            speaking.append(await _change(api, peer, faces[number % 2]))
            await ear.until_quiet(_SEEN_S, _TIMEOUT_S)
    pictures = assemble(place(peer.video.log).packets)
    every = look(pictures, [first, *idle, *speaking])
    return Switch(
        every[0].until_seen_ms,
        spread(each.until_seen_ms for each in every[1 : count + 1]),
        spread(each.until_seen_ms for each in every[count + 1 :]),
        spread(each.answer_ms for each in idle),
        spread(each.answer_ms for each in speaking),
        max(each.longest_gap_ms for each in every),
        sum(each.dark for each in every),
        sum(each.old_again for each in every),
    )


async def _change(api: Api, peer: Peer, avatar: str) -> Change:
    await asyncio.sleep(random.uniform(0, 0.08))
    sent_s = await api.avatar(peer.session, avatar)
    answered_s = time.monotonic()
    await asyncio.sleep(_SEEN_S)
    return Change(sent_s, answered_s, time.monotonic())


def look(pictures: Sequence[Picture], changes: Sequence[Change]) -> list[Seen]:
    """Find each change in the pictures: a face is known by those that came before the next was asked for.

    Raises:
        BenchError: a face never came, or looks like the one before.
    """
    indices, thumbnails = decode_thumbnails(pictures)
    arrived = np.array([pictures[index].arrived_s for index in indices])
    faces = [_face(thumbnails, arrived, changes[0].sent_s)]
    faces += [_face(thumbnails, arrived, change.done_s) for change in changes]
    return [
        _seen(thumbnails, arrived, change, *faces[place : place + 2]) for place, change in enumerate(changes)
    ]


def _face(thumbnails: Array, arrived: Array, before_s: float) -> Array:
    known_by = thumbnails[arrived < before_s][-_KNOWN_BY:]
    if not len(known_by):
        raise BenchError("no picture came before another face was asked for")
    return np.asarray(known_by.mean(axis=0), np.float32)


def _seen(thumbnails: Array, arrived: Array, change: Change, old: Array, new: Array) -> Seen:
    if np.abs(old - new).mean() < _DIFFERENT:
        raise BenchError("the other face did not come within its time; or the two look alike")
    during = np.flatnonzero((arrived >= change.sent_s) & (arrived <= change.done_s))
    to_old, to_new = (np.abs(thumbnails[during] - face).mean(axis=(1, 2)) for face in (old, new))
    there = np.flatnonzero(to_new < to_old)
    times_s = arrived[during[0] - 1 : during[-1] + 1]
    darkest = _DARK * min(old.mean(), new.mean())
    return Seen(
        round(float(arrived[during[there[0]]] - change.sent_s) * 1000, 1),
        round(float(np.diff(times_s).max()) * 1000, 1),
        int((thumbnails[during].mean(axis=(1, 2)) < darkest).sum()),
        int((to_old < to_new)[there[0] :].sum()),
    )
