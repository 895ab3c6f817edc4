"""Changing and showing avatars over HTTP."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from livetalk.errors import AvatarError, InvalidRequest, UnfitAvatar
from tests.fakes import WAIT_S, FakeAvatar
from tests.server.conftest import Client, FakeService, Viewer, within
from tests.server.test_api import answer


@pytest.mark.parametrize("body", [{"avatar": "fake"}, {}, {"sessionid": "0" * 32}, {"avatar": 7}])
async def test_a_change_of_avatar_names_its_session_and_avatar(client: Client, body: dict[str, Any]) -> None:
    assert (await answer(client, "/avatar", json=body))[0] == 400


async def test_a_change_of_avatar_for_a_session_that_is_not_there_is_refused(client: Client) -> None:
    assert (await answer(client, "/avatar", json={"sessionid": "0" * 32, "avatar": "fake"}))[0] == 404


async def test_an_avatar_that_is_not_there_leaves_the_one_that_is_shown(
    viewer: Viewer, client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(avatar_id: str) -> None:
        raise InvalidRequest("no avatar 'nobody'; there are: fake")

    monkeypatch.setattr(service.avatars, "get", get)
    shown = service.sessions.get(viewer.session_id).playout.avatar
    body = {"sessionid": viewer.session_id, "avatar": "nobody"}
    status, said = await answer(client, "/avatar", json=body)
    assert (status, said["msg"]) == (400, "no avatar 'nobody'; there are: fake")
    assert service.sessions.get(viewer.session_id).playout.avatar is shown


async def test_an_avatar_that_is_damaged_is_told_as_that_and_its_files_are_not(
    viewer: Viewer, client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(avatar_id: str) -> None:
        raise AvatarError("/home/somebody/avatars/ada/coords.pkl is missing")

    monkeypatch.setattr(service.avatars, "get", get)
    body = {"sessionid": viewer.session_id, "avatar": "ada"}
    status, said = await answer(client, "/avatar", json=body)
    assert status == 500
    assert said["msg"].startswith("this avatar cannot be opened, it is damaged")
    assert "somebody" not in said["msg"]


async def test_an_avatar_of_another_engine_is_refused_with_the_reason(
    viewer: Viewer, client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get(avatar_id: str) -> None:
        raise UnfitAvatar("avatar 'ada' is not prepared for engine 'fake', but for: viseme")

    monkeypatch.setattr(service.avatars, "get", get)
    body = {"sessionid": viewer.session_id, "avatar": "ada"}
    status, said = await answer(client, "/avatar", json=body)
    assert status == 409
    assert said["msg"] == "avatar 'ada' is not prepared for engine 'fake', but for: viseme"


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
