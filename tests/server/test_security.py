from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, web
from aiohttp.test_utils import TestClient, TestServer

from livetalk.server.app import build
from livetalk.server.security import plain_errors
from livetalk.settings import Settings
from tests.server.conftest import Client, FakeService, Start, until, within


async def status(client: Client, path: str = "/config", method: str = "GET", **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.request(method, path, headers=sent) as response:
        return response.status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8010", "127.0.0.1.evil.example", "", "["])
async def test_a_foreign_host_name_is_refused(client: Client, host: str) -> None:
    assert await status(client, Host=host) in (400, 403)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1:1", "LOCALHOST", "[::1]:1"])
async def test_our_own_names_are_answered(client: Client, host: str) -> None:
    assert await status(client, Host=host) == 200


async def test_a_host_name_that_was_listed_is_answered(start: Start) -> None:
    client = await start(allowed_hosts=("talk.example",))
    assert await status(client, Host="talk.example") == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://[::1", "\udcff"]
)
async def test_a_foreign_origin_is_refused(client: Client, origin: str) -> None:
    assert await status(client, Origin=origin) == 403


async def test_the_pages_own_origin_is_welcome(client: Client) -> None:
    own = str(client.make_url("/")).rstrip("/")
    assert await status(client, Origin=own) == 200


async def test_a_listed_origin_gets_the_cors_headers_and_others_none(start: Start) -> None:
    client = await start(cors_origins=("https://shop.example",))
    async with client.options("/human", headers={"Origin": "https://shop.example"}) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    async with client.get("/sse?sessionid=0", headers={"Origin": "https://shop.example"}) as response:
        assert response.status == 404
        assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    async with client.get("/config") as response:
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_with_a_token_every_api_call_needs_it(start: Start) -> None:
    client = await start(token="secret", host="0.0.0.0")
    for path in (
        "/config",
        "/metrics",
        "/sse?sessionid=0",
        "/openapi.json",
        "/avatars/fake/thumbnail",
        "/api/avatars",
    ):
        assert await status(client, path) == 401, path
        assert await status(client, path, Authorization="Bearer wrong") == 401
        assert await status(client, path, Authorization="Basic secret") == 401
        assert await status(client, path, Authorization="Bearer \udcff") == 401
    assert await status(client, Authorization="Bearer secret") == 200
    assert await status(client, Authorization="bearer secret", Host="talk.example") == 200


async def test_with_a_token_the_page_and_the_health_are_still_open(start: Start) -> None:
    client = await start(token="secret")
    for path in ("/", "/avatars", "/healthz", "/readyz", "/css/base.css", "/js/room/main.js"):
        assert await status(client, path) == 200, path
    assert await status(client, "/human", "POST") == 401


async def test_errors_show_nothing_of_the_inside(client: Client) -> None:
    async with client.get("/no/such%00page") as response:
        body = await response.json()
    assert body["code"] == response.status
    assert "Traceback" not in body["msg"]


async def test_a_client_that_leaves_in_the_middle_is_no_error(
    service: FakeService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    head = "POST /human HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 99"
    runner = web.AppRunner(build(Settings(cache_dir=tmp_path), service))  # TestServer's would cancel it
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write("\r\n".join((*head, "Expect: 100-continue", "", "")).encode())
        assert b" 100 " in await within(reader.readline()), "it waits for the rest"
        writer.close()
        await until(lambda: "/human: the client left" in caplog.text)
    finally:
        await runner.cleanup()
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_client_that_leaves_while_it_is_answered_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def answered_too_late(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        raise ConnectionResetError("Cannot write to closing transport")

    app = web.Application(middlewares=[plain_errors])
    app.router.add_get("/", answered_too_late)
    async with TestClient(TestServer(app)) as client:
        with pytest.raises(ClientConnectionError):
            await client.get("/")
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
