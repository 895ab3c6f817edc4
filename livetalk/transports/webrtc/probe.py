"""Asks a STUN or TURN server what a connection would ask it, and says in words why it does not work."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import cast

from aioice import stun, turn
from aiortc import RTCIceServer
from aiortc.rtcicetransport import parse_stun_turn_uri

from livetalk.transports.webrtc.ice_servers import IceServers

LIMIT_S = 3.0
"""how long a server may take"""

MISMATCH = 437

_REFUSED = {
    401: "it refuses the user name or password; with a shared secret, compare the secrets and both clocks",
    403: "it forbids us to use it",
    MISMATCH: "it holds an allocation of our address and port from before, for ten minutes at most",
    438: "it calls our nonce stale",
    441: "it refuses the user name or password",
    486: "the user has as many allocations as its quota allows",
    508: "it has no port left to relay on",
}
"""STUN error code -> what it means for people"""


class IceServerFault(Exception):
    """A server does not do its work; the message says why."""


@dataclass(frozen=True, slots=True)
class IceAnswer:
    """What a server that works said."""

    address: str
    """ours as it sees us, or the one it relays on"""
    took_s: float


async def ask(server: RTCIceServer, limit_s: float = LIMIT_S) -> IceAnswer:
    """Have a STUN server tell our address, or a TURN server relay for a moment.

    Raises:
        IceServerFault: it does not.
    """
    began = asyncio.get_running_loop().time()
    place = parse_stun_turn_uri(str(server.urls))
    relays = place["scheme"] in ("turn", "turns")
    try:
        asked = _relayed_anew(server, place) if relays else _mapped(place["host"], place["port"])
        host, port = await asyncio.wait_for(asked, limit_s)
    except TimeoutError as error:
        over = (place.get("transport") or "udp").upper()
        raise IceServerFault(
            f"no answer over {over} within {limit_s:g} s: nothing listens there, or a firewall drops it"
        ) from error
    except stun.TransactionFailed as error:
        code, words = error.response.attributes.get("ERROR-CODE", (0, ""))
        raise IceServerFault(f"{_REFUSED.get(code, 'it refuses')} ({code} {words})") from error
    except stun.TransactionError as error:
        raise IceServerFault(str(error)) from error
    except socket.gaierror as error:
        raise IceServerFault(f"its name {place['host']!r} leads nowhere ({error.strerror})") from error
    except ssl.SSLError as error:
        raise IceServerFault(f"its certificate is not accepted ({error.reason or error})") from error
    except OSError as error:
        raise IceServerFault(f"it cannot be reached ({error.strerror or error})") from error
    shown = f"[{host}]" if ":" in host else host
    return IceAnswer(f"{shown}:{port}", asyncio.get_running_loop().time() - began)


async def ask_each(servers: IceServers) -> list[tuple[str, IceAnswer | IceServerFault]]:
    """Ask all of them at once: URL, and what it said or why it does not work.

    A stuns: server is for browsers alone, and left out.
    """

    async def one(server: RTCIceServer) -> tuple[str, IceAnswer | IceServerFault]:
        try:
            return str(server.urls), await ask(server)
        except IceServerFault as fault:
            return str(server.urls), fault

    ours = [server for server in servers.for_server() if not str(server.urls).startswith("stuns:")]
    return await asyncio.gather(*(one(server) for server in ours))


class _Asker(asyncio.DatagramProtocol):
    """Sends one request at a time, and hears the answers."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.transaction: tuple[bytes, stun.Transaction] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self.closed.set()

    def send_stun(self, message: stun.Message, _address: tuple[str, int]) -> None:
        """For `stun.Transaction`."""
        if self._transport is not None:
            self._transport.sendto(bytes(message))

    def datagram_received(self, packet: bytes, address: tuple[str, int]) -> None:
        try:
            message = stun.parse_message(packet)
        except ValueError:
            return
        if self.transaction is not None and message.transaction_id == self.transaction[0]:
            self.transaction[1].response_received(message, address)


async def _mapped(host: str, port: int) -> tuple[str, int]:
    loop = asyncio.get_running_loop()
    transport, asker = await loop.create_datagram_endpoint(_Asker, remote_addr=(host, port))
    try:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        transaction = stun.Transaction(request, (host, port), asker)
        asker.transaction = (request.transaction_id, transaction)
        answer, _ = await transaction.run()
        return cast(tuple[str, int], answer.attributes["XOR-MAPPED-ADDRESS"])
    finally:
        transport.close()


async def _relayed_anew(server: RTCIceServer, place: dict[str, object]) -> tuple[str, int]:
    """From another port where the first one is known there from an earlier connection (RFC 8656, 7.4)."""
    try:
        return await _relayed(server, place)
    except stun.TransactionFailed as error:
        if error.response.attributes.get("ERROR-CODE", (0, ""))[0] != MISMATCH:
            raise
        return await _relayed(server, place)


async def _relayed(server: RTCIceServer, place: dict[str, object]) -> tuple[str, int]:
    transport, asker = await turn.create_turn_endpoint(
        _Asker,
        server_addr=(cast(str, place["host"]), cast(int, place["port"])),
        username=server.username,
        password=server.credential,
        ssl=place["scheme"] == "turns",
        transport=cast(str, place["transport"]),
    )
    address = cast(tuple[str, int], transport.get_extra_info("sockname"))
    transport.close()  # gives the allocation back
    await asker.closed.wait()
    return address


__all__ = ["LIMIT_S", "IceAnswer", "IceServerFault", "ask", "ask_each"]
