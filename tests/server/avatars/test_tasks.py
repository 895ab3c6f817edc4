"""Avatars made by LiveTalking's clients."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import FormData

from tests.clips import mira, write_clip
from tests.server.asking import answer
from tests.server.avatars.studio import LIMIT_S, begun, followed, form, get, photo
from tests.server.conftest import Client


def task(path: Path, **fields: str) -> FormData:
    data = FormData(fields)
    data.add_field("video_file", path.read_bytes(), filename=path.name)
    return data


async def test_its_clients_make_an_avatar_and_ask_how_it_stands(studio: Client, tmp_path: Path) -> None:
    data = task(photo(tmp_path), model="wav2lip", avatar_id="anna", pads="0 10 0 0", img_size="256")
    status, body = await answer(studio, "/api/avatar/task", data=data)
    assert (status, body["code"]) == (200, 0)
    task_id = body["data"]["task_id"]
    await asyncio.wait_for(followed(studio, task_id), LIMIT_S)
    _, told = await get(studio, f"/api/avatar/task/{task_id}")
    assert (told["status"], told["progress"], told["avatar_id"]) == ("completed", 100, "anna")
    assert (await get(studio, "/api/avatar/tasks"))[1]["tasks"][0]["task_id"] == task_id
    async with studio.delete(f"/api/avatar/task/{task_id}") as response:
        assert response.status == 409


async def test_its_clients_cancel_a_task_that_waits(studio: Client, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [*mira(25)] * 8)
    first = await begun(studio, form(clip, id="first"))
    data = task(photo(tmp_path), model="viseme", avatar_id="second")
    task_id = (await answer(studio, "/api/avatar/task", data=data))[1]["data"]["task_id"]
    async with studio.delete(f"/api/avatar/task/{task_id}") as response:
        assert response.status == 200
    assert (await get(studio, f"/api/avatar/task/{task_id}"))[1]["status"] == "failed"
    async with studio.delete(f"/api/avatar-jobs/{first}") as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"avatar_id": "x"}, "model and avatar_id are required"),
        ({"model": "viseme"}, "model and avatar_id are required"),
        ({"model": "nerf", "avatar_id": "x"}, "unknown model"),
        ({"model": "viseme", "avatar_id": "x", "bbox_shift": "far"}, "bbox_shift"),
    ],
)
async def test_a_task_that_makes_no_sense_is_refused(
    studio: Client, tmp_path: Path, fields: dict[str, str], said: str
) -> None:
    status, body = await answer(studio, "/api/avatar/task", data=task(photo(tmp_path), **fields))
    assert (status, said in body["msg"]) == (400, True)


async def test_a_path_on_the_server_is_not_taken_from_a_caller(studio: Client) -> None:
    asked = {"model": "viseme", "avatar_id": "x", "video_path": "/etc/passwd"}
    status, body = await answer(studio, "/api/avatar/task", json=asked)
    assert (status, "video_path" in body["msg"]) == (400, True)
