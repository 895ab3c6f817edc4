"""One file of the hub, over HTTPS: as much of it as is still lacking.

The hub's own library is not used: it begins a broken download again from nothing, and its faster way
goes past the mirror that HF_ENDPOINT names. The rules of the wire are few: an address for each file and
revision, answered by the file or by a redirect to a store, with size and sum in headers.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from livetalk import __version__
from livetalk.errors import ModelError
from livetalk.models.address import by_proxy, is_address
from livetalk.models.catalogue import Source
from livetalk.models.progress import Watch

ENDPOINT = "https://huggingface.co"
BUSY = (429, 500, 502, 503, 504)
BLOCK = 1 << 20
REASON = 200
"""characters of a foreign reason that are told"""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Published:
    """What the hub says of a file; None is what it does not say."""

    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub, or a mirror of it."""

    endpoint: str = ENDPOINT
    token: str | None = None
    """sent to the endpoint, and not to the stores that it redirects to"""
    timeout_s: float = 30.0
    """how long it may say nothing"""
    pauses_s: tuple[float, ...] = (1.0, 2.0, 5.0)
    """between tries that brought nothing; after the last one it is given up"""
    pause: Callable[[float], None] = time.sleep

    @classmethod
    def from_environment(cls) -> Hub:
        """The hub that HF_ENDPOINT names, with the token of HF_TOKEN.

        Raises:
            ModelError: HF_ENDPOINT is no address, or HF_TOKEN no token.
        """
        endpoint = os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or ENDPOINT
        if not is_address(endpoint):
            raise ModelError(f"HF_ENDPOINT is an address such as https://hf-mirror.com, not {endpoint!r}")
        token = os.environ.get("HF_TOKEN", "").strip()
        if not re.fullmatch("[!-~]*", token):
            raise ModelError("HF_TOKEN is no token: it holds spaces, or letters that no token has")
        return cls(endpoint, token or None)

    def ask(self, source: Source) -> Published:
        """Size and sum of a file.

        Raises:
            ModelError: the hub cannot be reached, or has no such file; says what to do.
        """
        return self._patiently(source, lambda: self._head(source), lambda: 0)

    def fetch(self, source: Source, part: Path, size: int, watch: Watch) -> None:
        """Make `part` whole; what it holds already is not fetched again.

        Raises:
            ModelError: the hub cannot be reached, has no such file, or another one; says what to do.
            OSError: `part` cannot be written.
        """
        self._patiently(source, lambda: self._go_on(source, part, size, watch), lambda: _length(part))

    def _patiently(self, source: Source, step: Callable[[], Result], reached: Callable[[], int]) -> Result:
        """Do it again while it gets further, and a few times where it does not."""
        most, pauses = reached(), iter(self.pauses_s)
        while True:
            try:
                return step()
            except _BrokenOff as error:
                if reached() > most:
                    most, pauses = reached(), iter(self.pauses_s)
                    continue
                pause_s = next(pauses, None)
                if pause_s is None:
                    raise ModelError(
                        f"{source.file} of {source.repo} could not be fetched from {self.endpoint}"
                        f"{by_proxy(self.endpoint)}: {error}; what came so far is kept, call again "
                        "later, or name a mirror in HF_ENDPOINT"
                    ) from error
                self.pause(pause_s)

    def _head(self, source: Source) -> Published:
        try:
            with self._open(source, "HEAD", _FirstWord()) as answer:
                return _published(answer.headers, "Content-Length", "ETag")
        except _Redirected as redirected:
            return _published(redirected.headers, "X-Linked-Size", "X-Linked-Etag")

    def _go_on(self, source: Source, part: Path, size: int, watch: Watch) -> None:
        have = _length(part)
        if have == size:
            return
        if have > size:
            part.unlink()
            have = 0
        with self._open(source, "GET", _Redirects(), have) as answer:
            _check_offer(answer, have, size, source)
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("ab" if answer.status == 206 else "wb") as file:
                while file.tell() < size and (block := self._read(answer)):
                    file.write(block)
                    watch(source.file, file.tell(), size)
        if _length(part) < size:
            raise _BrokenOff("the connection ended early")

    def _open(self, source: Source, method: str, redirects: _Redirects, start: int = 0) -> HTTPResponse:
        url = f"{self.endpoint}/{source.repo}/resolve/{source.revision}/{quote(source.file)}"
        request = Request(url, method=method, headers={"User-Agent": f"livetalk/{__version__}"})
        if start:
            request.add_header("Range", f"bytes={start}-")
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        opener: OpenerDirector = build_opener(redirects)
        try:
            answer: HTTPResponse = opener.open(request, timeout=self.timeout_s)
        except HTTPError as error:
            error.close()
            raise self._refused(error.code, source, url) from error
        except (OSError, HTTPException, ValueError) as error:  # ValueError: an address that cannot be one
            raise _BrokenOff(self._reason(error)) from error
        return answer

    def _read(self, answer: HTTPResponse) -> bytes:
        """What has arrived, so that little is lost when it breaks off."""
        try:
            return answer.read1(BLOCK)
        except (OSError, HTTPException) as error:
            raise _BrokenOff(self._reason(error)) from error

    def _reason(self, error: Exception) -> str:
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, TimeoutError):
            return f"it said nothing for {self.timeout_s:g} s"
        told = repr(str(cause)[:REASON])[1:-1]  # it may be whatever was sent
        return told or type(cause).__name__

    def _refused(self, status: int, source: Source, url: str) -> Exception:
        name = f"{source.file} of {source.repo}"
        if status in BUSY:
            return _BrokenOff(f"it is busy or out of order (HTTP {status})")
        if status in (401, 403):
            return ModelError(f"{name} is refused (HTTP {status}): set HF_TOKEN to a token that may read it")
        if status == 404:
            return ModelError(f"{name} is not at {url}; a mirror in HF_ENDPOINT may lack it")
        return ModelError(f"{name} could not be fetched: {url} answers HTTP {status}")


class _BrokenOff(Exception):
    """It may go on at a further try."""


class _Redirected(Exception):
    def __init__(self, headers: HTTPMessage) -> None:
        super().__init__()
        self.headers = headers


class _Redirects(HTTPRedirectHandler):
    """Takes the token along where the redirect stays on its host."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.unredirected_hdrs.get("Authorization")
        if following is not None and token and _host(newurl) == _host(req.full_url):
            following.add_unredirected_header("Authorization", token)
        return following


class _FirstWord(_Redirects):
    """Stops at the answer that tells of the file: the store behind it knows less."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if headers.get("X-Linked-Etag") or _host(newurl) != _host(req.full_url):
            fp.close()
            raise _Redirected(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _published(headers: HTTPMessage, size_name: str, tag_name: str) -> Published:
    """What these two headers say; the tag of a small file is not its SHA-256."""
    size, tag = headers.get(size_name, ""), headers.get(tag_name, "").strip('"')
    return Published(
        int(size) if size.isdigit() else None, tag if re.fullmatch("[0-9a-f]{64}", tag) else None
    )


def _host(url: str) -> tuple[str, str]:
    return urlsplit(url).scheme, urlsplit(url).netloc


def _check_offer(answer: HTTPResponse, have: int, size: int, source: Source) -> None:
    """Refuse what cannot be the file, or the end of it, before it is written."""
    expected, told = str(size), answer.headers.get("Content-Length")
    if answer.status == 206:
        expected, told = f"bytes {have}-{size - 1}/{size}", answer.headers.get("Content-Range")
    if told not in (expected, None):
        raise ModelError(
            f"what {_host(answer.url)[1]} offers is not {source.file} of {source.repo}: its length is "
            f"{told} instead of {expected}; is a proxy or a login page between?"
        )


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


__all__ = ["ENDPOINT", "Hub", "Published"]
