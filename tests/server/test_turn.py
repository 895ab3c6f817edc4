"""Viewers that can only come over a relay: a real coturn, and no address of their own on either side."""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aioice import ice, stun
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection

from livetalk.transports.webrtc import probe
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.probe import IceServerFault, ask
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within
from tests.turn_server import (
    SECRET,
    STATIC,
    TIMED,
    TURNSERVER,
    TurnServer,
    make_certificate,
    turn_server,
)

NOT_OURS = "203.0.113.77"
"""an address that no machine has (RFC 5737): nothing can be bound to it"""

pytestmark = pytest.mark.skipif(TURNSERVER is None, reason="needs turnserver (Debian: coturn)")


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    with turn_server(tmp_path_factory.mktemp("static"), STATIC) as server:
        yield server


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    with turn_server(tmp_path_factory.mktemp("timed"), TIMED) as server:
        yield server


@pytest.fixture
def relay_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither side has an address that it can gather."""
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: [NOT_OURS])


def viewer_with(client: Client, servers: IceServers) -> Viewer:
    return Viewer(client, RTCPeerConnection(RTCConfiguration(servers.for_server())))


async def sees_over_the_relay(viewer: Viewer) -> None:
    await viewer.connect()
    await within(viewer.seen.wait())
    ends = (viewer.connection.localDescription.sdp, viewer.connection.remoteDescription.sdp)
    for sdp in ends:
        assert set(re.findall(r"a=candidate:.* typ (\w+)", sdp)) == {"relay"}
    assert await viewer.say("word " * 10) == 200
    await within(viewer.loud.wait())
    await viewer.close()


@pytest.mark.usefixtures("relay_only")
@pytest.mark.parametrize("transport", ["", "?transport=udp", "?transport=tcp"])
async def test_both_sides_meet_over_a_relay_with_credentials_that_never_end(
    start: Start, static: TurnServer, transport: str
) -> None:
    url = static.static_url + transport
    client = await start(ice_servers=[url])
    await sees_over_the_relay(viewer_with(client, IceServers([url])))


@pytest.mark.usefixtures("relay_only")
async def test_both_sides_meet_over_a_relay_with_credentials_made_of_the_secret(
    start: Start, timed: TurnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVETALK_TURN_SECRET", SECRET)
    client = await start(ice_servers=[timed.timed_url])
    async with client.get("/config") as response:
        (told,) = (await response.json())["data"]["ice_servers"]
    assert SECRET not in str(told)
    url = f"turn:{told['username']}:{told['credential']}@127.0.0.1:{timed.port}"
    await sees_over_the_relay(viewer_with(client, IceServers([url])))


@pytest.mark.usefixtures("relay_only")
async def test_both_sides_meet_over_a_relay_that_is_reached_by_tls(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificate(tmp_path)))
    with turn_server(tmp_path, STATIC, tls=True) as server:
        url = server.static_url.replace("turn:", "turns:").replace("127.0.0.1", "localhost")
        url = url.replace(str(server.port), str(server.tls_port))
        client = await start(ice_servers=[url])
        await sees_over_the_relay(viewer_with(client, IceServers([url])))


@pytest.mark.usefixtures("relay_only")
async def test_a_first_check_that_the_relay_drops_does_not_cost_half_a_second(
    start: Start, static: TurnServer, service: FakeService
) -> None:
    client = await start(ice_servers=[static.static_url])
    took_s: list[float] = []
    while not took_s or (took_s[-1] >= stun.RETRY_RTO and len(took_s) < 5):  # the machine may be busy
        viewer = viewer_with(client, IceServers([static.static_url]))
        began = time.monotonic()
        await viewer.connect()
        await within(viewer.seen.wait())
        took_s.append(time.monotonic() - began)
        await viewer.close()
        await until(lambda: len(service.sessions) == 0)
    assert took_s[-1] < stun.RETRY_RTO


@pytest.mark.parametrize("case", ["expired", "another secret", "a wrong password"])
async def test_a_relay_that_refuses_us_is_named_in_the_log_and_direct_ways_still_work(
    case: str,
    start: Start,
    static: TurnServer,
    timed: TurnServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = {
        "expired": IceServers([timed.timed_url], SECRET, lifetime_s=-60),
        "another secret": IceServers([timed.timed_url], "another"),
        "a wrong password": IceServers([static.static_url.replace("pass-of-ann", "wrong")]),
    }[case]
    monkeypatch.setattr("livetalk.server.options.ice_servers", lambda settings: made)
    caplog.set_level(logging.WARNING, "livetalk.transports")
    client = await start()
    viewer = Viewer(client)
    await viewer.connect()
    await within(viewer.seen.wait())
    await until(lambda: "no relay for a viewer" in caplog.text)
    assert "it refuses the user name or password" in caplog.text
    assert "401" in caplog.text
    assert "wrong" not in caplog.text
    await viewer.close()


async def test_a_relay_that_is_not_there_is_named_in_the_log(
    start: Start, static: TurnServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "livetalk.transports")
    gone = static.static_url.replace(str(static.port), "1")
    viewer = Viewer(await start(ice_servers=[gone + "?transport=tcp"]))
    await viewer.connect()
    await within(viewer.seen.wait())
    await until(lambda: "no relay for a viewer from turn:127.0.0.1:1?transport=tcp" in caplog.text)
    assert "it cannot be reached" in caplog.text
    await viewer.close()


async def test_allocations_leave_from_the_ports_that_media_were_given(
    start: Start, static: TurnServer
) -> None:
    client = await start(ice_servers=[static.static_url], udp_ports="42200-42219")
    viewer = Viewer(client)
    await viewer.connect()
    sdp = viewer.connection.remoteDescription.sdp
    sources = re.findall(r"typ relay raddr \S+ rport (\d+)", sdp)
    assert sources
    assert all(42200 <= int(port) < 42220 for port in sources)
    await within(viewer.seen.wait())
    await viewer.close()


async def test_a_relay_for_which_no_port_is_left_is_named_in_the_log(
    start: Start, static: TurnServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "livetalk.transports")
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("0.0.0.0", 0))
        port = free.getsockname()[1]
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in ("video", "audio"):
        connection.addTransceiver(kind, direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())  # on ports outside of the range
    client = await start(ice_servers=[static.static_url], udp_ports=f"{port}-{port}")
    viewer = Viewer(client, connection)
    await viewer.connect()
    await within(viewer.seen.wait())
    await until(lambda: "no relay for a viewer" in caplog.text)
    assert f"all UDP ports from {port} to {port} are taken; widen udp_ports" in caplog.text
    await viewer.close()


async def test_a_credential_that_was_tried_before_its_end_is_good_and_after_it_is_not(
    timed: TurnServer,
) -> None:
    (good,) = IceServers([timed.timed_url], SECRET, lifetime_s=60).for_server()
    assert (await ask(good)).address.startswith("127.0.0.1:")
    (late,) = IceServers([timed.timed_url], SECRET, lifetime_s=-60).for_server()
    with pytest.raises(IceServerFault, match="compare the secrets and both clocks"):
        await ask(late)


async def test_a_port_that_the_relay_knows_from_before_is_left_for_another(
    static: TurnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mismatch = stun.Message(
        stun.Method.ALLOCATE, stun.Class.ERROR, attributes={"ERROR-CODE": (437, "Mismatched allocation")}
    )
    relayed, tried = probe._relayed, []

    async def known_before(server: RTCIceServer, place: dict[str, object]) -> tuple[str, int]:
        tried.append(server)
        if len(tried) == 1:
            raise stun.TransactionFailed(mismatch)
        return await relayed(server, place)

    monkeypatch.setattr(probe, "_relayed", known_before)
    (relay,) = IceServers([static.static_url]).for_server()
    assert (await ask(relay)).address.startswith("127.0.0.1:")
    assert len(tried) == 2


async def test_a_whep_player_is_told_the_relay_with_credentials_that_work(
    start: Start, timed: TurnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVETALK_TURN_SECRET", SECRET)
    client = await start(ice_servers=[timed.timed_url])
    async with client.post("/sessions", json={}) as response:
        session_id = (await response.json())["data"]["sessionid"]
    player = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    player.addTransceiver("audio", direction="recvonly")
    offer = (await player.createOffer()).sdp
    headers = {"Content-Type": "application/sdp"}
    async with client.post(f"/whep/{session_id}", data=offer, headers=headers) as response:
        assert response.status == 201
        (link,) = response.headers.getall("Link")
    found = re.fullmatch(
        r'<turn:(\S+)>; rel="ice-server"; username="(\d+)"; credential="(\S+)"; credential-type="password"',
        link,
    )
    assert found is not None
    (relay,) = IceServers([f"turn:{found[2]}:{found[3]}@{found[1]}"]).for_server()
    assert (await ask(relay)).address.startswith("127.0.0.1:")
    await player.close()


async def test_credentials_are_told_to_those_alone_who_have_the_token(
    start: Start, timed: TurnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVETALK_TURN_SECRET", SECRET)
    monkeypatch.setenv("LIVETALK_TOKEN", "the-token")
    client = await start(ice_servers=["turn:ann:pass-of-ann@127.0.0.1:9", timed.timed_url])
    for path in ("/config", "/", "/openapi.json", "/healthz"):
        async with client.get(path) as response:
            told = await response.text()
            assert "credential" not in told
            assert "pass-of-ann" not in told
    async with client.get("/config", headers={"Authorization": "Bearer the-token"}) as response:
        assert len((await response.json())["data"]["ice_servers"]) == 2


async def test_a_stun_server_tells_our_address(static: TurnServer) -> None:
    (stun,) = IceServers([f"stun:127.0.0.1:{static.port}"]).for_server()
    assert (await ask(stun)).address.startswith("127.0.0.1:")


async def test_a_certificate_that_nobody_vouches_for_is_named(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    with turn_server(tmp_path, STATIC, tls=True) as server:
        (relay,) = IceServers([f"turns:ann:x@localhost:{server.tls_port}"]).for_server()
        with pytest.raises(IceServerFault, match="its certificate is not accepted"):
            await ask(relay)
