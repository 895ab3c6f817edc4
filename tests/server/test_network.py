from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from livetalk.transports.webrtc.ice import bind_within, without_mdns
from tests.server.conftest import Start, Viewer, within

ROOT = Path(__file__).resolve().parents[2]


def can_unshare() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None or os.geteuid() != 0:
        return False
    return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="needs root, unshare and ip (Debian: util-linux, iproute2)")
def test_a_machine_with_loopback_alone_answers_at_once_and_connects() -> None:
    command = f"ip link set lo up && exec {sys.executable} -m tests.server.loopback_only"
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answered = re.search(r"answered after ([\d.]+) s", done.stdout)
    assert answered is not None
    assert float(answered[1]) < 4, "the answer waited for something that is not there"
    assert "a picture came" in done.stdout


async def test_media_stays_on_the_ports_it_was_given(start: Start) -> None:
    client = await start(udp_ports="42000-42019")
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    sdp = viewer.connection.remoteDescription.sdp
    ports = [int(match[1]) for match in re.finditer(r"a=candidate:\S+ 1 udp \d+ \S+ (\d+) typ host", sdp)]
    assert ports
    assert all(42000 <= port < 42020 for port in ports)
    await viewer.close()


@contextmanager
def taken_port() -> Iterator[int]:
    """A UDP port that nobody else can have, on any address of either family."""
    with ExitStack() as sockets:
        first = sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        first.bind(("0.0.0.0", 0))
        port: int = first.getsockname()[1]
        if socket.has_ipv6:
            second = sockets.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            second.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            second.bind(("::", port))
        yield port


async def test_an_offer_for_which_no_port_is_left_is_a_503_that_says_so(start: Start) -> None:
    with taken_port() as port:
        client = await start(udp_ports=f"{port}-{port}")
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for kind in ("video", "audio"):
            connection.addTransceiver(kind, direction="recvonly")
        sdp = (await connection.createOffer()).sdp
        async with client.post("/offer", json={"sdp": sdp, "type": "offer"}) as response:
            assert response.status == 503
            assert "widen udp_ports" in (await response.json())["msg"]
        await connection.close()


async def test_taken_ports_are_passed_over_until_none_is_left() -> None:
    loop = asyncio.new_event_loop()
    try:
        bind_within(loop, range(42100, 42102))

        def bind() -> asyncio.BaseTransport:
            return loop.run_until_complete(
                loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
            )[0]

        def work() -> tuple[set[int], str]:
            transports = [bind(), bind()]
            ports = {transport.get_extra_info("sockname")[1] for transport in transports}
            try:
                bind()
            except OSError as error:
                message = str(error)
            for transport in transports:
                transport.close()
            return ports, message

        ports, message = await asyncio.get_running_loop().run_in_executor(None, work)
        assert ports == {42100, 42101}
        assert "widen udp_ports" in message
    finally:
        loop.close()


def test_candidates_with_hidden_addresses_are_left_out_and_the_list_stays_open() -> None:
    hidden = "a=candidate:1 1 udp 2122 0c8a.local 50000 typ host"
    shown = "a=candidate:2 1 udp 2121 192.0.2.7 50001 typ host"
    sdp = "\r\n".join(["v=0", hidden, shown, "a=end-of-candidates", ""])
    assert without_mdns(sdp).split("\r\n") == ["v=0", shown, ""]
    assert "a=end-of-candidates" in without_mdns(f"v=0\r\n{shown}\r\na=end-of-candidates\r\n")
