"""A listener: one other side that speaks, and is heard until either ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpReceiver, RTCSessionDescription

from livetalk.errors import InvalidRequest
from livetalk.protocols import VoiceSink
from livetalk.transports.webrtc.bounds import bounded
from livetalk.transports.webrtc.connection import Connection, Ties
from livetalk.transports.webrtc.hearing import Hearing
from livetalk.transports.webrtc.ice import prepare, without_mdns
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.sections import SoundOffer
from livetalk.transports.webrtc.trickle import Fragment


class PacketReceiver(RTCRtpReceiver):
    """aiortc's receiver, reports and all, that hands on packets as they come, and decodes nothing.

    aiortc's own buffer holds sound back by 80 ms from the start, and by up to 320 ms once a packet was lost.
    """

    on_packet: Callable[[Any], None]
    on_report: Callable[[], None]

    @staticmethod
    def adopt(
        receiver: RTCRtpReceiver, on_packet: Callable[[Any], None], on_report: Callable[[], None]
    ) -> None:
        """Make a PacketReceiver of the one that aiortc made; it offers no place to hand in our own."""
        receiver.__class__ = PacketReceiver
        assert isinstance(receiver, PacketReceiver)
        receiver.on_packet = on_packet
        receiver.on_report = on_report

    async def receive(self, parameters: Any) -> None:
        """Begin; aiortc calls this once connected."""
        await super().receive(parameters)
        self._handle_disconnect()  # ends its decoder's thread; the rest works on without it

    async def _handle_rtp_packet(self, packet: Any, arrival_time_ms: int) -> None:
        self.on_packet(packet)
        await super()._handle_rtp_packet(packet, arrival_time_ms)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        self.on_report()
        await super()._handle_rtcp_packet(packet)


class Listener:
    """Takes the sound of an offer, and leaves its pictures; it speaks through a voice of the session."""

    def __init__(self, voice: VoiceSink, ice_servers: IceServers, limit_s: float, ties: Ties) -> None:
        self._voice = voice
        self._connection = Connection(ice_servers.for_server(), limit_s, ties)
        self._hearing = Hearing(voice)
        self._mid = ""
        self._payload_type: int | None = None

    async def answer(self, sdp: str) -> str:
        """Answer an offer.

        Raises:
            InvalidRequest: it is not an offer that sends sound in Opus.
            Unavailable: no UDP port is free.
        """
        rtc = self._connection.rtc
        try:
            offer = SoundOffer(without_mdns(bounded(sdp)))
            transceiver = rtc.addTransceiver("audio", direction="recvonly")
            prepare(transceiver.receiver.transport.transport.iceGatherer._connection)
            capabilities = RTCRtpReceiver.getCapabilities("audio")
            assert capabilities is not None
            opus = [each for each in capabilities.codecs if each.mimeType.lower() == "audio/opus"]
            transceiver.setCodecPreferences(opus)
            PacketReceiver.adopt(transceiver.receiver, self._on_packet, self._connection.hear)
            await rtc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            answer = await rtc.createAnswer()
            self._payload_type = transceiver._codecs[0].payloadType
        except Exception as error:  # aiortc's parser raises whatever a broken offer causes
            raise InvalidRequest(
                f"the offer cannot be answered: it must be an SDP offer that sends Opus audio ({error})"
            ) from error
        self._mid = offer.mid
        described = await self._connection.describe(answer)
        self._hearing.start()
        self._connection.watch()
        return offer.complete(described)

    async def trickle(self, fragment: Fragment) -> None:
        """Take candidates that came after the offer, whichever of its sections they are of: it has one port.

        Raises:
            Unprocessable: they are of another ICE session.
        """
        for candidate in fragment.candidates:
            candidate.sdpMid = self._mid
        await self._connection.trickle(fragment)

    async def close(self) -> None:
        """Leave; the voice ends with it, and the thread that hears it, whatever fails.

        Raises:
            StageError: that thread did not end in time.
        """
        try:
            await self._connection.close()
        finally:
            await asyncio.get_running_loop().run_in_executor(None, self._hearing.close)

    def _on_packet(self, packet: Any) -> None:
        self._connection.hear()
        if packet.payload_type == self._payload_type:
            self._hearing.push(packet.sequence_number, packet.payload)


__all__ = ["Listener"]
