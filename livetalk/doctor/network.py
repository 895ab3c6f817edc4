"""The network: the page's port, the ports of sound and picture, our addresses, STUN and TURN servers."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.request
from collections.abc import Sequence

from livetalk.doctor.finding import Finding, Mark
from livetalk.server import options
from livetalk.settings import Settings, is_loopback, parse_ports
from livetalk.transports.webrtc.ice import local_addresses
from livetalk.transports.webrtc.probe import IceAnswer, IceServerFault, ask_each

KNOCK_LIMIT_S = 1.0
TRIED = 2000
"""UDP ports at most"""


def tcp_port(settings: Settings) -> Sequence[Finding]:
    """That the page's port can be listened on."""
    place = f"{settings.host} port {settings.port}"
    if settings.port == 0:
        return [Finding("tcp port", Mark.OK, "any that is free")]
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(address)
                listener.listen()
    except OSError as error:
        if _livetalk_answers(settings):
            todo = "stop it before you start another, or choose another --port"
            return [Finding("tcp port", Mark.WARN, f"a livetalk runs on {place} already", todo)]
        todo = "end what listens there, or choose another --port or --host"
        return [Finding("tcp port", Mark.FAIL, f"{place}: {error.strerror}", todo)]
    return [Finding("tcp port", Mark.OK, f"{place} is free")]


def udp_ports(settings: Settings) -> Sequence[Finding]:
    """That those of the range can be bound, and for how many viewers they are enough."""
    if settings.udp_ports is None:
        return [
            Finding("udp ports", Mark.OK, "any; behind a firewall, name a range: --udp-ports 40000-40100")
        ]
    ports = parse_ports(settings.udp_ports)[:TRIED]
    free = sum(_can_bind(port) for port in ports)
    each = len(local_addresses()) + any(url.startswith("turn") for url in settings.ice_servers)
    found = f"{free} of {len(ports)} in {settings.udp_ports} are free; a viewer takes up to {each}"
    if free == 0:
        return [Finding("udp ports", Mark.FAIL, found, "choose another range, or a wider: --udp-ports")]
    if free < each * settings.max_sessions:
        todo = f"for {settings.max_sessions} sessions widen it to {each * settings.max_sessions} or more"
        return [Finding("udp ports", Mark.WARN, found, todo)]
    return [Finding("udp ports", Mark.OK, found)]


def addresses(settings: Settings) -> Sequence[Finding]:
    """Where viewers are told that sound and picture come from."""
    ours = local_addresses()
    found = ", ".join(ours)
    if is_loopback(settings.host) or not all(is_loopback(each) for each in ours):
        return [Finding("addresses", Mark.OK, found)]
    todo = "connect this machine, or container, to a network; or name a TURN server: --ice-servers"
    return [Finding("addresses", Mark.WARN, f"{found}: only this very machine can be a viewer", todo)]


def ice_servers(settings: Settings) -> Sequence[Finding]:
    """That each answers, and a TURN server relays for us."""
    servers = options.ice_servers(settings)
    findings = [_told(*each) for each in asyncio.run(ask_each(servers))]
    if settings.turn_secret is not None and not servers.need_secret:
        todo = "name a TURN server without credentials: --ice-servers turn:HOST:PORT"
        findings.append(Finding("ice servers", Mark.WARN, "LIVETALK_TURN_SECRET is set, but not used", todo))
    if not findings:
        found = "none; viewers in other networks may need a TURN server (docs/network.md)"
        findings.append(Finding("ice servers", Mark.OK, found))
    return findings


def _told(url: str, answer: IceAnswer | IceServerFault) -> Finding:
    if isinstance(answer, IceServerFault):
        todo = "check its address, port and credentials, and the firewalls between; docs/network.md has more"
        return Finding("ice servers", Mark.FAIL, f"{url}: {answer}", todo)
    does = "relays on" if url.startswith("turn") else "sees us as"
    return Finding("ice servers", Mark.OK, f"{url} {does} {answer.address}, {answer.took_s * 1000:.0f} ms")


def _livetalk_answers(settings: Settings) -> bool:
    """Whether what listens there already is one of us."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=KNOCK_LIMIT_S) as response:
            told = json.loads(response.read(1000))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("code") == 0 and told.get("msg") == "ok"


def _can_bind(port: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as media:
        try:
            media.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


__all__ = ["addresses", "ice_servers", "tcp_port", "udp_ports"]
