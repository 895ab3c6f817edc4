"""Many viewers of one session, so light that the server is what is measured: they read headers alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from unittest.mock import patch

from aioice import ice
from aiortc import (
    RTCConfiguration,
    RTCIceGatherer,
    RTCIceTransport,
    RTCPeerConnection,
    RTCSessionDescription,
    rtcpeerconnection,
)
from aiortc.rtp import is_rtcp

from bench.api import Api
from bench.errors import BenchError
from bench.receiver import CONNECT_TIMEOUT_S, addresses_or_loopback


@dataclass(slots=True)
class Arrivals:
    """When the last packet of each picture arrived, and each of the sound; time.monotonic()."""

    pictures: list[float] = field(default_factory=list)
    sounds: list[float] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)


class HeaderIceTransport(RTCIceTransport):
    """Notes media by what RTP does not encrypt (RFC 3711 section 3.1), and throws it away.

    The first packet of the sound is let through: of this source aiortc reports from then on, and who reports
    nothing is gone. Were there more of them, it would report those between as lost, and be sent less.
    """

    def __init__(self, gatherer: RTCIceGatherer) -> None:
        super().__init__(gatherer)
        self.arrivals = Arrivals()
        self.sound_type = -1
        """payload type of the sound"""
        self._from_network = self._recv
        self._recv = self._receive_control

    async def _receive_control(self) -> bytes:
        while True:
            datagram = await self._from_network()
            if not 127 < datagram[0] < 192 or is_rtcp(datagram):
                return datagram
            marker, payload_type = datagram[1] >> 7, datagram[1] & 127
            if payload_type == self.sound_type:
                self.arrivals.sounds.append(time.monotonic())
                if len(self.arrivals.sounds) == 1:
                    return datagram
            elif marker:
                self.arrivals.pictures.append(time.monotonic())
                self.arrivals.first.set()


class Onlooker:
    """One of many; watches by WHEP."""

    def __init__(self) -> None:
        with patch.object(rtcpeerconnection, "RTCIceTransport", HeaderIceTransport):
            self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            self._connection.addTransceiver("audio", direction="recvonly")
            transport = self._connection.addTransceiver("video", direction="recvonly").receiver.transport
        assert isinstance(transport.transport, HeaderIceTransport)
        self.joined_s = 0.0
        """from the offer to the first whole picture"""

    @property
    def arrivals(self) -> Arrivals:
        """What came, of the transport that carries both kinds."""
        transport = self._connection.getTransceivers()[0].receiver.transport.transport
        assert isinstance(transport, HeaderIceTransport)
        return transport.arrivals

    async def watch(self, api: Api, session: str) -> None:
        """Connect, and wait for the first picture.

        Raises:
            BenchError: refused, or no picture in time.
        """
        with patch.object(ice, "get_host_addresses", addresses_or_loopback):
            await self._connection.setLocalDescription(await self._connection.createOffer())
        sent_s = time.monotonic()
        answer = await api.whep(session, self._connection.localDescription.sdp)
        for transceiver in self._connection.getTransceivers():
            transport = transceiver.receiver.transport.transport
            assert isinstance(transport, HeaderIceTransport)
            transport.sound_type = _opus_type(answer)
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        try:
            await asyncio.wait_for(self.arrivals.first.wait(), CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            raise BenchError(f"no picture {CONNECT_TIMEOUT_S:.0f} s after the offer") from error
        self.joined_s = time.monotonic() - sent_s

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()


def _opus_type(sdp: str) -> int:
    line = next(line for line in sdp.splitlines() if "opus/48000" in line)
    return int(line.removeprefix("a=rtpmap:").split()[0])


__all__ = ["Arrivals", "Onlooker"]
