"""Who may call: Host and Origin are checked, a token is demanded off loopback, errors stay plain."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from livetalk.errors import (
    AvatarError,
    Forbidden,
    LivetalkError,
    RequestError,
    TooLarge,
    Unauthorized,
    UnfitAvatar,
)

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""told to anybody: a load balancer carries no token"""
PUBLIC_PATHS = frozenset({"/", "/avatars"})
PUBLIC_PREFIXES = ("/js/", "/css/", "/favicon.svg")
"""the pages themselves, which have to load before they can ask for the token"""

FAILED = "the server failed on this request; its log says more"
FAILED_AVATAR = "this avatar cannot be opened, it is damaged; the server's log says more"
CONFLICT = 409
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def error_response(status: int, message: str, retry_after_s: int | None = None) -> web.Response:
    """The body that every error has, under its true status."""
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s is not None else {}
    return web.json_response({"code": status, "msg": message, "data": None}, status=status, headers=headers)


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure is an answer that says what to do; nothing of our inside is shown."""
    try:
        response = await handler(request)
    except RequestError as error:
        response = error_response(error.status, str(error), error.retry_after_s)
    except web.HTTPRequestEntityTooLarge:
        response = error_response(
            TooLarge.status, "the upload is larger than this server takes (upload_limit_mb)"
        )
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = error_response(error.status, error.reason)
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    except UnfitAvatar as error:
        response = error_response(CONFLICT, str(error))
    except AvatarError as error:
        logger.error("%s failed: %s", request.path, error)
        response = error_response(500, FAILED_AVATAR)
    except LivetalkError as error:
        logger.error("%s failed: %s", request.path, error)
        response = error_response(500, FAILED)
    except ConnectionError:
        if request.transport is not None and not request.transport.is_closing():
            raise
        logger.debug("%s: the client left before it was answered", request.path)
        response = web.Response()  # which nobody gets
    except TimeoutError:
        raise
    except Exception:
        logger.exception("%s failed", request.path)
        response = error_response(500, FAILED)
    return response


class Gate:
    """Lets in who may come: no foreign Origin, and the token; without a token, only our own Host names.

    The names keep out a page that points its own name at this machine (DNS rebinding); a token does
    that by itself.
    """

    def __init__(
        self,
        hosts: Collection[str],
        origins: Collection[str],
        token: str | None,
        admits: Callable[[web.Request], bool] = lambda _request: False,
    ) -> None:
        """`admits` tells which requests need no token, for they bring a right of their own."""
        self._hosts = {host.lower() for host in hosts}
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._token = token
        self._admits = admits

    @property
    def needs_token(self) -> bool:
        """Whether callers must send the bearer token."""
        return self._token is not None

    def middleware(self) -> Middleware:
        """For the application's list."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path in OPEN_PATHS:
                return await handler(request)
            self._check_host(request)
            origin = self._check_origin(request)
            if request.method == "OPTIONS":  # browsers ask before they send the token
                routed = request.match_info.http_exception is None
                return await handler(request) if routed or origin is None else web.Response(status=204)
            self._check_token(request)
            return await handler(request)

        return gate

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """What every answer carries, errors and streams too; for the application's signal."""
        response.headers.update(HEADERS)
        origin = request.headers.get("Origin", "")
        if origin.lower() in self._origins:
            response.headers.update(
                {
                    "Access-Control-Allow-Origin": origin,
                    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
                    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
                    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After, Accept-Patch",
                    "Vary": "Origin",
                }
            )

    def _check_host(self, request: web.Request) -> None:
        if not self.needs_token and _hostname(request.headers.get("Host", "")) not in self._hosts:
            raise Forbidden("this server does not answer to that Host name; list it in allowed_hosts")

    def _check_origin(self, request: web.Request) -> str | None:
        origin = request.headers.get("Origin")
        if origin is None:
            return None
        if origin.lower() in self._origins:
            return origin
        if _netloc(origin) != request.headers.get("Host", "").lower():
            raise Forbidden("pages of that origin may not call this server; list it in cors_origins")
        return None

    def _check_token(self, request: web.Request) -> None:
        public = request.path in PUBLIC_PATHS or request.path.startswith(PUBLIC_PREFIXES)
        if self._token is None or public:
            return
        if self._admits(request):
            return
        sent = _sent_token(request).encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent, self._token.encode()):
            raise Unauthorized("send the server's token as Authorization: Bearer TOKEN")


def _sent_token(request: web.Request) -> str:
    """The token that came along; a browser's WebSocket can send it as the protocol bearer.TOKEN alone."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given
    offered = (each.strip() for each in request.headers.get("Sec-WebSocket-Protocol", "").split(","))
    return next((each.removeprefix("bearer.") for each in offered if each.startswith("bearer.")), "")


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
