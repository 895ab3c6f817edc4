"""Endpoint: the HTTP side of publishing to a WHIP server (RFC 9725)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, hdrs
from aiortc import RTCIceServer
from yarl import URL

from livetalk.errors import OutputError

ANSWER_LIMIT_S = 10.0
"""how long a server may take for its answer"""
END_LIMIT_S = 1.5
"""how long it may take to hear that we leave"""
ANSWER_LIMIT = 1 << 16
"""bytes of an answer"""
REDIRECTS = 4
"""followed one after the other at most"""
REFUSED_S = 60.0
"""to wait after an answer that will hardly be another one soon"""
LONGEST_RETRY_S = 600.0
"""the longest wait that a server may ask for"""
EXAMPLE = "whip+https://TOKEN@host/path"

_LINK = re.compile(r'<(?P<url>[^>]*)>(?P<rest>(?:[^,"]|"[^"]*")*)')
_PARAMETER = re.compile(r';\s*(?P<name>[\w-]+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^",;\s]*))')


class PublishError(OutputError):
    """A server did not take us on."""

    def __init__(self, message: str, retry_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_s = retry_s
        """when to try again; None where the caller knows best"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to publish."""

    url: URL
    """without the token"""
    token: str | None

    @property
    def name(self) -> str:
        """For people: the host alone, since a path can be as secret as a token."""
        return str(self.url.origin())

    @staticmethod
    def parse(target: str) -> Target:
        """Read `whip+https://TOKEN@host/path`, the token percent-encoded, or without one.

        Raises:
            OutputError: it is nothing like that.
        """
        scheme, _, rest = target.partition("://")
        try:
            url = URL(f"{scheme.lower().removeprefix('whip+')}://{rest}", encoded=True)
            token = None if url.raw_user is None else unquote(url.raw_user)
            plain = url.with_user(None).with_fragment(None)
        except ValueError:
            raise OutputError(f"the target is no URL; it looks like {EXAMPLE}") from None
        if url.scheme not in ("http", "https") or not url.host or url.raw_password is not None:
            raise OutputError(f"the target has to look like {EXAMPLE}, the token percent-encoded")
        if token is not None and not (token.isascii() and token.isprintable()):
            raise OutputError("the target's token may hold printable ASCII characters only")
        return Target(plain, token)


@dataclass(frozen=True, slots=True)
class Published:
    """What a server answered."""

    answer: str
    """SDP"""
    resource: URL | None
    """what to delete at the end; None where the server named nothing that can be"""
    ice_servers: Sequence[RTCIceServer]


class Endpoint:
    """A WHIP server, as one who publishes sees it. The token goes to its host and to no other."""

    def __init__(self, http: ClientSession, target: Target) -> None:
        self._http = http
        self._target = target

    async def publish(self, offer: str) -> Published:
        """Send an offer.

        Raises:
            PublishError: no answer came, or it was no.
        """
        url = self._target.url
        try:
            for _ in range(REDIRECTS):
                async with self._http.post(
                    url,
                    data=offer.encode(),
                    headers=self._headers(url) | {hdrs.CONTENT_TYPE: "application/sdp"},
                    allow_redirects=False,
                    timeout=ClientTimeout(ANSWER_LIMIT_S),
                ) as response:
                    if response.status not in (307, 308):
                        return await self._read(url, response)
                    url = self._redirected(url, response)
        except TimeoutError as error:
            raise PublishError(f"{self._target.name} did not answer within {ANSWER_LIMIT_S:g} s") from error
        except (ClientError, OSError, ValueError) as error:
            raise PublishError(f"{self._target.name} cannot be reached ({type(error).__name__})") from error
        raise PublishError(f"{self._target.name} redirects in a circle", REFUSED_S)

    async def end(self, resource: URL) -> None:
        """Tell the server that we leave.

        Raises:
            PublishError: it was not heard.
        """
        try:
            async with self._http.delete(
                resource,
                headers=self._headers(resource),
                allow_redirects=False,
                timeout=ClientTimeout(END_LIMIT_S),
            ) as response:
                if response.status >= 400 and response.status != 404:
                    raise PublishError(f"{self._target.name} answered {response.status} when told of the end")
        except (ClientError, OSError, TimeoutError) as error:
            raise PublishError(f"{self._target.name} could not be told of the end") from error

    def _headers(self, url: URL) -> dict[str, str]:
        token = self._target.token
        if token is None or url.origin() != self._target.url.origin():
            return {}
        return {hdrs.AUTHORIZATION: f"Bearer {token}"}

    def _redirected(self, url: URL, response: ClientResponse) -> URL:
        there = _located(url, response)
        if there is None or there.scheme not in ("http", "https") or there == url:
            raise PublishError(f"{self._target.name} redirects to nowhere", REFUSED_S)
        if url.scheme == "https" and there.scheme != "https":
            raise PublishError(f"{self._target.name} redirects to where nothing is encrypted", REFUSED_S)
        return there

    async def _read(self, url: URL, response: ClientResponse) -> Published:
        if response.status != 201:
            raise PublishError(*self._refusal(response))
        content = await _body(response)
        if not content.startswith("v=0"):
            raise PublishError(f"{self._target.name} answered with something else than SDP", REFUSED_S)
        resource = _located(url, response)
        if resource is not None:
            resource = resource.with_user(None) if resource.scheme in ("https", url.scheme) else None
        return Published(content, resource, ice_servers(response.headers.getall(hdrs.LINK, [])))

    def _refusal(self, response: ClientResponse) -> tuple[str, float | None]:
        name, status = self._target.name, response.status
        retry_s = _seconds(response.headers.get(hdrs.RETRY_AFTER, ""))
        if status in (401, 403):
            return f"{name} refuses the token ({status}); check it: {EXAMPLE}", retry_s or REFUSED_S
        if status in (404, 405, 410):
            return f"{name} has no WHIP endpoint at that path ({status}); check it", retry_s or REFUSED_S
        if status == 429 or status >= 500:
            return f"{name} has no room or is in trouble ({status})", retry_s
        return f"{name} refuses what is offered ({status})", retry_s or REFUSED_S


def ice_servers(links: Sequence[str]) -> Sequence[RTCIceServer]:
    """The STUN and TURN servers that Link headers name (RFC 9725, 4.6)."""
    servers = []
    for match in (found for link in links for found in _LINK.finditer(link)):
        parameters = {
            each["name"].lower(): each["quoted"] if each["quoted"] is not None else each["bare"]
            for each in _PARAMETER.finditer(match["rest"])
        }
        scheme = match["url"].partition(":")[0].lower()
        if parameters.get("rel") == "ice-server" and scheme in ("stun", "stuns", "turn", "turns"):
            servers.append(
                RTCIceServer(match["url"], parameters.get("username"), parameters.get("credential"))
            )
    return servers


def _located(url: URL, response: ClientResponse) -> URL | None:
    """Where an answer's Location leads; None where it has none that leads to a host."""
    location = response.headers.get(hdrs.LOCATION)
    if not location:
        return None
    try:
        there = url.join(URL(location))
    except ValueError:
        return None
    return there if there.host else None


async def _body(response: ClientResponse) -> str:
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > ANSWER_LIMIT:
            raise PublishError("the server's answer is far too long for SDP", REFUSED_S)
    return content.decode("utf-8", "replace")


def _seconds(retry_after: str) -> float | None:
    if not retry_after.strip().isdecimal():
        return None  # a date, or nothing
    return min(max(1.0, float(retry_after)), LONGEST_RETRY_S)


__all__ = ["Endpoint", "PublishError", "Published", "Target", "ice_servers"]
