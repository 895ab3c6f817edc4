"""Actions asked for over HTTP, by our route and by LiveTalking's."""

from __future__ import annotations

from typing import Any

import pytest

from livetalk.avatar.manifest import Action
from tests.fakes import FakeAvatar
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Viewer

ACTIONS = {
    "nod": Action(video="a.mp4", first=40, frames=10),
    "wave": Action(video="b.mp4", first=50, frames=10),
}


@pytest.fixture
def shown(service: FakeService, viewer: Viewer) -> list[str]:
    """The session's avatar has actions; the names of those that are shown."""
    session = service.sessions.get(viewer.session_id)
    session.change_avatar(FakeAvatar(40, actions=ACTIONS))
    names: list[str] = []
    play, end = session.playout.play, session.playout.end_action

    def noted(action: str, **how: Any) -> None:
        names.append(action + ("!" if how.get("loops") else ""))
        play(action, **how)

    def ended() -> None:
        names.append("")
        end()

    session.playout.play, session.playout.end_action = noted, ended  # type: ignore[method-assign]
    return names


async def test_an_action_is_shown_repeated_and_ended(
    client: Client, viewer: Viewer, shown: list[str]
) -> None:
    path = f"/sessions/{viewer.session_id}/action"
    assert (await answer(client, path, json={"action": "wave"}))[0] == 200
    assert (await answer(client, path, json={"action": "nod", "loop": True}))[0] == 200
    assert (await answer(client, path, json={"action": ""}))[0] == 200
    assert shown == ["wave", "nod!", ""]


@pytest.mark.parametrize(
    ("audiotype", "name"), [(2, "nod"), (3, "wave"), ("3", "wave"), ("wave", "wave"), (1, ""), (0, "")]
)
async def test_its_clients_ask_by_number_or_name(
    client: Client, viewer: Viewer, shown: list[str], audiotype: int | str, name: str
) -> None:
    asked = {"sessionid": viewer.session_id, "audiotype": audiotype}
    status, body = await answer(client, "/set_audiotype", json=asked)
    assert (status, body["code"]) == (200, 0)
    assert shown == [name]


@pytest.mark.parametrize("audiotype", [4, "fly", -1])
async def test_an_action_that_is_none_is_refused(
    client: Client, viewer: Viewer, shown: list[str], audiotype: int | str
) -> None:
    asked = {"sessionid": viewer.session_id, "audiotype": audiotype}
    assert (await answer(client, "/set_audiotype", json=asked))[0] == 400
    assert shown == []


async def test_a_session_that_is_not_there_is_told(client: Client) -> None:
    assert (await answer(client, "/sessions/nobody/action", json={"action": "wave"}))[0] == 404
    assert (await answer(client, "/set_audiotype", json={"sessionid": "x", "audiotype": 2}))[0] == 404


@pytest.mark.parametrize("body", [{}, {"action": 7}, {"action": "wave", "speed": 2}, {"action": "x" * 65}])
async def test_a_body_that_is_none_is_refused(client: Client, viewer: Viewer, body: dict[str, Any]) -> None:
    assert (await answer(client, f"/sessions/{viewer.session_id}/action", json=body))[0] == 400
