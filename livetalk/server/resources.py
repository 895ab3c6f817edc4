"""What WHIP (RFC 9725) and WHEP (its draft for watching) ask of HTTP: an SDP posted, a resource made of it.

A client posts an offer and is answered 201, with the answer as body and the resource's place in Location. The
resource takes trickled candidates by PATCH and ends by DELETE; all other methods on it are kept for later
versions and answered 405.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from livetalk.errors import (
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unprocessable,
    UnsupportedMedia,
)

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
SDP_LIMIT = 200_000
"""bytes"""


async def read_offer(request: web.Request) -> str:
    """The SDP that was posted.

    Raises:
        UnsupportedMedia: it is of another content type.
        TooLarge: it is no SDP of this world.
    """
    return await _read(request, SDP)


def etag(resource_id: str) -> str:
    """Names a resource's one ICE session, as ETag and If-Match carry it; there are no restarts."""
    return f'"{resource_id[:16]}"'


def created(answer: str, endpoint: str, resource_id: str, links: Sequence[str]) -> web.Response:
    """201: the answer, where its resource is, and which STUN and TURN servers there are."""
    response = web.Response(status=201, text=answer, content_type=SDP)
    response.headers.update(
        {"Location": f"{endpoint}/{resource_id}", "ETag": etag(resource_id), "Accept-Patch": FRAGMENT}
    )
    for link in links:
        response.headers.add("Link", link)
    return response


async def read_fragment(request: web.Request, resource_id: str) -> str:
    """The SDP fragment that a PATCH brings for a resource.

    Raises:
        UnsupportedMedia: it is of another content type.
        PreconditionRequired, PreconditionFailed: If-Match is missing, or names another session.
        Unprocessable: it asks for an ICE restart.
    """
    match = request.headers.get("If-Match")
    text = await _read(request, FRAGMENT)
    if match is None:
        raise PreconditionRequired("send the ETag of the answer as If-Match")
    if match.strip() == "*":
        raise Unprocessable("ICE restarts are not offered; connect again")
    if etag(resource_id) not in [each.strip() for each in match.split(",")]:
        raise PreconditionFailed("that ICE session is over; If-Match must carry the ETag of the answer")
    return text


async def options(_request: web.Request) -> web.Response:
    """What may be posted, for clients that ask before."""
    return web.Response(status=204, headers={"Accept-Post": SDP, "Accept-Patch": FRAGMENT})


async def _read(request: web.Request, content_type: str) -> str:
    if request.content_type != content_type:
        raise UnsupportedMedia(f"send it as Content-Type: {content_type}")
    content = await request.content.read(SDP_LIMIT + 1)
    while len(content) <= SDP_LIMIT and (more := await request.content.read(SDP_LIMIT)):
        content += more
    if len(content) > SDP_LIMIT:
        raise TooLarge(f"an SDP may have {SDP_LIMIT} bytes")
    return content.decode("utf-8", "replace")


__all__ = [
    "created",
    "etag",
    "options",
    "read_fragment",
    "read_offer",
]
