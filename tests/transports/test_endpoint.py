"""A WHIP server's answers over HTTP, of which some are odd; publishing for real is in test_whip."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from livetalk.transports.webrtc.endpoint import Endpoint, PublishError, Target


@asynccontextmanager
async def answering(
    status: int, headers: Mapping[str, str], body: str = "v=0\r\n"
) -> AsyncIterator[Endpoint]:
    """An endpoint that says that, whatever it is asked."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers, text=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, ClientSession() as http:
        yield Endpoint(http, Target.parse(f"whip+http://secret@127.0.0.1:{server.port}/whip"))


@pytest.mark.parametrize(
    "location", ["http://[::1", "http://host:port/", "file:///etc/passwd", "mailto:a@b", ""]
)
async def test_a_location_that_leads_nowhere_is_not_followed_and_the_answer_taken(location: str) -> None:
    async with answering(201, {"Location": location}) as endpoint:
        published = await endpoint.publish("v=0\r\n")
    assert published.answer == "v=0\r\n"
    assert published.resource is None


@pytest.mark.parametrize("location", ["http://[::1", "http://host:port/", "file:///etc/passwd", ""])
async def test_a_redirect_that_leads_nowhere_is_told_as_that(location: str) -> None:
    async with answering(307, {"Location": location}) as endpoint:
        with pytest.raises(PublishError, match="redirects to nowhere") as refused:
            await endpoint.publish("v=0\r\n")
    assert refused.value.retry_s
