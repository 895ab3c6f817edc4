"""Who is bound to which session, for how long, and what the cookie is like."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar

from livetalk.server import clients
from livetalk.server.app import HOUSE
from livetalk.server.cookies import NAME
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Start, until, within
from tests.server.filming import fetched
from tests.server.simply import another, post
from tests.server.test_simple import reset


async def cookie(client: Client, **headers: str) -> str:
    """What a first answer sets."""
    async with (
        ClientSession(client.make_url("/")) as stranger,
        stranger.post("/chat", json={"text": "Hi."}, headers=headers) as response,
    ):
        assert response.status == 202
        [value] = response.headers.getall("Set-Cookie")
        return value


def live(client: Client) -> set[str]:
    """The sessions that go on."""
    return {*client.app[HOUSE].attendance._open}


async def test_the_cookie_is_random_and_for_this_server_alone(client: Client, service: FakeService) -> None:
    value, *attributes = (await cookie(client)).split("; ")
    name, _, key = value.partition("=")
    assert (name, len(key)) == (NAME, 32)
    assert {*attributes} == {"HttpOnly", "Path=/", "SameSite=Strict"}
    assert key not in service.sessions._sessions


async def test_behind_https_the_cookie_does_not_travel_without(client: Client) -> None:
    own = str(client.make_url("/")).rstrip("/").replace("http:", "https:")
    assert "Secure" in await cookie(client, **{"X-Forwarded-Proto": "https"})
    assert "Secure" in await cookie(client, Origin=own)


async def test_the_cookie_is_set_once(client: Client) -> None:
    await post(client, "/chat", text="Hi.")
    async with client.post("/chat", json={"text": "Hi."}) as response:
        assert response.status == 202
        assert "Set-Cookie" not in response.headers


async def test_a_foreign_origin_opens_nothing(client: Client, service: FakeService) -> None:
    headers = {"Origin": "http://evil.example"}
    for path in ("/speak", "/chat", "/reset", "/api/conversation/text"):
        assert (await answer(client, path, json={"text": "Hi."}, headers=headers))[0] == 403
    assert len(service.sessions) == 0


async def test_a_made_up_cookie_is_not_taken_over(client: Client) -> None:
    made_up = "f" * 32
    headers = {"Cookie": f"{NAME}={made_up}"}
    async with (
        another(client) as stranger,
        stranger.post("/chat", json={"text": "Hi."}, headers=headers) as response,
    ):
        assert (await response.json())["new_session"]
        assert made_up not in response.headers["Set-Cookie"]


async def test_as_many_as_may_have_sessions_and_the_next_is_told_to_come_again(client: Client) -> None:
    async with another(client) as first, another(client) as second, another(client) as third:
        assert (await post(first, "/chat", text="Hi."))[0] == 202
        assert (await post(second, "/chat", text="Hi."))[0] == 202
        async with third.post("/chat", json={"text": "Hi."}) as response:
            assert response.status == 503
            assert int(response.headers["Retry-After"]) > 0
            assert "Set-Cookie" not in response.headers
        assert not (await post(first, "/chat", text="Hi."))[1]["new_session"]


async def test_first_requests_at_once_are_all_answered_and_the_jar_goes_on_with_one(client: Client) -> None:
    both = await asyncio.gather(*(post(client, "/chat", text="Hi.") for _ in range(2)))
    assert [status for status, _ in both] == [202, 202]
    assert not (await post(client, "/chat", text="Hi."))[1]["new_session"]


async def test_requests_at_once_with_a_cookie_whose_session_is_over_share_a_new_one(
    client: Client, service: FakeService
) -> None:
    await post(client, "/chat", text="Hi.")
    [before] = live(client)
    await client.app[HOUSE].attendance.end(before)
    several = await asyncio.gather(*(post(client, "/chat", text="Hi.") for _ in range(4)))
    assert sorted(told["new_session"] for _, told in several) == [False, False, False, True]
    assert len(service.sessions) == 1


async def test_a_client_that_comes_again_keeps_its_session_though_nobody_watches(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.02)
    client = await start(connect_limit_s=0.05)
    await post(client, "/chat", text="Hi.")
    await asyncio.sleep(0.5)  # ten times what an unattended session gets
    assert not (await post(client, "/chat", text="Hi."))[1]["new_session"]


async def test_a_client_that_is_idle_too_long_gets_a_new_session_and_is_told(
    start: Start, service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.02)
    client = await start(idle_limit_s=0.3)
    _, before = await within(post(client, "/speak", text="one"))
    await until(lambda: len(service.sessions) == 0)
    assert (await fetched(client, before["url"]))[0] == 404
    await until(lambda: not any((tmp_path / "recordings").iterdir()))
    _, told = await within(post(client, "/speak", text="two"))
    assert (told["new_session"], told["spoken"], told["url"]) == (True, "two", "/clip/2.mp4")


@pytest.mark.parametrize("path", ["/status/0", "/reset", "/clip/1.mp4"])
async def test_asking_keeps_a_session_open(client: Client, service: FakeService, path: str) -> None:
    _, told = await post(client, "/chat", text="Hi.")
    [session] = service.sessions._sessions.values()
    await until(lambda: not session.speaking)
    before = session.active_at
    async with client.get(path.replace("0", told["job"])) as response:
        assert response.status in (200, 404), "a clip may not be there yet"
    assert session.active_at > before


async def test_a_request_at_work_keeps_its_session_open(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.02)
    client = await start(idle_limit_s=0.05)
    status, told = await within(post(client, "/speak", text="one"))
    assert (status, told["url"]) == (200, "/clip/1.mp4"), "it waits a while for the end of the clip"


async def test_the_session_of_a_client_that_keeps_no_cookie_makes_room_when_it_is_needed(
    start: Start, service: FakeService
) -> None:
    client = await start(connect_limit_s=0.1)
    async with another(client) as loyal, another(client) as third:
        await post(loyal, "/chat", text="Hi.")
        await post(loyal, "/chat", text="Hi.")
        [kept] = live(client)
        await cookie(client)
        await asyncio.sleep(0.2)  # it did not come again
        assert (await post(third, "/chat", text="Hi."))[0] == 202
        assert len(service.sessions) == 2
        assert kept in live(client)
        await asyncio.sleep(0.2)
        assert not (await post(loyal, "/chat", text="Hi."))[1]["new_session"]
        async with another(client) as fourth:
            assert (await post(fourth, "/chat", text="Hi."))[0] == 202
        assert kept in live(client)
        assert (await post(third, "/chat", text="Hi."))[1].get("new_session") in (True, None)


async def test_a_client_whose_session_is_long_over_is_forgotten(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with another(client) as first, another(client) as second:
        await post(first, "/chat", text="Hi.")
        [old] = live(client)
        await client.app[HOUSE].attendance.end(old)
        monkeypatch.setattr(clients, "KEPT_S", 0.0)
        await post(second, "/chat", text="Hi.")
        async with first.post("/chat", json={"text": "Hi."}) as response:
            assert (await response.json())["new_session"]
            assert "Set-Cookie" in response.headers


async def test_a_session_that_cannot_begin_its_clip_leaves_nothing(
    client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object) -> None:
        raise RuntimeError("it broke")

    with monkeypatch.context() as known:
        known.setattr("livetalk.server.studio.Studio.record", broken)
        assert (await post(client, "/chat", text="Hi."))[0] == 500
    assert len(service.sessions) == 0
    assert (await post(client, "/chat", text="Hi."))[0] == 202
    assert await reset(client) == 200


async def test_a_client_that_leaves_while_its_session_opens_leaves_nothing_behind(
    client: Client, service: FakeService
) -> None:
    session = ClientSession(client.make_url("/"), cookie_jar=CookieJar(unsafe=True))
    asking = asyncio.create_task(session.post("/chat", json={"text": "Hi."}))
    await until(lambda: len(service.sessions) == 1)
    asking.cancel()
    await session.close()
    await until(lambda: len(service.sessions) == 0 or bool(live(client)))
    assert len(live(client)) <= 1
