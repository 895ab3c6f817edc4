"""A WebRTC peer that notes each packet as it arrives, and decodes nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from aioice import ice
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceGatherer,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
    rtcpeerconnection,
)
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket, is_rtcp, unwrap_rtx

from bench.api import Api
from bench.errors import BenchError
from bench.packets import Packet, SenderReport, StreamLog

CONNECT_TIMEOUT_S = 20.0
_NTP_TO_UNIX_S = 2_208_988_800
"""from 1900, where NTP counts from, to 1970"""
_host_addresses = ice.get_host_addresses


class TapReceiver(RTCRtpReceiver):
    """aiortc's receiver, reports and repair requests and all, with a log in front and no decoder."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.log = StreamLog()
        self.marked = asyncio.Event()
        """a packet with a marker came"""
        self._codecs: dict[int, str] = {}
        self._repairs: dict[int, int] = {}
        """payload type of the repaired, by payload type of the repair"""
        self._repaired_ssrc: dict[int, int] = {}

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin; aiortc calls this once connected."""
        for codec in parameters.codecs:
            repaired = codec.parameters.get("apt")
            if codec.payloadType is None:
                continue
            self._codecs[codec.payloadType] = codec.name
            if isinstance(repaired, int):
                self._repairs[codec.payloadType] = repaired
        for encoding in parameters.encodings:
            if encoding.rtx:
                self._repaired_ssrc[encoding.rtx.ssrc] = encoding.ssrc
        await super().receive(parameters)
        # ends the decoder's thread; the rest of the receiver works on without it
        self._handle_disconnect()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self._note(packet, time.monotonic())
        await super()._handle_rtp_packet(packet, arrival_time_ms)

    def _note(self, packet: RtpPacket, arrived_s: float) -> None:
        if packet.payload_type in self._repairs:
            ssrc = self._repaired_ssrc.get(packet.ssrc)
            if ssrc is None or len(packet.payload) < 2:
                return
            packet = unwrap_rtx(packet, self._repairs[packet.payload_type], ssrc)
        self.log.packets.append(
            Packet(
                arrived_s,
                packet.ssrc,
                packet.sequence_number,
                packet.timestamp,
                bool(packet.marker),
                packet.payload,
                self._codecs.get(packet.payload_type, ""),
            )
        )
        if packet.marker:
            self.marked.set()

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            ntp_s = info.ntp_timestamp / 2**32 - _NTP_TO_UNIX_S
            self.log.reports.append(SenderReport(time.monotonic(), packet.ssrc, ntp_s, info.rtp_timestamp))
        await super()._handle_rtcp_packet(packet)

    async def ask_key_picture(self) -> float:
        """Send a picture loss indication (RFC 4585 section 6.3.1); returns when it left."""
        sent_s = time.monotonic()
        await self._send_rtcp_pli(self.log.packets[-1].ssrc)
        return sent_s


class LossyIceTransport(RTCIceTransport):
    """aiortc's way to the network, which loses media when told to."""

    def __init__(self, gatherer: RTCIceGatherer) -> None:
        super().__init__(gatherer)
        self.drop_share = 0.0
        """of the media packets, thrown away before anything looks at them; control packets never are"""
        self._from_network = self._recv
        self._recv = self._receive_some

    async def _receive_some(self) -> bytes:
        while True:
            datagram = await self._from_network()
            media = 127 < datagram[0] < 192 and not is_rtcp(datagram)
            if not media or random.random() >= self.drop_share:
                return datagram


class Peer:
    """One viewer: a session of the server, and all that arrived from it."""

    def __init__(self, connection: RTCPeerConnection, audio: TapReceiver, video: TapReceiver) -> None:
        self._connection = connection
        self.audio = audio
        self.video = video
        self.session = ""
        self.offered_s = 0.0
        """when the offer left, time.monotonic()"""

    async def connect(self, api: Api) -> None:
        """Offer, and wait until a picture's last packet has arrived.

        Raises:
            BenchError: refused, or no picture within `CONNECT_TIMEOUT_S`.
        """
        with patch.object(ice, "get_host_addresses", addresses_or_loopback):
            await self._connection.setLocalDescription(await self._connection.createOffer())
        answer = await api.offer(self._connection.localDescription.sdp)
        self.session, self.offered_s = answer.session, answer.sent_s
        await self._connection.setRemoteDescription(RTCSessionDescription(answer.sdp, answer.type))
        try:
            await asyncio.wait_for(self.video.marked.wait(), CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            state = self._connection.connectionState
            raise BenchError(f"no picture {CONNECT_TIMEOUT_S:.0f} s after the offer ({state})") from error

    def lose(self, share: float) -> None:
        """From now on, lose a share of the media packets, as if the network had."""
        transport = self.video.transport.transport
        assert isinstance(transport, LossyIceTransport)
        transport.drop_share = share

    def talker(self) -> RTCRtpSender:
        """What sends sound back."""
        return next(each.sender for each in self._connection.getTransceivers() if each.kind == "audio")

    async def close(self) -> None:
        """Hang up; the server is told so over DTLS."""
        await self._connection.close()


class Silent(MediaStreamTrack):
    """Stands where a track has to; its sender asks it for nothing."""

    kind = "audio"

    async def recv(self) -> Any:
        """Nothing."""
        raise AssertionError("nobody takes frames of it")


def addresses_or_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """This machine's addresses; on one with nothing but loopback that one, which aioice leaves out."""
    return _host_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


def new_peer(codec: str = "", talks: bool = False) -> Peer:
    """A peer that takes sound and picture; only in `codec` ("VP8", "H264") if one is named.

    One that talks has a sender for sound, too (`Peer.talker`).
    """
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    with patch.multiple(rtcpeerconnection, RTCRtpReceiver=TapReceiver, RTCIceTransport=LossyIceTransport):
        audio = connection.addTransceiver(
            Silent() if talks else "audio", direction="sendrecv" if talks else "recvonly"
        )
        video = connection.addTransceiver("video", direction="recvonly")
    if codec:
        offered = RTCRtpReceiver.getCapabilities("video")
        assert offered is not None
        wanted = (f"video/{codec}".lower(), "video/rtx")
        video.setCodecPreferences([one for one in offered.codecs if one.mimeType.lower() in wanted])
    assert isinstance(audio.receiver, TapReceiver)
    assert isinstance(video.receiver, TapReceiver)
    return Peer(connection, audio.receiver, video.receiver)


@asynccontextmanager
async def open_peer(api: Api, codec: str = "") -> AsyncIterator[Peer]:
    """A connected peer that hangs up at the end, whatever happens.

    Raises:
        BenchError: the server refused, or sent no picture.
    """
    peer = new_peer(codec)
    try:
        await peer.connect(api)
        yield peer
    finally:
        await peer.close()
