"""Recordings over HTTP: begun, ended, listed, downloaded, removed; with real files."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import pytest
from av.container import InputContainer

from livetalk.events import Event
from tests.server.conftest import Client, FakeService, Viewer, until, within

Start = Callable[..., Awaitable[Client]]
TOKEN = "a-secret-of-the-test"


async def record(client: Client, session_id: str, what: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """Begin or end; the status, and what was answered."""
    body = {"sessionid": session_id, "type": f"{what}_record"}
    async with client.post("/record", json=body, headers=headers) as response:
        return response.status, await response.json()


async def listed(client: Client, session_id: str) -> list[dict[str, Any]]:
    """The recordings of a session."""
    async with client.get("/recordings", params={"sessionid": session_id}) as response:
        assert response.status == 200
        found: list[dict[str, Any]] = (await response.json())["data"]
        return found


async def begun(client: Client, session_id: str) -> str:
    """Record until some of it is on disk; the recording's id."""
    status, body = await record(client, session_id, "start")
    assert status == 200, body

    async def written() -> None:
        while (await listed(client, session_id))[-1]["bytes"] < 2000:
            await asyncio.sleep(0.02)

    await within(written())
    return str(body["data"]["id"])


def pictures(film: bytes) -> int:
    """How many pictures can be decoded."""
    with av.open(io.BytesIO(film)) as container:
        assert isinstance(container, InputContainer)
        return len([*container.decode(video=0)])


async def fetched(client: Client, path: str, **headers: str) -> tuple[int, bytes]:
    async with client.get(path, headers=headers) as response:
        return response.status, await response.read()


async def test_what_is_recorded_can_be_downloaded(client: Client, viewer: Viewer) -> None:
    film_id = await begun(client, viewer.session_id)
    assert (await listed(client, viewer.session_id))[0]["state"] == "recording"
    status, body = await record(client, viewer.session_id, "end")
    assert status == 200
    told = body["data"]
    assert (told["id"], told["state"], told["reason"]) == (film_id, "ended", "")
    async with client.get(f"/record/{film_id}") as response:
        assert response.content_type == "video/mp4"
        assert "attachment" in response.headers["Content-Disposition"]
        film = await response.read()
    assert len(film) == told["bytes"]
    assert pictures(film) == pytest.approx(told["seconds"] * 25)


async def test_it_can_be_downloaded_while_it_grows(client: Client, viewer: Viewer) -> None:
    film_id = await begun(client, viewer.session_id)
    status, film = await fetched(client, f"/record/{film_id}")
    assert status == 200
    assert pictures(film) > 0
    assert (await record(client, viewer.session_id, "end"))[0] == 200


async def test_a_part_of_it_can_be_asked_for(client: Client, viewer: Viewer) -> None:
    film_id = await begun(client, viewer.session_id)
    await record(client, viewer.session_id, "end")
    _, film = await fetched(client, f"/record/{film_id}")
    assert await fetched(client, f"/record/{film_id}", Range="bytes=100-199") == (206, film[100:200])


async def test_a_session_is_recorded_once_at_a_time(client: Client, viewer: Viewer) -> None:
    await begun(client, viewer.session_id)
    status, body = await record(client, viewer.session_id, "start")
    assert status == 409
    assert "end that recording first" in body["msg"]
    both = await asyncio.gather(*(record(client, viewer.session_id, "end") for _ in range(2)))
    assert sorted(status for status, _ in both) in ([200, 200], [200, 409])
    status, body = await record(client, viewer.session_id, "end")
    assert status == 409
    assert "start a recording first" in body["msg"]
    assert (await record(client, viewer.session_id, "start"))[0] == 200


async def test_two_that_begin_at_once_make_one_recording(client: Client, viewer: Viewer) -> None:
    both = await asyncio.gather(*(record(client, viewer.session_id, "start") for _ in range(2)))
    assert sorted(status for status, _ in both) == [200, 409]
    assert len(await listed(client, viewer.session_id)) == 1


async def test_the_film_outlives_its_session_and_the_server(start: Start, tmp_path: Path) -> None:
    first = await start(recordings_dir=tmp_path / "films")
    viewer = Viewer(first)
    await viewer.connect()
    film_id = await begun(first, viewer.session_id)
    await viewer.close()

    async def over() -> None:
        while (await listed(first, viewer.session_id))[0]["state"] == "recording":
            await asyncio.sleep(0.02)

    await within(over())
    [told] = await listed(first, viewer.session_id)
    assert (told["state"], told["reason"], told["detail"]) == ("ended", "session_ended", "the session ended")
    second = await start(recordings_dir=tmp_path / "films")
    assert await listed(second, viewer.session_id) == [told]
    for name in (film_id, viewer.session_id):  # LiveTalking's clients ask by the session
        status, film = await fetched(second, f"/record/{name}")
        assert status == 200
        assert pictures(film) > 0


async def test_no_session_id_is_kept_on_disk(start: Start, tmp_path: Path) -> None:
    client = await start(recordings_dir=tmp_path / "films")
    viewer = Viewer(client)
    await viewer.connect()
    await begun(client, viewer.session_id)
    await record(client, viewer.session_id, "end")
    await viewer.close()
    files = [*(tmp_path / "films").iterdir()]
    assert len(files) == 2
    assert all(viewer.session_id.encode() not in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


async def test_what_a_killed_server_left_is_found_with_its_length(start: Start, tmp_path: Path) -> None:
    client = await start(recordings_dir=tmp_path / "films")
    viewer = Viewer(client)
    await viewer.connect()
    film_id = await begun(client, viewer.session_id)
    killed = tmp_path / "killed"
    killed.mkdir()
    for path in (tmp_path / "films").iterdir():
        (killed / path.name).write_bytes(path.read_bytes())
    await viewer.close()
    other = await start(recordings_dir=killed)
    [told] = await listed(other, viewer.session_id)
    assert told["id"] == film_id
    assert (told["state"], told["reason"]) == ("ended", "server_stopped")
    assert told["seconds"] > 0


async def test_a_recording_alone_does_not_keep_a_session_open(start: Start) -> None:
    client = await start(connect_limit_s=0.5)
    async with client.post("/sessions", json={}) as response:
        session_id = (await response.json())["data"]["sessionid"]
    assert (await record(client, session_id, "start"))[0] == 200

    async def over() -> None:
        while (await listed(client, session_id))[0]["state"] == "recording":
            await asyncio.sleep(0.1)

    await asyncio.wait_for(over(), 20)  # sessions are looked for every five seconds
    assert (await record(client, session_id, "start"))[0] == 404
    [told] = await listed(client, session_id)
    assert (told["state"], told["reason"]) == ("ended", "session_ended")


async def test_a_recording_can_be_removed_also_while_it_runs(
    client: Client, viewer: Viewer, tmp_path: Path
) -> None:
    film_id = await begun(client, viewer.session_id)
    async with client.delete(f"/record/{film_id}") as response:
        assert response.status == 200
    assert await listed(client, viewer.session_id) == []
    assert (await fetched(client, f"/record/{film_id}"))[0] == 404
    assert not any((tmp_path / "recordings").iterdir())
    assert (await record(client, viewer.session_id, "start"))[0] == 200


@pytest.mark.parametrize("asked", ["0" * 32, "x.mp4", "%2e%2e%2fsecret"])
async def test_what_is_no_recording_is_not_found(client: Client, asked: str) -> None:
    assert (await fetched(client, f"/record/{asked}"))[0] == 404


async def test_unknown_sessions_cannot_be_recorded_and_list_nothing(client: Client) -> None:
    assert (await record(client, "0" * 32, "start"))[0] == 404
    assert (await record(client, "0" * 32, "end"))[0] == 404
    assert await listed(client, "0" * 32) == []
    assert (await fetched(client, "/recordings"))[0] == 400
    async with client.post("/record", json={"sessionid": "0" * 32, "type": "pause"}) as response:
        assert response.status == 400


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

    async def over() -> None:
        while (await listed(client, viewer.session_id))[0]["state"] == "recording":
            await asyncio.sleep(0.05)

    await within(over())
    [told] = await listed(client, viewer.session_id)
    assert (told["state"], told["reason"]) == ("ended", "no_room")
    _, film = await fetched(client, f"/record/{film_id}")
    assert pictures(film) > 0
    status, body = await record(client, viewer.session_id, "start")
    assert status == 507
    assert "recordings_mb" in body["msg"]
    other.unlink()
    assert (await record(client, viewer.session_id, "start"))[0] == 200


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

    async def over() -> None:
        while (await listed(client, viewer.session_id))[0]["state"] == "recording":
            await asyncio.sleep(0.05)

    await within(over())
    [told] = await listed(client, viewer.session_id)
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


async def test_what_is_old_is_removed(start: Start, tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    days = {"a" * 32: 8, "b" * 32: 6}
    for film_id, age in days.items():
        (films / f"{film_id}.mp4").write_bytes(b"film")
        note = {"id": film_id, "owner": "", "started": time.time() - age * 86_400, "state": "ended"}
        (films / f"{film_id}.json").write_text(json.dumps(note), encoding="utf-8")
    (films / f"{'c' * 32}.json").write_text("no note", encoding="utf-8")
    client = await start(recordings_dir=films)
    await until(lambda: not (films / f"{'a' * 32}.mp4").exists())
    assert (films / f"{'b' * 32}.mp4").exists()
    assert (await fetched(client, f"/record/{'b' * 32}"))[0] == 200
    assert (await fetched(client, f"/record/{'a' * 32}"))[0] == 404


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
    await viewer.close()
    assert status == 503
    assert str(tmp_path) not in body["msg"]


async def test_listeners_hear_of_recordings(client: Client, viewer: Viewer, service: FakeService) -> None:
    told: list[Event] = []
    service.sessions.get(viewer.session_id).events.listen(told.append)
    film_id = await begun(client, viewer.session_id)
    await record(client, viewer.session_id, "end")
    assert [(event.name, event.fields["id"], event.fields["state"]) for event in told] == [
        ("recording", film_id, "recording"),
        ("recording", film_id, "ended"),
    ]


async def test_metrics_count_recordings(client: Client, viewer: Viewer, service: FakeService) -> None:
    await begun(client, viewer.session_id)
    assert b"livetalk_recordings 1.0" in service.metrics.text()
    await until(lambda: b"livetalk_recording_bytes 0.0" not in service.metrics.text())
    await record(client, viewer.session_id, "end")
    assert b"livetalk_recordings 0.0" in service.metrics.text()


async def test_a_link_works_without_the_token_for_its_film_alone(start: Start, tmp_path: Path) -> None:
    client = await start(token=TOKEN, recordings_dir=tmp_path / "films")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    async with client.post("/sessions", json={}, headers=bearer) as response:
        session_id = (await response.json())["data"]["sessionid"]
    films = []
    for _ in range(2):
        _, body = await record(client, session_id, "start", **bearer)
        films.append(body["data"]["id"])
        await until(lambda: (tmp_path / "films" / f"{films[-1]}.mp4").stat().st_size > 2000)
        await record(client, session_id, "end", **bearer)
    async with client.post(f"/record/{films[0]}/link", headers=bearer) as response:
        path = "/" + (await response.json())["data"]["path"]
    status, film = await fetched(client, path)
    assert status == 200
    assert pictures(film) > 0
    assert (await fetched(client, path, Range="bytes=0-9"))[0] == 206
    assert (await fetched(client, path.replace(films[0], films[1])))[0] == 401
    assert (await fetched(client, f"/record/{films[0]}"))[0] == 401
    assert (await fetched(client, f"/record/{films[0]}?ticket="))[0] == 401
    async with client.delete(path) as response:
        assert response.status == 401
    async with client.post(f"/record/{films[0]}/link") as response:
        assert response.status == 401


@pytest.mark.parametrize("suffix", ["json", "mp4"])
async def test_a_recording_that_could_not_begin_is_not_listed(
    client: Client, viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    film_id = "f" * 32
    (tmp_path / "recordings" / f"{film_id}.{suffix}").mkdir(parents=True)
    with monkeypatch.context() as known:
        known.setattr("livetalk.server.archive.secrets.token_hex", lambda _count: film_id)
        status, _ = await record(client, viewer.session_id, "start")
    assert status == 503
    assert await listed(client, viewer.session_id) == []
    assert not [*(tmp_path / "recordings").glob("*.part")]
