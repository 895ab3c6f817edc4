"""A viewer with a microphone: it is quiet until it has something to say, and knows when each sound left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from aiortc import RTCRtpSender
from aiortc.rtcrtpsender import RTCEncodedFrame

from bench.api import Api
from bench.noises import Sound
from bench.receiver import Peer, new_peer
from bench.speaker import encoded, room

_PACKET_S = 0.02
_PACKET = 320
"""samples at 16 kHz"""
_PACKET_TICKS = 960


class Talker(RTCRtpSender):
    """Sends packets that were encoded before, one each 20 ms."""

    def begin(self) -> None:
        """Be quiet at first."""
        self._count = 0
        self._began_s = 0.0
        self._room = encoded(room(1.0))
        self._left: list[bytes] = []
        self._started: asyncio.Future[float] | None = None

    async def say(self, sound: Sound) -> float:
        """Say (n,) samples, full scale 1; returns when the first packet left.

        The sample n leaves n / 16000 s later, to the end of its packet.
        """
        pcm = np.pad(sound, (0, -len(sound) % _PACKET)) * 32767
        self._started = asyncio.get_running_loop().create_future()
        self._left = encoded(pcm)
        return await self._started

    async def _next_encoded_frame(self, codec: Any) -> RTCEncodedFrame:
        self._began_s = self._began_s or time.monotonic()
        self._count += 1
        await asyncio.sleep(self._began_s + self._count * _PACKET_S - time.monotonic())
        payload = self._left.pop(0) if self._left else self._room[self._count % len(self._room)]
        if self._started is not None and not self._started.done():
            self._started.set_result(time.monotonic())
        return RTCEncodedFrame([payload], self._count * _PACKET_TICKS, audio_level=None)  # type: ignore[arg-type]


@asynccontextmanager
async def open_talker(api: Api) -> AsyncIterator[tuple[Peer, Talker]]:
    """A connected peer that speaks; it hangs up at the end, whatever happens.

    Raises:
        BenchError: the server refused, or sent no picture.
    """
    peer = new_peer(talks=True)
    sender = peer.talker()
    sender.__class__ = Talker
    assert isinstance(sender, Talker)
    sender.begin()
    try:
        await peer.connect(api)
        yield peer, sender
    finally:
        await peer.close()
