"""Recordings over HTTP: begun, ended, listed, downloaded, removed; with real files."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from livetalk.events import Event
from livetalk.protocols import PlayedFrame
from livetalk.transports.recorder import Recorder
from tests.fakes import WAIT_S
from tests.server.conftest import Client, FakeService, Start, Viewer, end_meanwhile, until
from tests.server.filming import begun, ended, fetched, listed, pictures, record

TOKEN = "a-secret-of-the-test"


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
        assert response.headers["Cache-Control"] == "private, no-cache"
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


async def test_where_nothing_was_played_there_is_no_film_and_it_says_so(
    client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with client.post("/sessions", json={}) as response:
        session_id = (await response.json())["data"]["sessionid"]
    playout, go_on = service.sessions.get(session_id).playout, threading.Event()
    commit = playout.commit

    def late(tick: int) -> PlayedFrame:
        assert go_on.wait(WAIT_S)
        return commit(tick)

    monkeypatch.setattr(playout, "commit", late)
    assert (await record(client, session_id, "start"))[0] == 200
    _, body = await record(client, session_id, "end")
    go_on.set()
    assert (body["data"]["state"], body["data"]["reason"]) == ("failed", "empty")
    assert await listed(client, session_id) == []
    assert not any((tmp_path / "recordings").iterdir())


async def test_a_session_that_ends_while_its_recording_begins_leaves_nothing(
    client: Client, viewer: Viewer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Recorder, "start", end_meanwhile(client, viewer.session_id, Recorder.start))
    assert (await record(client, viewer.session_id, "start"))[0] == 404
    assert await listed(client, viewer.session_id) == []
    assert not any((tmp_path / "recordings").iterdir())


async def test_two_that_begin_at_once_make_one_recording(client: Client, viewer: Viewer) -> None:
    both = await asyncio.gather(*(record(client, viewer.session_id, "start") for _ in range(2)))
    assert sorted(status for status, _ in both) == [200, 409]
    assert len(await listed(client, viewer.session_id)) == 1


async def test_a_recording_alone_does_not_keep_a_session_open(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.05)
    client = await start(connect_limit_s=0.5)
    async with client.post("/sessions", json={}) as response:
        session_id = (await response.json())["data"]["sessionid"]
    assert (await record(client, session_id, "start"))[0] == 200

    told = await ended(client, session_id)
    assert (await record(client, session_id, "start"))[0] == 404
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
