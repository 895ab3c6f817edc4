"""What MuseTalk's controls would change, drawn through the API."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import FormData

from livetalk.avatar.writing import HIDDEN
from livetalk.creation.preview import LONGER_PX
from livetalk.server.avatar_preview import MOST
from tests.clips import grey, mira, write_clip, write_photo
from tests.creation.test_making import posix, workers
from tests.server.asking import answer
from tests.server.conftest import Client, Start, until

PATH = "/api/avatar-preview"


@pytest.fixture
async def client(start: Start, folder: Path, face_models: Path) -> AsyncIterator[Client]:
    """A server, of whose previews nothing is left in the end."""
    client = await start(avatars_dir=folder, models_dir=face_models, avatar_upload_mb=4)
    yield client
    await until(lambda: not left(folder))


def left(folder: Path) -> list[Path]:
    return [*folder.iterdir()] if folder.exists() else []


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(tmp_path / "face.png", mira(1)[0])


def form(path: Path, options: str | None = None, **fields: str) -> FormData:
    data = FormData()
    if options is not None:
        data.add_field("options", options)
    for name, value in fields.items():
        data.add_field(name, value)
    data.add_field("source", path.read_bytes(), filename=path.name)
    return data


async def drawn(client: Client, data: FormData) -> tuple[int, ...]:
    """The shape of what is drawn."""
    async with client.post(PATH, data=data) as response:
        assert response.status == 200, await response.text()
        assert response.content_type == "image/jpeg"
        content = await response.read()
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture).shape


async def test_a_photo_is_answered_with_a_picture(client: Client, photo: Path) -> None:
    assert max(await drawn(client, form(photo))) == LONGER_PX
    options = '{"face": 1, "musetalk": {"parsing_mode": "neck", "extra_margin": 20}}'
    assert max(await drawn(client, form(photo, options))) == LONGER_PX


async def test_a_clip_is_answered_with_the_picture_of_its_part(client: Client, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [*[grey(90, 512, 512)] * 20, *mira(15)])
    status, body = await answer(client, PATH, data=form(clip))
    assert (status, "no face was found" in body["msg"]) == (422, True)
    assert max(await drawn(client, form(clip, '{"start_s": 1}'))) == LONGER_PX


@pytest.mark.parametrize(
    ("options", "fields", "said"),
    [
        ("{", {}, "options: "),
        ('{"musetalk": {"bbox_shift": 999}}', {}, "options: musetalk.bbox_shift"),
        ('{"wings": 2}', {}, "options: wings"),
        ("{}", {"recipe": "{}"}, "unknown field 'recipe'; there are: options, source"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: Client, photo: Path, options: str, fields: dict[str, str], said: str
) -> None:
    status, body = await answer(client, PATH, data=form(photo, options, **fields))
    assert (status, said in body["msg"]) == (400, True), body


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "this is not a clip"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "damaged"),
        (b"", "the file is empty"),
    ],
)
async def test_media_that_are_none_are_refused_with_a_reason(
    client: Client, tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "x.png").write_bytes(content)
    status, body = await answer(client, PATH, data=form(tmp_path / "x.png"))
    assert (status, said in body["msg"]) == (422, True), body


async def test_a_damaged_photo_is_told_by_the_name_that_it_was_sent_with(
    client: Client, tmp_path: Path
) -> None:
    cut = write_photo(tmp_path / "Anna.jpg", mira(1)[0])
    cut.write_bytes(cut.read_bytes()[:9000])
    status, body = await answer(client, PATH, data=form(cut))
    assert (status, body["msg"]) == (422, "Anna.jpg is damaged; save it again as a jpg or png")


async def test_one_picture_is_taken_and_no_more(client: Client, photo: Path) -> None:
    data = form(photo)
    data.add_field("source", photo.read_bytes(), filename="second.png")
    assert (await answer(client, PATH, data=data))[0] == 413
    status, body = await answer(client, PATH, data=FormData({"options": "{}"}, default_to_multipart=True))
    assert (status, "no file in its field source" in body["msg"]) == (400, True)
    assert (await answer(client, PATH, json={}))[0] == 415


async def test_an_upload_that_is_too_large_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "large.mp4").write_bytes(bytes(5 << 20))
    status, body = await answer(client, PATH, data=form(tmp_path / "large.mp4"))
    assert (status, "avatar_upload_mb" in body["msg"]) == (413, True)


async def test_none_is_drawn_where_no_avatars_are_made(
    start: Start, folder: Path, face_models: Path, photo: Path
) -> None:
    client = await start(avatars_dir=folder, models_dir=face_models, make_avatars=False)
    status, body = await answer(client, PATH, data=form(photo))
    assert (status, "make_avatars" in body["msg"]) == (503, True)


async def test_a_token_is_needed(start: Start, folder: Path, face_models: Path) -> None:
    client = await start(avatars_dir=folder, models_dir=face_models, token="secret")
    async with client.post(PATH) as response:
        assert response.status == 401


async def test_several_at_once_are_all_drawn_and_more_are_refused(client: Client, photo: Path) -> None:
    async def asked() -> int:
        async with client.post(PATH, data=form(photo)) as response:
            assert response.status == 200 or "Retry-After" in response.headers
            await response.read()
            return response.status

    found = await asyncio.gather(*(asked() for _ in range(MOST + 3)))
    assert sorted(set(found)) == [200, 429]
    assert found.count(200) >= MOST
    assert await asked() == 200, "there is room again"


@posix
async def test_a_process_that_dies_is_told_and_the_server_lives(client: Client, photo: Path) -> None:
    asking = asyncio.ensure_future(answer(client, PATH, data=form(photo)))
    await until(lambda: bool(workers()))
    for pid in workers():
        os.kill(pid, signal.SIGSEGV)
    status, body = await asking
    assert (status, "crashed what reads it" in body["msg"]) == (422, True)


@posix
async def test_who_leaves_ends_the_process_and_nothing_is_left(
    client: Client, photo: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asking = asyncio.ensure_future(answer(client, PATH, data=form(photo)))
    await until(lambda: bool(workers()))
    for pid in workers():
        os.kill(pid, signal.SIGSTOP)  # so that it does not end by itself
    asking.cancel()
    await until(lambda: not workers())
    await until(lambda: not left(folder))
    gc.collect()
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_an_upload_that_breaks_off_leaves_nothing(client: Client, folder: Path) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="source"; filename="x.mp4"\r\n\r\n'.encode()
        + bytes(5000)
    )
    await writer.drain()
    await until(lambda: bool([*folder.glob(f"{HIDDEN}*")]))
    writer.close()
    await until(lambda: not left(folder))


@posix
async def test_a_server_that_stops_waits_for_no_preview(
    start: Start, folder: Path, face_models: Path, photo: Path
) -> None:
    client = await start(avatars_dir=folder, models_dir=face_models)
    asking = asyncio.ensure_future(answer(client, PATH, data=form(photo)))
    await until(lambda: bool(workers()))
    for pid in workers():
        os.kill(pid, signal.SIGSTOP)
    await client.close()
    await asyncio.wait([asking])
    assert asking.exception() is not None or asking.result()[0] == 503
    assert workers() == []
    assert not left(folder)
