"""A WHIP publisher that is quiet or loud at once, and knows when each packet left."""

from __future__ import annotations

import asyncio
import random
import time
from types import TracebackType
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.rtcrtpsender import RTCEncodedFrame

from bench import clips
from bench.api import Api
from bench.receiver import Silent

_PACKET_S = 0.02
_PACKET_TICKS = 960
_LOOP_S = 1.0
_ROOM = 8.0
"""root mean square of the noise between two words, of 16 bit samples"""


class Speaker(RTCRtpSender):
    """Sends packets that were encoded before, each 20 ms, some ms late where the network is to be uneven."""

    def begin(self, jitter_s: float) -> None:
        """Be quiet at first."""
        self._jitter_s = jitter_s
        self._count = 0
        self._began_s = 0.0
        self._quiet, self._loud = _packets()
        self._left = 0
        self._onset: asyncio.Future[float] | None = None

    async def say(self, seconds: float) -> float:
        """Be loud from the next packet on, for so long; returns when that packet left."""
        self._onset = asyncio.get_running_loop().create_future()
        self._left = round(seconds / _PACKET_S)
        return await self._onset

    async def _next_encoded_frame(self, codec: Any) -> RTCEncodedFrame:
        self._began_s = self._began_s or time.monotonic()
        self._count += 1
        due_s = self._began_s + self._count * _PACKET_S + random.uniform(0, self._jitter_s)
        await asyncio.sleep(due_s - time.monotonic())
        payload = self._quiet[self._count % len(self._quiet)]
        if self._left:
            self._left -= 1
            payload = self._loud[self._left % len(self._loud)]
            if self._onset is not None and not self._onset.done():
                self._onset.set_result(time.monotonic())
        return RTCEncodedFrame([payload], self._count * _PACKET_TICKS, audio_level=None)  # type: ignore[arg-type]


class Microphone:
    """A connected speaker: `async with Microphone(api, session) as speaker`."""

    def __init__(self, api: Api, session: str, jitter_s: float = 0.0) -> None:
        self._api = api
        self._session = session
        self._jitter_s = jitter_s
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    async def __aenter__(self) -> Speaker:
        """Publish.

        Raises:
            BenchError: the server refused.
        """
        sender = self._connection.addTransceiver(Silent(), direction="sendonly").sender
        sender.__class__ = Speaker
        assert isinstance(sender, Speaker)
        sender.begin(self._jitter_s)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        answer = await self._api.whip(self._session, self._connection.localDescription.sdp)
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return sender

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        await self._connection.close()


def _packets() -> tuple[list[bytes], list[bytes]]:
    """Packets of a quiet room, and of a steady vowel."""
    return encoded(room(_LOOP_S)), encoded(clips.vowel(_LOOP_S) * 32767)


def room(seconds: float) -> Any:
    """A quiet room, as 16 bit samples."""
    return np.random.default_rng(0).normal(0, _ROOM, round(seconds * clips.RATE))


def encoded(sound: Any) -> list[bytes]:
    """Packets of 20 ms of 16 bit samples at 16 kHz, Opus."""
    codec = av.AudioCodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = clips.RATE, "mono", "s16"
    codec.options = {"application": "lowdelay", "frame_duration": "20"}
    codec.open()
    packets = []
    for place, chunk in enumerate(sound.astype(np.int16).reshape(-1, round(clips.RATE * _PACKET_S))):
        frame = av.AudioFrame.from_ndarray(chunk[np.newaxis], "s16", "mono")
        frame.sample_rate, frame.pts = clips.RATE, place * len(chunk)
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return packets
