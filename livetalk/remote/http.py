"""HTTP to a provider: one session of kept connections, bodies as they arrive, failures in plain words."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from livetalk.errors import ProviderError, SettingsError
from livetalk.remote.failures import Endpoint, refused, unreachable
from livetalk.remote.proxies import is_here

PIECE_BYTES = 16 * 1024
"""most that is handed on at once"""
LONGEST_JSON = 64 * 1024 * 1024
MOST_REDIRECTS = 3
UNREACHABLE = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, aiohttp.InvalidURL, ssl.SSLError)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a provider."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = None
    content: bytes | None = None
    form: Callable[[], aiohttp.FormData] | None = None
    """made anew for each attempt"""


class Http:
    """What a plugin's loop asks by, through the proxy of HTTPS_PROXY and HTTP_PROXY, if there is one.

    A 429 that says how long to wait is waited for, once, if it is less than `wait_s`.
    """

    def __init__(self, endpoint: Endpoint, wait_s: float) -> None:
        self.endpoint = endpoint
        self._wait_s = wait_s
        self._session: aiohttp.ClientSession | None = None

    async def stream(self, request: Request) -> AsyncIterator[bytes]:
        """The body, as it arrives.

        Raises:
            ProviderError: it cannot be had, or ended early.
        """
        async with self.answer(request) as response:
            async for content in self.body(response):
                yield content

    async def json(self, request: Request) -> Any:
        """The body as JSON.

        Raises:
            ProviderError: it cannot be had, or is none.
        """
        async with self.answer(request) as response:
            content = b""
            async for piece in self.body(response):
                content += piece
                if len(content) > LONGEST_JSON:
                    raise ProviderError(f"{self.endpoint.name} sent too much", retryable=False)
            try:
                return await asyncio.to_thread(json.loads, content)
            except ValueError as error:
                raise ProviderError(
                    f"{self.endpoint.name} sent no JSON; {self.endpoint.check_url(request.url)}",
                    retryable=False,
                ) from error

    @asynccontextmanager
    async def answer(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """A good answer, before its body, for those who look at its headers.

        Raises:
            ProviderError: it cannot be had.
        """
        response = await self._ask_politely(request)
        try:
            yield response
        finally:
            if response.content.at_eof():
                response.release()
            else:
                response.close()

    async def body(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        """The pieces of an answer's body as they arrive.

        Raises:
            ProviderError: it ended early.
        """
        try:
            async for content in response.content.iter_any():
                for start in range(0, len(content), PIECE_BYTES):
                    yield content[start : start + PIECE_BYTES]
        except UNREACHABLE as error:
            raise ProviderError(f"{self.endpoint.name} broke off its answer", retryable=True) from error

    async def close(self) -> None:
        """Close the connections; another call opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask_politely(self, request: Request) -> aiohttp.ClientResponse:
        response = await self._ask(request)
        if response.status == 429:
            pause_s = _retry_after_s(response.headers.get("Retry-After", ""))
            if pause_s is not None and pause_s < self._wait_s:
                response.close()
                await asyncio.sleep(pause_s)
                response = await self._ask(request)
        if response.status >= 300:
            try:
                text = await _beginning(response)
            finally:
                response.close()
            raise refused(self.endpoint, request.url, response.status, text)
        return response

    async def _ask(self, request: Request) -> aiohttp.ClientResponse:
        """The answer to a request, also where the server has moved it to another path."""
        url = request.url
        for _ in range(MOST_REDIRECTS):
            response = await self._send(request, url)
            location = response.headers.get("Location", "")
            if response.status not in (301, 302, 303, 307, 308) or not location:
                return response
            there = urljoin(url, location)
            response.close()
            if _origin(there) != _origin(url) or (response.status < 307 and request.method != "GET"):
                raise ProviderError(
                    f"{self.endpoint.name} is not at {_origin(url)} but at {self.endpoint.hide(there)}; "
                    f"set {self.endpoint.url_setting} to where it is",
                    retryable=False,
                )
            url = there
        raise ProviderError(
            f"{self.endpoint.name} leads from one address to the next; {self.endpoint.check_url(url)}",
            retryable=False,
        )

    async def _send(self, request: Request, url: str) -> aiohttp.ClientResponse:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None),  # the caller's patience is the limit
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=not is_here(url),
            )
        try:
            return await self._session.request(
                request.method,
                url,
                headers=request.headers,
                params=request.query if url == request.url else None,
                json=request.json,
                data=request.content if request.form is None else request.form(),
                allow_redirects=False,
            )
        except UNREACHABLE as error:
            raise unreachable(self.endpoint, url, error) from error
        except ValueError as error:  # a header with a line break, an address that is none
            raise ProviderError(
                f"{self.endpoint.name} cannot be asked: {self.endpoint.hide(str(error))}", retryable=False
            ) from error


def checked_url(setting: str, url: str) -> str:
    """A server's address without a slash at its end.

    Raises:
        SettingsError: it is none.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(each.isspace() for each in url):
        raise SettingsError(f"{setting}: {url!r} is no address; one looks like http://127.0.0.1:8880")
    return url.rstrip("/")


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """The first characters of an error's body, "" where it cannot be read."""
    try:
        content = await response.content.read(2_000)
    except (aiohttp.ClientError, OSError):
        return ""
    return content.decode("utf-8", "replace")


def _retry_after_s(value: str) -> float | None:
    """Seconds of a Retry-After, which is a number or a date (RFC 9110, 10.2.3)."""
    if value.strip().isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - time.time())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


__all__ = ["Http", "Request", "checked_url"]
