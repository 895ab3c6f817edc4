"""ICE as a server needs it: an answer at once, on any machine, on the ports it was given."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from typing import Any

from aioice import Candidate, Connection, stun
from aioice.ice import CandidatePair, StunProtocol, get_host_addresses

from livetalk.transports.webrtc.ice_servers import IceServers, ice_server

LOOPBACK = "127.0.0.1"
GATHER_LIMIT_S = 2
"""how long a STUN or TURN server may take before the answer goes without its candidate"""


def local_addresses() -> list[str]:
    """This machine's addresses, as viewers are told them."""
    return get_host_addresses(use_ipv4=True, use_ipv6=True) or [LOOPBACK]


def prepare(connection: Connection) -> None:
    """Let a connection gather on loopback where nothing else is, not for long, and connect without delay."""
    gather = connection.get_component_candidates

    async def gather_here(component: int, addresses: list[str], timeout: int = 0) -> list[Candidate]:
        return await gather(component, addresses or [LOOPBACK], timeout=GATHER_LIMIT_S)

    connection.get_component_candidates = gather_here  # type: ignore[method-assign]
    _ask_again_when_asked(connection)


def _ask_again_when_asked(connection: Connection) -> None:
    """Have a check that was not answered sent again when one comes the other way (RFC 8445, 7.3.1.4).

    Our first check is often lost: a relay, or NAT, lets nothing in before the other side sent something out.
    aioice would send it again after half a second only.
    """
    build, check = connection.build_request, connection.check_incoming
    asked: dict[tuple[StunProtocol, tuple[str, int]], stun.Message] = {}

    def build_and_keep(pair: CandidatePair, nominate: bool) -> stun.Message:
        asked[pair.protocol, pair.remote_addr] = request = build(pair, nominate)
        return request

    def check_and_ask(message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        check(message, addr, protocol)
        request = asked.get((protocol, addr))
        if request is not None and request.transaction_id in protocol.transactions:
            protocol.send_stun(request, addr)

    connection.build_request = build_and_keep  # type: ignore[method-assign]
    connection.check_incoming = check_and_ask  # type: ignore[method-assign]


def bind_within(loop: asyncio.AbstractEventLoop, ports: range) -> None:
    """Make a loop's UDP sockets that ask for any port take one of `ports`, those to TURN servers too.

    aioice binds to port 0, or leaves binding to the system, and has no setting for a range.
    """
    create: Callable[..., Any] = loop.create_datagram_endpoint

    async def create_within(
        factory: Any, local_addr: Any = None, remote_addr: Any = None, **options: Any
    ) -> Any:
        if local_addr is None and remote_addr is not None:
            remote_addr, local_addr = await _way_to(loop, remote_addr)
        if local_addr is None or local_addr[1] != 0:
            return await create(factory, local_addr=local_addr, remote_addr=remote_addr, **options)
        for port in random.sample(ports, len(ports)):
            try:
                return await create(
                    factory, local_addr=(local_addr[0], port), remote_addr=remote_addr, **options
                )
            except OSError:
                continue
        raise OSError(f"all UDP ports from {ports[0]} to {ports[-1]} are taken; widen udp_ports")

    loop.create_datagram_endpoint = create_within  # type: ignore[method-assign,assignment]


async def _way_to(loop: asyncio.AbstractEventLoop, remote: tuple[str, int]) -> tuple[Any, tuple[str, int]]:
    """The address of a host and port, and the one to bind to in order to reach it: any of its family's."""
    found = await loop.getaddrinfo(*remote, type=socket.SOCK_DGRAM)
    family, *_, address = found[0]
    return address[:2], ("::" if family == socket.AF_INET6 else "0.0.0.0", 0)


def without_mdns(sdp: str) -> str:
    """Leave out candidates whose host is an mDNS name.

    Browsers hide their addresses behind such names; to look one up takes a second, and where
    multicast is blocked it never answers. It is not needed: the browser's own checks reach us, and
    ICE learns its address from them. The list is then left open, since more is to come that way.
    """
    lines = sdp.splitlines()
    kept = [line for line in lines if not (line.startswith("a=candidate:") and ".local " in line)]
    if len(kept) < len(lines):
        kept = [line for line in kept if line != "a=end-of-candidates"]
    return "\r\n".join(kept) + "\r\n"


__all__ = ["IceServers", "bind_within", "ice_server", "local_addresses", "prepare", "without_mdns"]
