"""A viewer that does not connect: the log says which step did not come about, and what to look at."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.server.conftest import Client, FakeService, Start, until


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "livetalk.transports")
    return caplog


def other(byte: str) -> str:
    """Another byte, in hexadecimal."""
    return f"{int(byte, 16) ^ 0xFF:02X}"


async def offer(client: Client, change: Callable[[str], str] = str) -> tuple[RTCPeerConnection, str]:
    """A viewer whose offer was changed on the way, and the answer to it."""
    viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in ("video", "audio"):
        viewer.addTransceiver(kind, direction="recvonly")
    await viewer.setLocalDescription(await viewer.createOffer())
    sdp = change(viewer.localDescription.sdp)
    async with client.post("/offer", json={"sdp": sdp, "type": "offer"}) as response:
        body = await response.json()
        assert response.status == 200, body
    return viewer, body["sdp"]


async def test_no_way_between_the_two_is_told_with_both_ends_and_what_to_do(
    start: Start, service: FakeService, told: pytest.LogCaptureFixture
) -> None:
    viewer, _ = await offer(await start(connect_limit_s=0.3))
    await until(lambda: len(service.sessions) == 0)
    assert re.search(r"no packet passed between \S+ port \d+.* here and \S+ port \d+.* there", told.text)
    assert "let UDP through between them" in told.text
    assert "name a TURN server in ice_servers" in told.text
    await viewer.close()


async def test_a_viewer_that_hides_its_addresses_and_is_never_heard_is_told(
    start: Start, service: FakeService, told: pytest.LogCaptureFixture
) -> None:
    def hide(sdp: str) -> str:
        return re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+", r"\1 0c8a.local", sdp)

    viewer, _ = await offer(await start(connect_limit_s=0.3), hide)
    await until(lambda: len(service.sessions) == 0)
    assert "it named no address that we can use, and no packet of it arrived at" in told.text
    await viewer.close()


async def test_a_viewer_with_another_certificate_than_it_offered_is_told_as_trouble_with_the_encryption(
    start: Start, service: FakeService, told: pytest.LogCaptureFixture
) -> None:
    def forge(sdp: str) -> str:
        return re.sub(r"(a=fingerprint:sha-\d+) (\w\w)", lambda found: f"{found[1]} {other(found[2])}", sdp)

    viewer, answer = await offer(await start(), forge)
    await viewer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await until(lambda: len(service.sessions) == 0)
    assert "packets come through, but the encryption (DTLS) was not agreed" in told.text
    await viewer.close()


async def test_a_handshake_that_never_begins_is_told_as_trouble_with_the_encryption(
    start: Start, service: FakeService, told: pytest.LogCaptureFixture
) -> None:
    viewer, answer = await offer(await start(connect_limit_s=2.0))
    never = asyncio.Event()

    async def stand_still(_parameters: object) -> None:
        await never.wait()

    for transceiver in viewer.getTransceivers():
        transceiver.receiver.transport.start = stand_still  # type: ignore[assignment,method-assign]
    await viewer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await until(lambda: len(service.sessions) == 0)
    assert "packets come through, but the encryption (DTLS) was not agreed" in told.text
    never.set()
    await viewer.close()
