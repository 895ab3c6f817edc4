"""The routes that callers speak by, and those beside them."""

from __future__ import annotations

import asyncio
import json

import pytest
from jsonschema import Draft202012Validator

from livetalk.assets import asset
from livetalk.errors import RequestError
from livetalk.server.app import PAGE_FILES, PAGES
from livetalk.server.openapi import describe
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Viewer, until, within


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"sessionid": 5, "text": "a", "type": "echo"}',
        b'{"sessionid": "x", "type": "echo"}',
        b'{"sessionid": "x", "text": "a", "type": "sing"}',
        b'{"sessionid": "x", "text": "a", "type": "echo", "interrupt": "perhaps"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"sessionid": "x", "text": "a", "type": "echo", "own": NaN}',
        b'{"sessionid": "x", "text": "a", "type": "echo", "own": -1e999}',
    ],
)
async def test_a_malformed_body_is_a_400_that_says_why(client: Client, body: bytes) -> None:
    given, said = await answer(client, "/human", data=body, headers={"Content-Type": "application/json"})
    assert given == said["code"] == 400
    assert said["msg"]


async def test_a_body_that_is_too_long_to_parse_is_a_413(client: Client) -> None:
    body = json.dumps({"sessionid": "x", "text": "a", "type": "echo", "own": "a" * (1 << 20)}).encode()
    given, said = await answer(client, "/human", data=body, headers={"Content-Type": "application/json"})
    assert given == said["code"] == 413


async def test_a_body_that_is_not_called_json_is_refused(client: Client) -> None:
    text = json.dumps({"sessionid": "x"})
    given, said = await answer(client, "/interrupt_talk", data=text, headers={"Content-Type": "text/plain"})
    assert given == said["code"] == 415


@pytest.mark.parametrize("path", ["/human", "/interrupt_talk", "/is_speaking"])
async def test_an_unknown_session_is_a_404(client: Client, path: str) -> None:
    given, said = await answer(client, path, json={"sessionid": "0", "text": "a", "type": "echo"})
    assert given == said["code"] == 404


@pytest.mark.parametrize("sdp", ["", "v=0", "not sdp at all", "v=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\n"])
async def test_a_broken_offer_is_a_400_and_takes_no_session(
    client: Client, service: FakeService, sdp: str
) -> None:
    for _ in range(5):
        given, said = await answer(client, "/offer", json={"sdp": sdp, "type": "offer"})
        assert given == said["code"] == 400
        assert "offer" in said["msg"]
    assert len(service.sessions) == 0


async def test_an_offer_for_neither_sound_nor_pictures_is_a_400(client: Client, service: FakeService) -> None:
    viewer = Viewer(client)
    viewer.connection.createDataChannel("nothing else")
    await viewer.connection.setLocalDescription(await viewer.connection.createOffer())
    offer = {"sdp": viewer.connection.localDescription.sdp, "type": "offer"}
    given, said = await answer(client, "/offer", json=offer)
    assert given == 400
    assert "neither sound nor pictures" in said["msg"]
    assert len(service.sessions) == 0
    await viewer.close()


@pytest.mark.parametrize(
    "text",
    [
        "😀 hello 👩‍👩‍👧‍👦 world 🏳️‍🌈",
        "שלום עולם, hello, مرحبا بالعالم",
        "你好，world！これは テスト です。Привет",
        "a\u202eb\u0000c\u200d",
        "word " * 1900,
    ],
)
async def test_every_script_and_length_within_the_limit_is_spoken(viewer: Viewer, text: str) -> None:
    assert await viewer.say(text) == 200


async def test_a_text_of_a_megabyte_is_a_413(viewer: Viewer) -> None:
    assert await viewer.say("a" * 1_000_000) == 413


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "😀"])
async def test_a_text_without_words_is_a_400(viewer: Viewer, text: str) -> None:
    assert await viewer.say(text) == 400


async def test_a_session_that_closed_meanwhile_is_a_404(
    viewer: Viewer, client: Client, service: FakeService
) -> None:
    session = service.sessions.get(viewer.session_id)
    await asyncio.get_running_loop().run_in_executor(None, session.close)
    assert await viewer.say("too late") == 404


async def test_a_broadcast_that_fails_ends_its_session(
    viewer: Viewer, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await within(viewer.seen.wait())
    playout = service.sessions.get(viewer.session_id).playout

    def broken(tick: int) -> None:
        raise RuntimeError("the encoder broke")

    monkeypatch.setattr(playout, "commit", broken)

    await until(lambda: len(service.sessions) == 0)


async def test_health_readiness_metrics_and_description_answer(client: Client, viewer: Viewer) -> None:
    for path in ("/healthz", "/readyz"):
        async with client.get(path) as response:
            assert response.status == 200
    async with client.get("/metrics") as response:
        assert "livetalk_sessions 1.0" in await response.text()
    async with client.get("/openapi.json") as response:
        paths = (await response.json())["paths"]
    assert {"/offer", "/human", "/humanaudio", "/interrupt_talk", "/is_speaking", "/sse"} <= paths.keys()


async def test_every_route_of_the_api_is_described(client: Client, service: FakeService) -> None:
    async with client.get("/openapi.json") as response:
        described = set((await response.json())["paths"])
    page = {*PAGES, "/js", "/css", *(f"/{name}" for name in PAGE_FILES)}
    paths = {resource.canonical for resource in client.app.router.resources()} - page - {"/openapi.json"}
    assert paths == described


def test_what_is_described_is_json_schema() -> None:
    for schema in describe(needs_token=True)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_what_late_candidates_can_be_answered_is_described(client: Client) -> None:
    async with client.get("/openapi.json") as response:
        paths = (await response.json())["paths"]
    for path in ("/whep/{session}/{viewer}", "/whip/{session}/{speaker}"):
        assert {"204", "404", "412", "422", "428"} <= paths[path]["patch"]["responses"].keys()
    assert "412" not in paths["/human"]["post"]["responses"]


async def test_the_pages_are_served_and_nothing_beside_it(client: Client) -> None:
    for page in PAGES:
        async with client.get(page) as response:
            assert response.status == 200
            assert "text/html" in response.headers["Content-Type"]
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    for path in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/js/../../pyproject.toml", "/app.py"):
        async with client.get(path) as response:
            assert response.status in (403, 404), path


async def test_nothing_that_changes_state_answers_get(client: Client) -> None:
    for path in ("/offer", "/human", "/humanaudio", "/interrupt_talk"):
        async with client.get(path) as response:
            assert response.status == (await response.json())["code"] == 405, path
            assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_path_that_there_is_not_is_a_404(client: Client, method: str) -> None:
    async with client.request(method, "/nope") as response:
        assert response.status == (await response.json())["code"] == 404


async def test_every_file_of_the_page_is_served(client: Client) -> None:
    web = asset("web")
    for file in set(web.rglob("*.*")) - set(web.glob("*.html")):
        async with client.get("/" + file.relative_to(web).as_posix()) as response:
            assert response.status == 200, file


def test_every_request_error_has_a_status_of_its_own_kind() -> None:
    kinds = RequestError.__subclasses__()
    assert len({kind.status for kind in kinds}) == len(kinds)
