"""The STUN and TURN servers of the settings, with credentials that are fresh whenever they are asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiortc import RTCIceServer

from livetalk.errors import SettingsError

LIFETIME_S = 4 * 3600.0
"""of credentials made of a shared secret"""
FORMS = "stun:HOST:PORT, turn:USER:SECRET@HOST:PORT, or turns: with either, ?transport=tcp behind it"
_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):"
    r"((?P<user>[^:@\x00-\x20]+):(?P<secret>[^\x00-\x1f]+)@)?"
    r"(?P<host>[A-Za-z0-9_.-]+)(:(?P<port>\d{1,5}))?(\?transport=(?P<transport>udp|tcp))?"
)


@dataclass(frozen=True, slots=True)
class _Server:
    url: str
    """as browsers take it, no credentials in it"""
    user: str | None
    secret: str | None

    @property
    def relays(self) -> bool:
        return self.url.startswith("turn")


class IceServers:
    """Hands the servers out to whoever connects.

    A turn: URL that brings no credentials gets a user name and a password that hold for some hours, made of
    the secret that is shared with the TURN server: the name is the Unix time at which they end, the password
    base64(HMAC-SHA1(secret, name)) (draft-uberti-behave-turn-rest-00, section 2.2).
    """

    def __init__(
        self,
        urls: Sequence[str] = (),
        secret: str | None = None,
        lifetime_s: float = LIFETIME_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Read them.

        Raises:
            SettingsError: one is malformed, or is a TURN server without credentials; the message hides those.
        """
        self._servers = [_read(url) for url in urls]
        self._secret = secret
        self._lifetime_s = lifetime_s
        self._clock = clock
        for server in self._servers:
            if server.relays and server.user is None and secret is None:
                raise SettingsError(
                    f"ice_servers: {server.url} has no credentials; write turn:USER:SECRET@HOST:PORT, or set "
                    "LIVETALK_TURN_SECRET to the secret that it makes them from"
                )

    @property
    def need_secret(self) -> bool:
        """Whether any of them takes credentials that are made of the shared secret."""
        return any(server.relays and server.user is None for server in self._servers)

    def for_server(self) -> list[RTCIceServer]:
        """For a connection of ours, which uses the first STUN and the first TURN server among them."""
        return [
            RTCIceServer(server.url, username=user, credential=secret)
            for server, (user, secret) in self._with_credentials()
        ]

    def for_browser(self) -> list[dict[str, str]]:
        """As RTCPeerConnection takes them."""
        return [
            {"urls": server.url}
            if user is None or secret is None
            else {"urls": server.url, "username": user, "credential": secret}
            for server, (user, secret) in self._with_credentials()
        ]

    def for_output(self) -> list[str]:
        """As URLs that this class reads again, for outputs that connect by themselves."""
        return [
            server.url if user is None else server.url.replace(":", f":{user}:{secret}@", 1)
            for server, (user, secret) in self._with_credentials()
        ]

    def link_headers(self) -> list[str]:
        """Values of Link headers that hand them to a WHEP or WHIP client (RFC 9725, 4.6)."""
        return [
            f'<{server.url}>; rel="ice-server"'
            if user is None or secret is None
            else f'<{server.url}>; rel="ice-server"; username={_quoted(user)}; credential={_quoted(secret)}; '
            'credential-type="password"'
            for server, (user, secret) in self._with_credentials()
        ]

    def _with_credentials(self) -> list[tuple[_Server, tuple[str | None, str | None]]]:
        made: tuple[str | None, str | None] = (None, None)
        if self._secret is not None:
            made = _timed(self._secret, int(self._clock() + self._lifetime_s))
        return [
            (server, made if server.relays and server.user is None else (server.user, server.secret))
            for server in self._servers
        ]


def ice_server(url: str) -> RTCIceServer:
    """What `stun:HOST:PORT`, or `turn:USER:SECRET@HOST:PORT`, names.

    Raises:
        SettingsError: it is neither.
    """
    return IceServers([url]).for_server()[0]


def first_relay(servers: Sequence[RTCIceServer]) -> RTCIceServer | None:
    """The TURN server that a connection of ours uses."""
    return next((server for server in servers if str(server.urls).startswith("turn")), None)


def _read(url: str) -> _Server:
    match = _URL.fullmatch(url)
    if match is None:
        problem = "an IPv6 address cannot be used; give its name" if "[" in url else f"it is no {FORMS}"
        raise _refused(url, problem)
    stun = match["scheme"].startswith("stun")
    if stun and (match["transport"] or match["user"]):
        raise _refused(url, "a STUN server takes neither credentials nor ?transport")
    if match["scheme"] == "turns" and match["transport"] == "udp":
        raise _refused(url, "turns: goes over TCP; leave ?transport=udp away")
    if match["port"] and not 0 < int(match["port"]) < 1 << 16:
        raise _refused(url, "a port is 1 to 65535")
    return _Server(f"{match['scheme']}:{url[match.start('host') :]}", match["user"], match["secret"])


def _refused(url: str, problem: str) -> SettingsError:
    scheme, credentials, place = url.partition(":")[0], *url.rpartition("@")[1:]
    shown = f"{scheme}:...@{place}" if credentials else url
    return SettingsError(f"ice_servers: {shown!r}: {problem}")


def _timed(secret: str, until: int) -> tuple[str, str]:
    """User name and password that hold until a moment of Unix time."""
    digest = hmac.new(secret.encode(), str(until).encode(), hashlib.sha1).digest()
    return str(until), base64.b64encode(digest).decode("ascii")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


__all__ = ["LIFETIME_S", "IceServers", "first_relay", "ice_server"]
