"""The cookie that binds a simple client to its session; it is never the session's id."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from livetalk.errors import Forbidden

NAME = "livetalk_session"
_ISSUED: Any = web.RequestKey("issued", str) if hasattr(web, "RequestKey") else "livetalk.issued"


def given(request: web.Request) -> str:
    """What a request brings, "" for none."""
    return request.cookies.get(NAME, "")


def issue(request: web.Request, value: str) -> None:
    """Send it with whatever this request is answered, an error too."""
    request[_ISSUED] = value  # the request, not the task: a connection's requests may share that


async def add_issued(request: web.Request, response: web.StreamResponse) -> None:
    """For the application's signal, which all answers pass."""
    value = request.get(_ISSUED)
    if value is None:
        return
    cookie: SimpleCookie = SimpleCookie({NAME: value})
    morsel = cookie[NAME]
    morsel["path"], morsel["samesite"], morsel["httponly"] = "/", "Strict", True
    morsel["secure"] = _behind_https(request)
    response.headers.add(hdrs.SET_COOKIE, morsel.OutputString())


def check_own(request: web.Request) -> None:
    """Refuse what another site's page asks for by a link, a picture or a frame.

    An Origin is sent by scripts, and was checked before; a program sends neither header.

    Raises:
        Forbidden: it does.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in ("none", "same-origin") and hdrs.ORIGIN not in request.headers:
        raise Forbidden("another site's page asked for this; ask from this server's own, or from a program")


def _behind_https(request: web.Request) -> bool:
    """Whether the browser speaks HTTPS, to us or to a proxy before us."""
    forwarded = request.headers.get(hdrs.X_FORWARDED_PROTO, "").partition(",")[0].strip()
    origin = request.headers.get(hdrs.ORIGIN, "")  # checked before to be our own, or a listed one
    return "https" in (request.scheme, forwarded.lower(), urlsplit(origin).scheme)


__all__ = ["NAME", "add_issued", "check_own", "given", "issue"]
