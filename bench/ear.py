"""Hears during a run whether a session speaks, so that a scenario knows when to go on."""

from __future__ import annotations

import asyncio
import time

from bench.decode import PacketSound, SoundDecoder
from bench.errors import BenchError
from bench.packets import Placed, StreamLog
from bench.sound import LOUD

_LOOK_S = 0.05


class Ear:
    """Decodes one track's sound as it comes, a few packets at a time (0.1 ms of work for each)."""

    def __init__(self, log: StreamLog) -> None:
        self._log = log
        self._decoder = SoundDecoder()
        self._taken = 0
        self.sounds: list[PacketSound] = []
        self.last_loud_s = float("-inf")
        """when the last packet with sound arrived, time.monotonic()"""

    def listen(self) -> None:
        """Take in what has come since the last time."""
        for packet in self._log.packets[self._taken :]:
            sound = self._decoder.decode(Placed(packet, packet.sequence, packet.timestamp))
            self.sounds.append(sound)
            if sound.peak >= LOUD:
                self.last_loud_s = sound.arrived_s
        self._taken = len(self._log.packets)

    async def until_loud(self, after_s: float, timeout_s: float) -> None:
        """Wait for a packet with sound that arrives after a moment.

        Raises:
            BenchError: none came in time.
        """
        while self.last_loud_s <= after_s:
            if time.monotonic() > after_s + timeout_s:
                raise BenchError(f"no sound within {timeout_s:.0f} s")
            await asyncio.sleep(_LOOK_S)
            self.listen()

    async def until_quiet(self, quiet_s: float, timeout_s: float) -> None:
        """Wait until no sound has come for a while.

        Raises:
            BenchError: it went on and on.
        """
        started_s = time.monotonic()
        self.listen()
        while time.monotonic() - max(self.last_loud_s, started_s) < quiet_s:
            if time.monotonic() > started_s + timeout_s:
                raise BenchError(f"sound went on for {timeout_s:.0f} s")
            await asyncio.sleep(_LOOK_S)
            self.listen()
