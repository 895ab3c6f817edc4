"""What is asked wrongly of those who make avatars, and who may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData

from livetalk.avatar.writing import HIDDEN
from tests.clips import mira, write_clip
from tests.server.asking import answer
from tests.server.avatars.studio import done, form, get, gone, photo
from tests.server.conftest import Client, FakeService, Start, within


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
    service: FakeService, start: Start, tmp_path: Path, face_models: Path, folder: Path
) -> None:
    client = await start(avatars_dir=folder, models_dir=face_models, make_avatars=False)
    status, body = await answer(client, "/api/avatars", data=form(photo(tmp_path)))
    assert (status, "make_avatars" in body["msg"]) == (503, True)
    _, config = await get(client, "/config")
    assert (config["makes_avatars"], config["avatar_upload_mb"]) == (False, 0)
    assert not list(folder.iterdir()) if folder.exists() else True


async def test_a_token_is_needed_for_all_of_it(start: Start, folder: Path, face_models: Path) -> None:
    client = await start(avatars_dir=folder, models_dir=face_models, token="secret")
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
