"""Texts said for clients that know no session, and the clip that grows with each."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession

from livetalk.server import studio
from livetalk.server.app import HOUSE
from livetalk.server.cookies import NAME
from tests.fakes import counted
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Start, until, within
from tests.server.filming import begun, fetched, listed, pictures, record
from tests.server.simply import SECOND, another, heard_s, post

TOKEN = "a-secret-of-the-test"


async def reset(client: Client | ClientSession, method: str = "POST", **headers: str) -> int:
    async with client.request(method, "/reset", headers=headers) as response:
        return response.status


@pytest.mark.parametrize("words", [2, 7, 9, 10])
async def test_a_text_is_said_and_the_clip_has_it_to_its_last_sound(client: Client, words: int) -> None:
    text = " ".join(["word"] * words)
    status, told = await within(post(client, "/speak", text=text))
    assert (status, told["state"], told["spoken"]) == (200, "done", text)
    assert told["data"]["url"] == told["url"] == "/clip/1.mp4"
    status, film = await fetched(client, told["url"])
    assert (status, len(film)) == (200, told["bytes"])
    loud_s, all_s = heard_s(film)
    assert loud_s == pytest.approx(words / 10, abs=0.05)
    assert all_s <= told["seconds"] + 0.1


async def test_the_clip_grows_by_speech_and_not_by_the_time_between(client: Client) -> None:
    _, first = await within(post(client, "/speak", text=SECOND))
    await asyncio.sleep(1.5)  # in which nothing is said
    _, second = await within(post(client, "/speak", text=SECOND))
    _, film = await fetched(client, second["url"])
    loud_s, all_s = heard_s(film)
    assert (first["new_session"], second["new_session"]) == (True, False)
    assert first["bytes"] < second["bytes"]
    assert loud_s == pytest.approx(2.0, abs=0.15)
    assert all_s < 2 * 1.0 + 2 * 0.8
    assert pictures(film) == pytest.approx(all_s * 25, abs=3)


async def test_a_part_of_a_clip_can_be_asked_for(client: Client) -> None:
    _, told = await within(post(client, "/speak", text=SECOND))
    _, film = await fetched(client, told["url"])
    assert await fetched(client, told["url"], Range="bytes=100-199") == (206, film[100:200])


async def test_the_voice_that_is_asked_for_speaks(client: Client, service: FakeService) -> None:
    voices: list[str] = []
    speak = service.voice.speak
    service.voice.speak = lambda sentence, cancel: voices.append(sentence.voice) or speak(sentence, cancel)  # type: ignore[method-assign,func-returns-value]
    await within(post(client, "/speak", text="one", voice="square"))
    assert voices == ["square"]


async def test_two_clients_have_sessions_and_clips_of_their_own(client: Client, service: FakeService) -> None:
    async with another(client) as other:
        (_, mine), (_, theirs) = await within(
            asyncio.gather(post(client, "/speak", text=SECOND), post(other, "/speak", text="one two"))
        )
        assert len(service.sessions) == 2
        assert mine["url"] == theirs["url"]
        _, film = await fetched(client, mine["url"])
        async with other.get(theirs["url"]) as response:
            their_film = await response.read()
    assert heard_s(film)[0] == pytest.approx(1.0, abs=0.1)
    assert heard_s(their_film)[0] == pytest.approx(0.2, abs=0.1)


async def test_a_clip_is_nobodys_without_its_cookie(client: Client) -> None:
    _, told = await within(post(client, "/speak", text="one"))
    async with another(client) as stranger:
        for value in ("", "0" * 32, "x; y", "é"):
            async with stranger.get(told["url"], headers={"Cookie": f"{NAME}={value}"}) as response:
                assert response.status == 404
    assert (await fetched(client, "/clip/2.mp4"))[0] == 404
    assert (await fetched(client, "/clip/0.mp4"))[0] == 404
    assert (await fetched(client, "/clip/x.mp4"))[0] == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_reset_begins_a_new_clip_and_forgets_what_was_said(
    client: Client, service: FakeService, method: str, tmp_path: Path
) -> None:
    _, before = await within(post(client, "/speak", text=SECOND))
    assert await reset(client, method) == 200
    assert (await fetched(client, before["url"]))[0] == 404
    _, after = await within(post(client, "/speak", text="one two"))
    assert (after["url"], after["new_session"]) == ("/clip/2.mp4", False)
    _, film = await fetched(client, after["url"])
    assert heard_s(film)[0] == pytest.approx(0.2, abs=0.1)
    await within(post(client, "/api/conversation/text", text="And now?"))
    said = [message.text for message in service.model.asked[0].messages if message.role != "system"]
    assert said == ["one two", "And now?"]
    assert len([*(tmp_path / "recordings").glob("*.mp4")]) == 1


async def test_a_reset_stops_what_is_being_said(client: Client, service: FakeService) -> None:
    await within(post(client, "/speak", text="one"))
    speaking = asyncio.create_task(post(client, "/speak", text="word " * 300))
    await until(lambda: counted(service.metrics, 'frames_played_total{kind="speech"}') > 20)
    assert await reset(client) == 200
    status, told = await within(speaking)
    assert (status, told["state"], told["new_session"]) == (200, "interrupted", False)
    assert 0 < len(told["spoken"].split()) < 300
    _, told = await within(post(client, "/speak", text="one two"))
    assert (told["state"], told["spoken"], told["url"]) == ("done", "one two", "/clip/2.mp4")


async def test_a_stranger_resets_nothing_and_opens_nothing(client: Client, service: FakeService) -> None:
    assert await reset(client) == 200
    assert await reset(client, "GET") == 200
    assert len(service.sessions) == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_sites_page_cannot_reset(client: Client, method: str, site: str) -> None:
    _, told = await within(post(client, "/speak", text="one"))
    assert await reset(client, method, **{"Sec-Fetch-Site": site}) == 403
    assert (await fetched(client, told["url"]))[0] == 200
    assert await reset(client, method, **{"Sec-Fetch-Site": "same-origin"}) == 200
    assert (await fetched(client, told["url"]))[0] == 404


async def test_looking_at_the_head_of_a_reset_resets_nothing(client: Client) -> None:
    _, told = await within(post(client, "/speak", text="one"))
    assert await reset(client, "HEAD") == 405
    assert (await fetched(client, told["url"]))[0] == 200


async def test_a_clip_is_no_recording_of_the_session(client: Client, service: FakeService) -> None:
    await within(post(client, "/speak", text="one"))
    [session] = service.sessions._sessions.values()
    assert await listed(client, session.id) == []
    film_id = await begun(client, session.id)
    assert (await record(client, session.id, "end"))[0] == 200
    assert [each["id"] for each in await listed(client, session.id)] == [film_id]
    status, told = await within(post(client, "/speak", text="one"))
    assert (status, told["url"]) == (200, "/clip/1.mp4")


async def test_a_clip_goes_with_its_session(client: Client, service: FakeService, tmp_path: Path) -> None:
    await within(post(client, "/speak", text="one"))
    [session] = service.sessions._sessions.values()
    await client.app[HOUSE].attendance.end(session.id)
    assert not any((tmp_path / "recordings").iterdir())


async def test_where_nothing_may_be_kept_texts_are_said_without_a_clip(start: Start) -> None:
    client = await start(recordings_mb=0)
    status, told = await within(post(client, "/speak", text="one"))
    assert (status, told["state"], told["url"], told["bytes"]) == (200, "done", None, 0)
    assert "recordings_mb" in told["detail"]


async def test_a_clip_that_used_up_the_room_is_gone_and_texts_are_said(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(studio, "SWEEP_S", 0.05)
    client = await start(recordings_mb=20)
    await within(post(client, "/speak", text="one"))
    (tmp_path / "recordings" / "other.mp4").write_bytes(bytes(20 << 20))
    await until(lambda: len([*(tmp_path / "recordings").glob("*.mp4")]) == 1)
    status, told = await within(post(client, "/speak", text="two"))
    assert (status, told["state"], told["url"]) == (200, "done", None)
    assert "room" in told["detail"]


async def test_with_a_token_the_cookie_alone_gets_the_clip_and_nothing_else(start: Start) -> None:
    client = await start(token=TOKEN)
    async with another(client, Authorization=f"Bearer {TOKEN}") as mine:
        _, told = await within(post(mine, "/speak", text="one"))
        cookie = next(iter(mine.cookie_jar))
    for cookies, status in (({NAME: cookie.value}, 200), ({NAME: "0" * 32}, 401), ({}, 401)):
        async with ClientSession(client.make_url("/"), cookies=cookies) as bare:
            async with bare.get(told["url"]) as response:
                assert response.status == status
            assert await reset(bare) == 401
            assert (await post(bare, "/speak", text="one"))[0] == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"text=hello", "application/x-www-form-urlencoded", 415),
        (b'{"text": "hello"}', "text/plain", 415),
        (b"{", "application/json", 400),
        (b'{"words": "hello"}', "application/json", 400),
        (b'{"text": "hello", "timeout_s": 0}', "application/json", 400),
        (b'{"text": "%s"}' % (b"a" * 201), "application/json", 413),
    ],
)
@pytest.mark.parametrize("path", ["/speak", "/api/conversation/text"])
async def test_what_is_no_fit_request_is_refused_and_opens_nothing(
    start: Start, service: FakeService, path: str, body: bytes, content_type: str, status: int
) -> None:
    client = await start(text_limit=200)
    given, told = await answer(client, path, data=body, headers={"Content-Type": content_type})
    assert (given, told["code"]) == (status, status)
    assert len(service.sessions) == 0


@pytest.mark.parametrize("text", ["", "   ", "\U0001f600"])
async def test_a_text_without_words_is_refused(client: Client, text: str) -> None:
    assert (await post(client, "/speak", text=text))[0] == 400


async def test_a_reset_with_a_form_is_refused(client: Client) -> None:
    assert (await answer(client, "/reset", data={"a": "b"}))[0] == 415
    assert (await post(client, "/reset"))[0] == 200


async def test_a_voice_that_breaks_off_is_told_and_one_that_says_nothing_is_a_503(client: Client) -> None:
    status, told = await within(post(client, "/speak", text="one fail"))
    assert (status, told["state"], told["spoken"], told["error"]) == (200, "done", "one", "the voice broke")
    status, told = await within(post(client, "/speak", text="fail"))
    assert (status, told["msg"]) == (503, "the voice broke")


async def test_who_does_not_want_to_wait_is_told_so_and_it_is_said_on(
    client: Client, service: FakeService
) -> None:
    status, told = await within(post(client, "/speak", text=SECOND, timeout_s=0.05))
    assert (status, told["code"]) == (504, 504)
    status, told = await within(post(client, "/speak", text="two"))
    assert (status, told["new_session"]) == (200, False), "the cookie came with the error"
    assert service.voice.spoken == [SECOND.strip(), "two"]
    _, film = await fetched(client, told["url"])
    assert heard_s(film)[0] == pytest.approx(1.1, abs=0.15)
