"""Changing and showing avatars over HTTP."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from livetalk.errors import AvatarError, InvalidRequest, UnfitAvatar
from tests.fakes import WAIT_S, FakeAvatar
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Viewer, within


@pytest.mark.parametrize("body", [{"avatar": "fake"}, {}, {"sessionid": "0" * 32}, {"avatar": 7}])
async def test_a_change_of_avatar_names_its_session_and_avatar(client: Client, body: dict[str, Any]) -> None:
    assert (await answer(client, "/avatar", json=body))[0] == 400


async def test_a_change_of_avatar_for_a_session_that_is_not_there_is_refused(client: Client) -> None:
    assert (await answer(client, "/avatar", json={"sessionid": "0" * 32, "avatar": "fake"}))[0] == 404


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (InvalidRequest("no avatar 'ada'; there are: fake"), 400, "no avatar 'ada'; there are: fake"),
        (UnfitAvatar("avatar 'ada' is for another engine"), 409, "avatar 'ada' is for another engine"),
        (
            AvatarError("/home/somebody/avatars/ada/coords.pkl is missing"),
            500,
            "this avatar cannot be opened, it is damaged; the server's log says more",
        ),
    ],
)
async def test_an_avatar_that_cannot_be_shown_is_told_why_and_the_one_before_stays(
    viewer: Viewer,
    client: Client,
    service: FakeService,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    told: str,
) -> None:
    def get(avatar_id: str) -> None:
        raise error

    monkeypatch.setattr(service.avatars, "get", get)
    shown = service.sessions.get(viewer.session_id).playout.avatar
    body = {"sessionid": viewer.session_id, "avatar": "ada"}
    given, said = await answer(client, "/avatar", json=body)
    assert (given, said["msg"]) == (status, told)
    assert service.sessions.get(viewer.session_id).playout.avatar is shown


async def test_avatars_that_take_long_to_open_hold_up_nobody_else(
    client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, gate = FakeAvatar(), threading.Event()

    def get(avatar_id: str) -> None:
        assert gate.wait(WAIT_S)
        raise InvalidRequest("no such avatar")

    monkeypatch.setattr(service.avatars, "warm", {"fake": shown}.get)
    monkeypatch.setattr(service.avatars, "get", get)
    slow = [
        asyncio.create_task(answer(client, "/offer", json={"sdp": "v=0", "type": "offer", "avatar": name}))
        for name in "abcdefghijklmnopqrstuvwxyz"
    ]
    try:
        viewer = Viewer(client)
        await viewer.connect(avatar="fake")
        await within(viewer.seen.wait())
        await viewer.close()
        async with client.get("/avatars/fake/thumbnail") as response:
            assert response.status == 200
        assert not any(task.done() for task in slow)
    finally:
        gate.set()
    assert {status for status, _ in await asyncio.gather(*slow)} == {400}
