"""Avatars made, followed, renamed and deleted through the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from livetalk.avatar.writing import HIDDEN
from livetalk.avatars import Avatars
from livetalk.creation.jobs import MOST_WAITING
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.metrics import Metrics
from tests.clips import Colours, grey, mira, write_clip, write_photo
from tests.described import validator_of
from tests.face_networks import face_networks
from tests.server.asking import answer
from tests.server.conftest import Client, FakeService, Start, within

LIMIT_S = 60


@pytest.fixture(scope="module")
def models(request: pytest.FixtureRequest) -> Path:
    assert request.config.cache is not None
    return face_networks(request.config.cache)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "avatars"


@pytest.fixture
async def studio(service: FakeService, start: Start, folder: Path, models: Path, tmp_path: Path) -> Client:
    """A server with avatars on disk."""
    service.engine = VisemeEngine()
    service.avatars = Avatars(folder, tmp_path / "cache", service.engine, 1 << 30, Metrics())
    return await start(avatars_dir=folder, models_dir=models, avatar_upload_mb=4)


def form(path: Path, **fields: str) -> FormData:
    data = FormData()
    for name, value in fields.items():
        data.add_field(name, value)
    data.add_field("file", path.read_bytes(), filename=path.name)
    return data


def photo(tmp_path: Path, colours: Colours | None = None) -> Path:
    return write_photo(tmp_path / "face.png", mira(1)[0] if colours is None else colours)


async def begun(client: Client, data: FormData) -> str:
    status, body = await answer(client, "/api/avatars", data=data)
    assert status == 202, body
    return str(body["data"]["id"])


async def followed(client: Client, job_id: str) -> list[dict[str, Any]]:
    """All that a job tells by server-sent events; they end with it."""
    told = []
    async with client.get(f"/api/avatar-jobs/{job_id}/events") as response:
        assert response.content_type == "text/event-stream"
        async for line in response.content:
            if line.startswith(b"data: "):
                told.append(json.loads(line[6:]))
    return told


async def done(client: Client, data: FormData) -> dict[str, Any]:
    """A job's end."""
    job_id = await begun(client, data)
    return (await asyncio.wait_for(followed(client, job_id), LIMIT_S))[-1]


async def get(client: Client, path: str) -> tuple[int, Any]:
    async with client.get(path) as response:
        return response.status, (await response.json())["data"]


async def test_a_clip_is_uploaded_made_followed_listed_and_deleted(
    studio: Client, tmp_path: Path, folder: Path
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", mira(15))
    job_id = await begun(studio, form(clip, name="Anna Müller", recipe='{"size": 256}'))
    told = await asyncio.wait_for(followed(studio, job_id), LIMIT_S)
    for each in told:
        validator_of("AvatarJob").validate(each)
    assert [told[0]["state"], told[-1]["state"]] == [told[0]["state"], "done"]
    assert told[-1]["avatar"] == "anna-muller"
    assert {each["name"] for each in told} == {"Anna Müller"}
    assert [each["progress"] for each in told] == sorted(each["progress"] for each in told)
    status, listed = await get(studio, "/api/avatars")
    assert (status, listed) == (
        200,
        [
            {
                "id": "anna-muller",
                "name": "Anna Müller",
                "width": 256,
                "height": 256,
                "seconds": 0.6,
                "engines": ["viseme"],
                "actions": [],
                "cut_out": False,
                "action_clips": [],
                "plan": {},
                "takes_actions": True,
                "usable": True,
                "default": False,
            }
        ],
    )
    validator_of("AvatarCard").validate(listed[0])
    async with studio.get("/api/avatars/anna-muller/video") as response:
        assert response.content_type == "video/mp4"
        assert b"ftyp" in (await response.read())[:16]
    async with studio.get("/avatars/anna-muller/thumbnail") as response:
        assert (await response.read()).startswith(b"\xff\xd8\xff")
    _, config = await get(studio, "/config")
    assert config["avatars"] == [{"id": "anna-muller", "name": "Anna Müller", "cut_out": False}]
    assert (config["makes_avatars"], config["avatar_upload_mb"]) == (True, 4)
    async with studio.delete("/api/avatars/anna-muller") as response:
        assert response.status == 200
    assert (await get(studio, "/api/avatars"))[1] == []
    assert not list(folder.iterdir())


async def test_a_job_that_is_over_is_told_to_who_asks_later(studio: Client, tmp_path: Path) -> None:
    end = await done(studio, form(photo(tmp_path)))
    assert (await get(studio, f"/api/avatar-jobs/{end['id']}"))[1] == end
    assert (await get(studio, "/api/avatar-jobs"))[1] == [end]
    assert await asyncio.wait_for(followed(studio, end["id"]), LIMIT_S) == [end]


async def test_two_of_one_name_get_ids_of_their_own(studio: Client, tmp_path: Path) -> None:
    ends = [await done(studio, form(photo(tmp_path), name="Anna")) for _ in range(2)]
    assert [each["avatar"] for each in ends] == ["anna", "anna-2"]


async def test_several_photos_become_the_pictures_of_one_avatar(
    studio: Client, tmp_path: Path, folder: Path
) -> None:
    data = FormData()
    for number, colours in enumerate(mira(4)):
        path = write_photo(tmp_path / f"{number}.png", colours)
        data.add_field("file", path.read_bytes(), filename=f"../../etc/{number}.PNG")
    data.add_field("id", "album")
    assert (await done(studio, data))["state"] == "done"
    manifest = json.loads((folder / "album" / "avatar.json").read_text())
    assert manifest["frames"] == 4


async def test_a_damaged_photo_is_told_by_the_name_that_it_was_sent_with(
    studio: Client, tmp_path: Path
) -> None:
    whole = write_photo(tmp_path / "face.jpg", mira(1)[0]).read_bytes()
    for name, shown in (
        ("C:\\me\\Anna\u202e und ich.JPG", "Anna und ich.JPG"),
        ("x" * 500, "x" * 64),
        ("", "00000000"),
    ):
        data = FormData(quote_fields=False)  # as browsers send them
        data.add_field("file", whole[: len(whole) // 2], filename=name)
        assert (await done(studio, data))["error"] == f"{shown} is damaged; save it again as a jpg or png"
    data = FormData()
    for number in range(3):  # names like ours, which are no others' after all
        data.add_field("file", whole[: -1000 * number or None], filename=f"{number + 1:08}.jpg")
    assert (await done(studio, data))["error"].startswith("00000002.jpg is damaged")


async def test_a_doubt_is_shown_with_its_picture(studio: Client, tmp_path: Path) -> None:
    two = grey(90, 1024, 512)
    two[:, :512] = two[:, 512:] = mira(1)[0]
    end = await done(studio, form(photo(tmp_path, two)))
    assert [(each["kind"], each["picture"]) for each in end["notes"]] == [("several", True)]
    async with studio.get(f"/api/avatar-jobs/{end['id']}/pictures/0") as response:
        assert (await response.read()).startswith(b"\xff\xd8\xff")
    for other in ("1", "x", "-1", "9" * 5000):
        async with studio.get(f"/api/avatar-jobs/{end['id']}/pictures/{other}") as response:
            assert response.status == 404


async def test_a_job_is_cancelled(studio: Client, tmp_path: Path, folder: Path) -> None:
    job_id = await begun(studio, form(write_clip(tmp_path / "clip.mp4", [*mira(25)] * 8), id="anna"))
    async with studio.delete(f"/api/avatar-jobs/{job_id}") as response:
        assert response.status == 200
    assert (await asyncio.wait_for(followed(studio, job_id), LIMIT_S))[-1]["state"] == "cancelled"
    assert not list(folder.iterdir())


async def test_an_avatar_is_renamed(studio: Client, tmp_path: Path) -> None:
    await done(studio, form(photo(tmp_path), id="anna"))
    async with studio.patch("/api/avatars/anna", json={"name": "Anna B."}) as response:
        assert (await response.json())["data"]["name"] == "Anna B."
    assert (await get(studio, "/api/avatars/anna"))[1]["name"] == "Anna B."
    for name in ("", "  ", "a\nb", "x" * 81):
        async with studio.patch("/api/avatars/anna", json={"name": name}) as response:
            assert response.status == 400
    assert (await get(studio, "/api/avatars/anna"))[1]["name"] == "Anna B."


async def test_the_first_avatar_of_sessions_is_not_deleted(
    studio: Client, service: FakeService, tmp_path: Path, folder: Path
) -> None:
    await done(studio, form(photo(tmp_path), id="fake"))
    async with studio.delete("/api/avatars/fake") as response:
        assert response.status == 409
    assert (folder / "fake").is_dir()


@pytest.mark.parametrize("avatar_id", ["nobody", "..", "..%2F..", "%2e%2e", ".making-x", "a%00b"])
async def test_an_avatar_that_is_not_there_is_not_found(studio: Client, avatar_id: str) -> None:
    for method in ("GET", "DELETE"):
        async with studio.request(method, f"/api/avatars/{avatar_id}") as response:
            assert response.status in (404, 405)


async def test_deleting_one_leaves_another_of_a_longer_name(
    studio: Client, service: FakeService, tmp_path: Path, folder: Path
) -> None:
    for avatar_id in ("anna", "anna-2"):
        await done(studio, form(photo(tmp_path), id=avatar_id))
        await asyncio.get_running_loop().run_in_executor(None, service.avatars.get, avatar_id)
    cache = tmp_path / "cache"
    assert len(list(cache.iterdir())) == 2
    async with studio.delete("/api/avatars/anna") as response:
        assert response.status == 200
    assert [path.name.rpartition("-")[0].rpartition("-")[0] for path in cache.iterdir()] == ["anna-2"]
    assert service.avatars.warm("anna") is None
    assert service.avatars.warm("anna-2") is not None


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "../../etc"}, "cannot be an avatar's id"),
        ({"id": "a b"}, "cannot be an avatar's id"),
        ({"recipe": "{"}, "recipe"),
        ({"recipe": '{"seconds": 1000}'}, "seconds"),
        ({"recipe": '{"wings": 2}'}, "wings"),
        ({"recipe": '{"musetalk": {"bbox_shift": 999}}'}, "bbox_shift"),
        ({"colour": "blue"}, "unknown field 'colour'"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\nb"}, "cannot be printed"),
        ({"recipe": '{"credit": "\\u001b[2J"}'}, "cannot be printed"),
    ],
)
async def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(
    studio: Client, tmp_path: Path, folder: Path, fields: dict[str, str], said: str
) -> None:
    status, body = await answer(studio, "/api/avatars", data=form(photo(tmp_path), **fields))
    assert status == 400
    assert said in body["msg"]
    assert not list(folder.iterdir())


async def test_a_form_without_a_file_is_refused(studio: Client) -> None:
    data = FormData({"name": "anna"})
    data.add_field("id", "x", content_type="text/plain")
    status, body = await answer(studio, "/api/avatars", data=data)
    assert (status, "no file" in body["msg"]) == (400, True)


async def test_a_clip_in_another_field_is_told_where_it_goes(studio: Client, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", mira(12)).read_bytes()
    for route, name in (("avatars", "file"), ("avatar-preview", "source"), ("avatar/task", "video_file")):
        data = FormData()
        data.add_field("clip", clip, filename="clip.mp4")
        status, body = await answer(studio, f"/api/{route}", data=data)
        assert (status, f"goes into the field {name}" in body["msg"]) == (413, True)


async def test_what_is_no_form_is_refused(studio: Client) -> None:
    status, _ = await answer(studio, "/api/avatars", data=b"x" * 100)
    assert status == 415


async def test_an_upload_that_is_too_large_is_refused_on_the_way(studio: Client, folder: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\n'
        for _ in range(100):
            yield bytes(1 << 18)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with studio.post("/api/avatars", data=endless(), headers=headers) as response:
        assert response.status == 413
        assert "avatar_upload_mb" in (await response.json())["msg"]
    assert not list(folder.iterdir())


async def test_an_upload_that_breaks_off_leaves_nothing(studio: Client, folder: Path) -> None:
    port = studio.port
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST /api/avatars HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
    writer.write(head + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n")
    writer.write(
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\n' + bytes(5000)
    )
    await writer.drain()
    while not list(folder.glob(f"{HIDDEN}*")):
        await asyncio.sleep(0.02)
    writer.close()
    await within(gone(folder))


async def gone(folder: Path) -> None:
    while list(folder.iterdir()):
        await asyncio.sleep(0.02)


async def test_a_taken_name_is_refused(studio: Client, tmp_path: Path) -> None:
    await done(studio, form(photo(tmp_path), id="anna"))
    status, body = await answer(studio, "/api/avatars", data=form(photo(tmp_path), id="anna"))
    assert (status, "already" in body["msg"]) == (409, True)


async def test_media_that_are_none_fail_with_a_reason_and_leave_nothing(
    studio: Client, tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "drawing.svg"
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    end = await done(studio, form(path))
    assert end["state"] == "failed"
    assert "this is not a clip" in end["error"]
    assert not list(folder.iterdir())


async def test_avatars_are_not_made_where_nobody_may(
    service: FakeService, start: Start, tmp_path: Path, models: Path, folder: Path
) -> None:
    client = await start(avatars_dir=folder, models_dir=models, make_avatars=False)
    status, body = await answer(client, "/api/avatars", data=form(photo(tmp_path)))
    assert (status, "make_avatars" in body["msg"]) == (503, True)
    _, config = await get(client, "/config")
    assert (config["makes_avatars"], config["avatar_upload_mb"]) == (False, 0)
    assert not list(folder.iterdir()) if folder.exists() else True


async def test_a_token_is_needed_for_all_of_it(start: Start, folder: Path, models: Path) -> None:
    client = await start(avatars_dir=folder, models_dir=models, token="secret")
    for method, path in (
        ("GET", "/api/avatars"),
        ("POST", "/api/avatars"),
        ("DELETE", "/api/avatars/x"),
        ("DELETE", "/api/avatars/x/actions/y"),
        ("GET", "/api/avatar-jobs"),
        ("POST", "/api/avatar/task"),
    ):
        async with client.request(method, path) as response:
            assert response.status == 401


# -- LiveTalking's clients ------------------------------------------------------------------------


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


# -- uploads that are not meant well --------------------------------------------------------------

HEAD = b"POST /api/avatars HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
BEGIN = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\n' + bytes(5000)


async def begin_upload(client: Client) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An upload whose sender falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(HEAD + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n" + BEGIN)
    await writer.drain()
    return reader, writer


async def test_an_upload_whose_sender_falls_silent_is_given_up(
    studio: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.footage.GRACE_S", 0.2)
    reader, writer = await begin_upload(studio)
    assert b"408" in await within(reader.readline())
    assert not list(folder.iterdir())
    writer.close()


async def test_no_more_is_uploaded_than_can_wait(studio: Client, tmp_path: Path, folder: Path) -> None:
    silent = [await begin_upload(studio) for _ in range(MOST_WAITING + 1)]
    while len(list(folder.glob(f"{HIDDEN}*"))) <= MOST_WAITING:
        await asyncio.sleep(0.02)
    status, body = await answer(studio, "/api/avatars", data=form(photo(tmp_path)))
    assert (status, "try again" in body["msg"]) == (429, True)
    for _, writer in silent:
        writer.close()
    await within(gone(folder))
    assert (await done(studio, form(photo(tmp_path))))["state"] == "done"


async def test_a_body_that_is_not_packed_as_it_says_is_refused(studio: Client, folder: Path) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Encoding": "gzip"}
    async with studio.post("/api/avatars", data=b"not packed" * 9, headers=headers) as response:
        assert response.status == 400
    assert not list(folder.iterdir())


async def test_a_field_that_comes_twice_is_refused(studio: Client, tmp_path: Path) -> None:
    data = form(photo(tmp_path), id="anna")
    data.add_field("id", "bob")
    status, body = await answer(studio, "/api/avatars", data=data)
    assert (status, "two fields 'id'" in body["msg"]) == (400, True)


async def test_avatars_that_cannot_be_kept_are_refused_before_they_come(
    service: FakeService, start: Start, tmp_path: Path, models: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("where a folder should be")
    client = await start(avatars_dir=file, models_dir=models)
    status, body = await answer(client, "/api/avatars", data=form(photo(tmp_path)))
    assert (status, "log" in body["msg"], str(tmp_path) in body["msg"]) == (507, True, False)


async def test_who_follows_a_job_hears_its_end_when_the_server_stops(studio: Client, tmp_path: Path) -> None:
    job_id = await begun(studio, form(write_clip(tmp_path / "clip.mp4", [*mira(25)] * 8), id="anna"))
    reader, writer = await asyncio.open_connection("127.0.0.1", studio.port)
    writer.write(f"GET /api/avatar-jobs/{job_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert await within(reader.readuntil(b"event: job"))
    await studio.server.close()
    assert b'"state": "cancelled"' in await within(reader.read())
    writer.close()
