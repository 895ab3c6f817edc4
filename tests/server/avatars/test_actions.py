"""Actions and plans of avatars, through the API."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.clips import mira, write_clip
from tests.described import validator_of
from tests.server.asking import answer
from tests.server.avatars.studio import LIMIT_S, done, followed, form, get, photo
from tests.server.conftest import Client, FakeService


async def test_an_action_is_added_and_seen(
    studio: Client, service: FakeService, tmp_path: Path, folder: Path
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", mira(12))
    await done(studio, form(clip, id="anna"))
    before = await asyncio.get_running_loop().run_in_executor(None, service.avatars.get, "anna")
    status, body = await answer(studio, "/api/avatars/anna/actions", data=form(clip, name="wave"))
    assert (status, body["data"]["action"]) == (202, "wave")
    told = await asyncio.wait_for(followed(studio, body["data"]["id"]), LIMIT_S)
    assert told[-1]["state"] == "done"
    card = (await get(studio, "/api/avatars/anna"))[1]
    assert card["actions"] == ["wave"]
    assert card["action_clips"] == [{"name": "wave", "seconds": 0.48, "sound": False}]
    async with studio.get("/api/avatars/anna/video?action=wave") as response:
        assert await response.read() == (folder / "anna" / "action-wave.mp4").read_bytes()
    assert (await get(studio, "/api/avatars/anna/video?action=fly"))[0] == 404
    again = await answer(studio, "/api/avatars/anna/actions", data=form(clip, name="wave"))
    assert (again[0], "has an action 'wave' already" in again[1]["msg"]) == (409, True)
    after = await asyncio.get_running_loop().run_in_executor(None, service.avatars.get, "anna")
    assert (len(before.bundle.pictures), len(after.bundle.pictures)) == (12, 24)


async def with_actions(client: Client, tmp_path: Path, *names: str) -> None:
    """An avatar anna, of 12 pictures as each of its actions."""
    clip = write_clip(tmp_path / "clip.mp4", mira(12))
    await done(client, form(clip, id="anna"))
    for name in names:
        _, body = await answer(client, "/api/avatars/anna/actions", data=form(clip, name=name))
        told = await asyncio.wait_for(followed(client, body["data"]["id"]), LIMIT_S)
        assert told[-1]["state"] == "done"


async def test_an_action_is_removed_and_who_shows_it_shows_it_on(
    studio: Client, service: FakeService, tmp_path: Path, folder: Path
) -> None:
    await with_actions(studio, tmp_path, "wave", "nod")
    loop = asyncio.get_running_loop()
    before = await loop.run_in_executor(None, service.avatars.get, "anna")
    async with studio.delete("/api/avatars/anna/actions/wave") as response:
        assert response.status == 200
        card = (await response.json())["data"]
    validator_of("AvatarCard").validate(card)
    assert (card["id"], card["actions"]) == ("anna", ["nod"])
    after = await loop.run_in_executor(None, service.avatars.get, "anna")
    assert (len(before.bundle.pictures), len(after.bundle.pictures)) == (36, 24)
    assert before.bundle.pictures[35].any()
    assert [path.name for path in folder.iterdir()] == ["anna"]
    async with studio.delete("/api/avatars/anna/actions/wave") as response:
        assert response.status == 404
        assert "there are: nod" in (await response.json())["msg"]
    async with studio.delete("/api/avatars/nobody/actions/wave") as response:
        assert response.status == 404


async def test_an_action_that_a_plan_shows_is_not_removed(
    studio: Client, service: FakeService, tmp_path: Path
) -> None:
    await with_actions(studio, tmp_path, "wave")
    plan = {"plan": {"idle": {"actions": ["wave"], "every_s": [5.0, 9.0]}}}
    async with studio.put("/api/avatars/anna/plan", json=plan) as response:
        assert response.status == 200
    async with studio.delete("/api/avatars/anna/actions/wave") as response:
        assert (response.status, "change the plan" in (await response.json())["msg"]) == (409, True)
    assert (await get(studio, "/api/avatars/anna"))[1]["actions"] == ["wave"]


async def test_an_action_is_not_removed_while_another_one_is_added(studio: Client, tmp_path: Path) -> None:
    await with_actions(studio, tmp_path, "wave")
    clip = write_clip(tmp_path / "long.mp4", [*mira(25)] * 8)
    _, body = await answer(studio, "/api/avatars/anna/actions", data=form(clip, name="nod"))
    async with studio.delete("/api/avatars/anna/actions/wave") as response:
        assert (response.status, "is being changed" in (await response.json())["msg"]) == (409, True)
    async with studio.delete(f"/api/avatar-jobs/{body['data']['id']}") as response:
        assert response.status == 200


async def test_an_avatar_gets_a_plan(studio: Client, tmp_path: Path, folder: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", mira(12))
    await done(studio, form(clip, id="anna"))
    _, body = await answer(studio, "/api/avatars/anna/actions", data=form(clip, name="wave"))
    await asyncio.wait_for(followed(studio, body["data"]["id"]), LIMIT_S)
    plan = {"idle": {"actions": ["wave"], "every_s": [5.0, 9.0]}}
    async with studio.put("/api/avatars/anna/plan", json={"plan": plan}) as response:
        assert response.status == 200
        assert (await response.json())["data"]["plan"] == plan
    assert json.loads((folder / "anna" / "avatar.json").read_text())["plan"] == plan
    card = (await get(studio, "/api/avatars/anna"))[1]
    assert card["plan"] == plan
    validator_of("AvatarCard").validate(card)
    for wrong in ({"idle": {"actions": ["fly"]}}, {"idle": 7}, {"asleep": {"actions": ["wave"]}}, 7):
        async with studio.put("/api/avatars/anna/plan", json={"plan": wrong}) as response:
            assert response.status == 400
    assert json.loads((folder / "anna" / "avatar.json").read_text())["plan"] == plan


@pytest.mark.parametrize(
    ("avatar_id", "fields", "status"),
    [
        ("nobody", {"name": "wave"}, 404),
        ("anna", {"name": "../wave"}, 400),
        ("anna", {}, 400),
        ("anna", {"name": "wave", "sound": "loud"}, 400),
        ("anna", {"name": "wave", "wings": "2"}, 400),
    ],
)
async def test_an_action_that_makes_no_sense_is_refused(
    studio: Client, tmp_path: Path, avatar_id: str, fields: dict[str, str], status: int
) -> None:
    await done(studio, form(photo(tmp_path), id="anna"))
    asked = form(photo(tmp_path), **fields)
    assert (await answer(studio, f"/api/avatars/{avatar_id}/actions", data=asked))[0] == status
