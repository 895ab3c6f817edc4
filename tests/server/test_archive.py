"""What is kept of recordings, and for how long."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from livetalk.errors import NotFound
from livetalk.server import studio
from livetalk.server.archive import DAY_S, Archive, Recording
from tests.fakes import Clock
from tests.server.conftest import Start, Viewer, until
from tests.server.filming import begun, ended, fetched, listed, pictures, record


async def test_the_film_outlives_its_session_and_the_server(start: Start, tmp_path: Path) -> None:
    first = await start(recordings_dir=tmp_path / "films")
    viewer = Viewer(first)
    await viewer.connect()
    film_id = await begun(first, viewer.session_id)
    await viewer.close()

    told = await ended(first, viewer.session_id)
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


async def test_what_is_old_is_removed(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    days = {"a" * 32: 8, "b" * 32: 6}
    for film_id, age in days.items():
        (films / f"{film_id}.mp4").write_bytes(b"film")
        note = {"id": film_id, "owner": "", "started": time.time() - age * 86_400, "state": "ended"}
        (films / f"{film_id}.json").write_text(json.dumps(note), encoding="utf-8")
    (films / f"{'c' * 32}.json").write_text("no note", encoding="utf-8")
    remove_old, failures = Archive.remove_old, iter([OSError("the folder is away for a moment")])

    def once_failing(archive: Archive) -> None:
        for failure in failures:
            raise failure
        remove_old(archive)

    monkeypatch.setattr(Archive, "remove_old", once_failing)
    monkeypatch.setattr(studio, "SWEEP_S", 0.05)
    client = await start(recordings_dir=films)
    await until(lambda: not (films / f"{'a' * 32}.mp4").exists())
    assert (films / f"{'b' * 32}.mp4").exists()
    assert (await fetched(client, f"/record/{'b' * 32}"))[0] == 200
    assert (await fetched(client, f"/record/{'a' * 32}"))[0] == 404


def kept(archive: Archive, session_id: str) -> Recording:
    """A recording that has ended, with a film of some bytes."""
    recording = replace(archive.create(session_id), state="ended")
    archive.path(recording).write_bytes(b"film")
    archive.keep(recording)
    return recording


def test_a_session_s_recordings_are_in_order_and_it_stands_for_its_latest(tmp_path: Path) -> None:
    clock = Clock()
    archive = Archive(tmp_path, 7, clock)
    made = []
    for session_id in ("one", "another", "one"):
        made.append(kept(archive, session_id))
        clock.pass_by(-1.0 if session_id == "another" else 5.0)
    assert archive.of("one") == [made[0], made[2]]
    assert archive.find("one") == made[2]
    assert archive.find(made[0].id) == made[0]
    again = Archive(tmp_path, 7, clock)
    again.load()
    assert again.of("one") == [made[0], made[2]]


def test_days_are_counted_from_a_recording_s_end(tmp_path: Path) -> None:
    clock = Clock()
    archive = Archive(tmp_path, 7, clock)
    short, runs = kept(archive, "short"), archive.create("runs")
    long = replace(kept(archive, "long"), seconds=2.0 * DAY_S)
    archive.keep(long)
    clock.pass_by(8.0 * DAY_S)
    archive.remove_old()
    with pytest.raises(NotFound):
        archive.find(short.id)
    assert archive.find("long") == long
    assert archive.find("runs") == runs
    clock.pass_by(1.5 * DAY_S)
    archive.remove_old()
    assert not archive.of("long")
    assert [path.stem for path in tmp_path.iterdir()] == [runs.id]


@pytest.mark.parametrize(
    ("name", "film_id", "film"),
    [
        ("a" * 32, "b" * 32, True),
        ("a" * 31, "a" * 31, True),
        ("a" * 32, "a" * 32, False),
    ],
    ids=["of another", "no id", "no film"],
)
def test_notes_that_are_none_of_ours_are_passed_over(
    tmp_path: Path, name: str, film_id: str, film: bool
) -> None:
    note = tmp_path / f"{name}.json"
    note.write_text(json.dumps({"id": film_id, "owner": "", "started": 1.0, "state": "ended"}), "utf-8")
    if film:
        for each in (name, film_id):
            (tmp_path / f"{each}.mp4").write_bytes(b"film")
    archive = Archive(tmp_path, 7)
    archive.load()
    with pytest.raises(NotFound):
        archive.find(film_id)
