"""Uploads that are not meant well, and avatars that cannot be kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from livetalk.avatar.writing import HIDDEN
from livetalk.creation.jobs import MOST_WAITING
from tests.clips import mira, write_clip
from tests.server.asking import answer
from tests.server.avatars.studio import begun, done, form, gone, photo
from tests.server.conftest import Client, FakeService, Start, within

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
    service: FakeService, start: Start, tmp_path: Path, face_models: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("where a folder should be")
    client = await start(avatars_dir=file, models_dir=face_models)
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
