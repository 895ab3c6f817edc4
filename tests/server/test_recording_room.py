"""Recordings where there is no room, or nothing to write to."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livetalk.server import studio
from tests.server.conftest import Client, Start, Viewer
from tests.server.filming import begun, ended, fetched, pictures, record


@pytest.fixture
async def small(start: Start, tmp_path: Path) -> AsyncIterator[tuple[Client, Viewer]]:
    """A server with room for two megabytes, and a viewer of it."""
    client = await start(recordings_dir=tmp_path / "films", recordings_mb=2)
    viewer = Viewer(client)
    await viewer.connect()
    yield client, viewer
    await viewer.close()


async def test_where_the_room_is_used_up_recordings_end_and_none_begins(
    small: tuple[Client, Viewer], tmp_path: Path
) -> None:
    client, viewer = small
    film_id = await begun(client, viewer.session_id)
    other = tmp_path / "films" / f"{'a' * 32}.mp4"
    other.write_bytes(bytes(2 << 20))

    told = await ended(client, viewer.session_id)
    assert (told["state"], told["reason"]) == ("ended", "no_room")
    _, film = await fetched(client, f"/record/{film_id}")
    assert pictures(film) > 0
    status, body = await record(client, viewer.session_id, "start")
    assert status == 507
    assert "recordings_mb" in body["msg"]
    other.unlink()
    assert (await record(client, viewer.session_id, "start"))[0] == 200


async def test_room_is_kept_for_what_comes_before_recordings_are_looked_at_again(
    start: Start, tmp_path: Path
) -> None:
    room, rate = 2 << 20, 500_000 / 8
    client = await start(
        recordings_dir=tmp_path / "films",
        recordings_mb=2,
        video_bitrate_kbps=436,
        audio_bitrate_kbps=64,
    )
    viewer = Viewer(client)
    await viewer.connect()
    (tmp_path / "films").mkdir()
    other = tmp_path / "films" / f"{'a' * 32}.mp4"
    other.write_bytes(bytes(int(room - studio.AHEAD_S * rate)))
    assert (await record(client, viewer.session_id, "start"))[0] == 507
    other.write_bytes(bytes(int(room - studio.AHEAD_S * rate) - 20_000))
    assert (await record(client, viewer.session_id, "start"))[0] == 200
    told = await ended(client, viewer.session_id)
    assert (told["state"], told["reason"]) == ("ended", "no_room")
    assert sum(path.stat().st_size for path in (tmp_path / "films").glob("*.mp4")) <= room
    await viewer.close()


async def test_a_disk_that_takes_no_more_ends_a_recording_and_leaves_what_there_is(
    client: Client, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    film_id = await begun(client, viewer.session_id)
    film_number = (tmp_path / "recordings" / f"{film_id}.mp4").stat().st_ino
    write = os.write

    def full(number: int, data: bytes) -> int:
        if os.fstat(number).st_ino == film_number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(number, data)

    monkeypatch.setattr(os, "write", full)

    told = await ended(client, viewer.session_id)
    assert (told["state"], told["reason"]) == ("failed", "disk")
    status, film = await fetched(client, f"/record/{film_id}")
    assert status == 200
    assert pictures(film) > 0
    monkeypatch.undo()
    assert (await record(client, viewer.session_id, "start"))[0] == 200


async def test_without_any_room_the_page_is_told_so(start: Start) -> None:
    client = await start(recordings_mb=0)
    async with client.get("/config") as response:
        assert (await response.json())["data"]["records"] is False
    async with client.post("/sessions", json={}) as response:
        session_id = (await response.json())["data"]["sessionid"]
    status, body = await record(client, session_id, "start")
    assert status == 507
    assert "records nothing" in body["msg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
async def test_a_folder_that_cannot_be_written_is_told_without_its_path(start: Start, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    client = await start(recordings_dir=tmp_path / "films")
    viewer = Viewer(client)
    await viewer.connect()
    status, body = await record(client, viewer.session_id, "start")
    await viewer.close()
    assert status == 503
    assert str(tmp_path) not in body["msg"]


async def test_a_file_in_the_folder_s_place_is_told_without_its_path(start: Start, tmp_path: Path) -> None:
    (tmp_path / "films").write_bytes(b"")
    client = await start(recordings_dir=tmp_path / "films")
    viewer = Viewer(client)
    await viewer.connect()
    status, body = await record(client, viewer.session_id, "start")
    assert status == 503
    assert str(tmp_path) not in body["msg"]
    (tmp_path / "films").unlink()
    assert (await record(client, viewer.session_id, "start"))[0] == 200
    await viewer.close()
