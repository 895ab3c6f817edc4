"""A WHIP server that notes each packet as it arrives, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

from aiohttp import web
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, rtcpeerconnection

from bench.packets import StreamLog
from bench.receiver import TapReceiver, addresses_or_loopback
from bench.stream_server import free_port


class WhipReceiver:
    """Takes one publisher after the other, and keeps the last one's packets."""

    def __init__(self, port: int) -> None:
        self.target = f"whip+http://127.0.0.1:{port}/"
        """of an output"""
        self.logs: dict[str, StreamLog] = {}
        """kind -> what came; empty before the first publisher"""
        self._connection: RTCPeerConnection | None = None

    async def answer(self, request: web.Request) -> web.Response:
        """POST: take a publisher on."""
        await self.close()
        connection = self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        with patch.object(rtcpeerconnection, "RTCRtpReceiver", TapReceiver):
            await connection.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        for transceiver in connection.getTransceivers():
            assert isinstance(transceiver.receiver, TapReceiver)
            self.logs[transceiver.kind] = transceiver.receiver.log
        with patch.object(ice, "get_host_addresses", addresses_or_loopback):
            await connection.setLocalDescription(await connection.createAnswer())
        return web.Response(
            status=201,
            text=connection.localDescription.sdp,
            content_type="application/sdp",
            headers={"Location": "/"},
        )

    async def end(self, request: web.Request) -> web.Response:
        """DELETE: it leaves."""
        await self.close()
        return web.Response()

    async def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


@asynccontextmanager
async def receiving() -> AsyncIterator[WhipReceiver]:
    """One that listens until the block ends."""
    port = free_port()
    receiver = WhipReceiver(port)
    app = web.Application()
    app.add_routes([web.post("/", receiver.answer), web.delete("/", receiver.end)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield receiver
    finally:
        await receiver.close()
        await runner.cleanup()


__all__ = ["WhipReceiver", "receiving"]
