from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from livetalk import registry
from livetalk.errors import OutputError, SettingsError
from livetalk.script import Script
from livetalk.server.app import HOUSE
from livetalk.server.unattended import Unattended
from livetalk.settings import Settings, parse_outputs
from livetalk.types import FPS
from tests.server.collecting import SLOW_TICKS, Collecting
from tests.server.conftest import Client, FakeService, Start, Viewer, end_meanwhile, until, within

OUTPUTS = (
    "collect",
    "other=collect:2",
    "refused=collect:refused",
    "broken=collect:failing",
    "slow=collect:slow",
    "waiting=collect:waiting",
    "away=collect:away",
)


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[Collecting]:
    """The outputs that were started."""
    table = {"collect": "tests.server.collecting:Collecting"}
    monkeypatch.setitem(registry.BUILT_IN, "livetalk.outputs", table)
    Collecting.started = []
    return Collecting.started


@pytest.fixture
async def client(start: Start) -> Client:
    return await start(outputs=OUTPUTS)


async def called(client: Client, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body) as response:
        return response.status, await response.json()


async def listed(client: Client, session_id: str) -> list[dict[str, Any]]:
    async with client.get("/outputs", params={"sessionid": session_id}) as response:
        said = await response.json()
        assert response.status == 200, said
        return list(said["data"])


async def test_outputs_come_and_go_beside_a_viewer(
    client: Client, viewer: Viewer, started: list[Collecting]
) -> None:
    status, first = await called(client, "/outputs", sessionid=viewer.session_id, output="collect")
    assert status == 200
    _, second = await called(client, "/outputs", sessionid=viewer.session_id, output="other")
    await until(lambda: all(each.ticks > 5 for each in started))
    states = {(each["output"], each["state"]) for each in await listed(client, viewer.session_id)}
    assert states == {("collect", "live"), ("other", "live")}
    stop = {"sessionid": viewer.session_id, "id": first["data"]["id"]}
    assert (await called(client, "/outputs/stop", **stop))[0] == 200
    assert [each["id"] for each in await listed(client, viewer.session_id)] == [second["data"]["id"]]
    assert (await called(client, "/outputs/stop", **stop))[0] == 404
    viewer.seen.clear()
    await within(viewer.seen.wait())


async def test_an_output_keeps_its_session_open_until_it_is_stopped(
    client: Client, viewer: Viewer, service: FakeService, started: list[Collecting]
) -> None:
    _, said = await called(client, "/outputs", sessionid=viewer.session_id, output="collect")
    await within(viewer.seen.wait())
    await viewer.close()
    before = started[0].ticks
    await until(lambda: started[0].ticks > before + 25)
    assert len(service.sessions) == 1
    await called(client, "/outputs/stop", sessionid=viewer.session_id, id=said["data"]["id"])
    await until(lambda: len(service.sessions) == 0)
    assert started[0].state == "stopped"


async def test_what_the_operator_did_not_name_is_refused(client: Client, viewer: Viewer) -> None:
    status, said = await called(
        client, "/outputs", sessionid=viewer.session_id, output="rtmp://elsewhere.example/live/key"
    )
    assert status == 400
    assert "there are: away, broken, collect, other, refused, slow, waiting" in said["msg"]
    status, said = await called(client, "/outputs", sessionid=viewer.session_id, output="refused")
    assert status == 503
    assert "install it" in said["msg"]
    assert (await called(client, "/outputs", sessionid="0", output="collect"))[0] == 404
    assert await listed(client, viewer.session_id) == []


async def test_a_session_goes_to_an_output_once_at_a_time(
    client: Client, viewer: Viewer, started: list[Collecting]
) -> None:
    ask = {"sessionid": viewer.session_id, "output": "collect"}
    answers = await asyncio.gather(*(called(client, "/outputs", **ask) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409]
    assert len(started) == 1
    _, other = await called(client, "/sessions")
    status, _ = await called(client, "/outputs", sessionid=other["data"]["sessionid"], output="collect")
    assert status == 200
    (running,) = await listed(client, viewer.session_id)
    await called(client, "/outputs/stop", sessionid=viewer.session_id, id=running["id"])
    assert (await called(client, "/outputs", **ask))[0] == 200


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("collect:nowhere", "outputs: stage: this goes nowhere"),
        ("absent:x", "outputs: stage: output 'absent' needs the package 'no_such_package'"),
        ("rtmq://x", "outputs: stage: unknown output 'rtmq'; installed are: absent, collect"),
    ],
)
async def test_a_target_that_can_never_work_is_told_at_the_start(
    start: Start, monkeypatch: pytest.MonkeyPatch, target: str, why: str
) -> None:
    monkeypatch.setitem(registry.BUILT_IN["livetalk.outputs"], "absent", "no_such_package:Output")
    with pytest.raises(SettingsError, match=re.escape(why)):
        await start(outputs=[f"stage={target}"])


async def test_an_output_is_stopped_by_its_own_session_only(client: Client, viewer: Viewer) -> None:
    _, said = await called(client, "/outputs", sessionid=viewer.session_id, output="collect")
    _, other = await called(client, "/sessions")
    body = {"sessionid": other["data"]["sessionid"], "id": said["data"]["id"]}
    assert (await called(client, "/outputs/stop", **body))[0] == 404
    assert len(await listed(client, viewer.session_id)) == 1
    assert await listed(client, other["data"]["sessionid"]) == []


async def test_outputs_of_no_session_are_not_listed(client: Client) -> None:
    async with client.get("/outputs", params={"sessionid": "0"}) as response:
        assert response.status == 404
    async with client.get("/outputs") as response:
        assert response.status == 400
        assert "name the session" in (await response.json())["msg"]


async def test_an_output_whose_session_ends_while_it_begins_is_stopped(
    client: Client, viewer: Viewer, started: list[Collecting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Collecting, "start", end_meanwhile(client, viewer.session_id, Collecting.start))
    status, _ = await called(client, "/outputs", sessionid=viewer.session_id, output="collect")
    assert (status, started[0].state) == (404, "stopped")


async def test_the_page_is_told_which_outputs_there_are(client: Client) -> None:
    async with client.get("/config") as response:
        named = (await response.json())["data"]["outputs"]
    assert named == ["away", "broken", "collect", "other", "refused", "slow", "waiting"]


@pytest.mark.parametrize("values", [("a=rtmp://x", "a=rtmp://y"), ("=rtmp://x",), ("rtmp://x/y",)])
def test_outputs_need_names_of_their_own(values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="output"):
        parse_outputs(values)
    with pytest.raises(ValueError, match="output"):
        Settings(outputs=values)


# -- unattended -----------------------------------------------------------------------------------


@pytest.fixture
def script(tmp_path: Path) -> Script:
    path = tmp_path / "lines.txt"
    path.write_text("# a comment\nword word word\n\n...\nword word\n", encoding="utf-8")
    return Script(path, pause_s=0.0)


async def test_a_script_is_spoken_into_the_outputs_and_then_it_ends(
    client: Client, service: FakeService, script: Script, started: list[Collecting]
) -> None:
    await within(Unattended(["collect"], script).run(client.app[HOUSE], "http://here"))
    assert started[0].loud >= 12, "five words of 100 ms"
    assert started[0].state == "stopped"
    assert len(service.sessions) == 0


async def test_there_is_a_pause_after_each_line(
    client: Client, script: Script, started: list[Collecting]
) -> None:
    slow = Script(script.path, pause_s=1.0)
    await within(Unattended(["collect"], slow).run(client.app[HOUSE], "http://here"))
    assert started[0].ticks - started[0].loud >= 2 * FPS


async def test_where_too_many_texts_wait_a_line_is_left_out_and_nothing_ends(
    client: Client,
    tmp_path: Path,
    started: list[Collecting],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("livetalk.server.unattended.FULL_S", 0.1)
    caplog.set_level(logging.INFO, logger="livetalk.server.unattended")
    path = tmp_path / "two.txt"
    path.write_text("word word word\nword\n", encoding="utf-8")
    running = asyncio.create_task(
        Unattended(["collect"], Script(path, repeat=True, pause_s=0.0)).run(client.app[HOUSE], "http://here")
    )
    await until(lambda: bool(started) and started[0].loud > 0)
    session_id = capsys.readouterr().out.split("=")[-1].strip()
    while "others wait already" not in caplog.text:
        await called(client, "/human", sessionid=session_id, text="word", type="echo")
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(running)


async def test_the_first_line_waits_for_outputs_that_are_not_ready(
    client: Client, script: Script, started: list[Collecting]
) -> None:
    await within(Unattended(["slow"], script).run(client.app[HOUSE], "http://here"))
    assert started[0].loud >= 5, "it fails at its first loud tick before it is ready, and is handed no more"
    assert started[0].ticks > SLOW_TICKS


async def test_a_server_that_is_away_for_long_is_not_waited_for(
    client: Client, script: Script, started: list[Collecting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.unattended.STARTING_S", 0.1)
    await within(Unattended(["away"], script).run(client.app[HOUSE], "http://here"))
    assert started[0].loud >= 5


async def test_an_output_that_breaks_does_not_end_the_others(
    client: Client, script: Script, started: list[Collecting]
) -> None:
    await within(Unattended(["broken", "collect"], script).run(client.app[HOUSE], "http://here"))
    assert started[1].loud >= 5


async def test_neither_silence_nor_solitude_ends_it(
    start: Start, service: FakeService, started: list[Collecting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livetalk.server.attendance.SWEEP_S", 0.02)
    client = await start(outputs=OUTPUTS, idle_limit_s=0.1, connect_limit_s=0.1)
    running = asyncio.create_task(Unattended([], None).run(client.app[HOUSE], "http://here"))
    await until(lambda: len(service.sessions) == 1)
    before = list(service.sessions._sessions)
    await asyncio.sleep(0.5)
    assert list(service.sessions._sessions) == before
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(running)


async def test_texts_come_in_between_and_cut_lines_off(
    client: Client,
    service: FakeService,
    tmp_path: Path,
    started: list[Collecting],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 400, encoding="utf-8")
    running = asyncio.create_task(Unattended(["collect"], Script(path)).run(client.app[HOUSE], "http://here"))
    await until(lambda: bool(started) and started[0].loud > 5)
    session_id = capsys.readouterr().out.split("=")[-1].strip()
    status, _ = await called(client, "/human", sessionid=session_id, text="word", type="echo", interrupt=True)
    assert status == 200
    await within(running)
    assert len(service.sessions) == 0


async def test_a_looped_script_begins_again_and_ends_when_it_is_told_to(
    client: Client, service: FakeService, script: Script, started: list[Collecting]
) -> None:
    looped = Script(script.path, repeat=True, pause_s=0.0)
    running = asyncio.create_task(Unattended(["collect"], looped).run(client.app[HOUSE], "http://here"))
    await until(lambda: bool(started) and started[0].loud > 15)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(running)
    assert len(service.sessions) == 0
    assert started[0].state == "stopped"


async def test_an_output_that_starts_while_we_are_told_to_stop_is_stopped_again(
    client: Client, service: FakeService, started: list[Collecting]
) -> None:
    running = asyncio.create_task(Unattended(["waiting"], None).run(client.app[HOUSE], "http://here"))
    await until(lambda: bool(started) and started[0].starting.is_set())
    running.cancel()
    await asyncio.sleep(0)
    started[0].may_start.set()
    with pytest.raises(asyncio.CancelledError):
        await within(running)
    await until(lambda: started[0].state != "starting")
    assert started[0].state == "stopped"
    assert len(service.sessions) == 0


async def test_a_session_that_fails_is_followed_by_another(
    client: Client,
    service: FakeService,
    script: Script,
    started: list[Collecting],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("livetalk.server.unattended.AGAIN_S", 0.01)
    running = asyncio.create_task(Unattended(["collect"], None).run(client.app[HOUSE], "http://here"))
    await until(lambda: bool(started) and started[0].ticks > 5)
    (session_id,) = service.sessions._sessions
    await client.app[HOUSE].attendance.end(session_id)
    await until(lambda: len(started) > 1 and started[1].ticks > 5)
    assert list(service.sessions._sessions) != [session_id]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(running)


async def test_it_ends_when_no_output_can_go_on(client: Client, service: FakeService) -> None:
    with pytest.raises(OutputError, match="broken: it broke"):
        await within(Unattended(["broken"], None).run(client.app[HOUSE], "http://here"))
    assert len(service.sessions) == 0


def test_a_script_is_read_anew_each_round(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("one\n", encoding="utf-8")
    lines = Script(path, repeat=True).lines()
    assert next(lines) == "one"
    path.write_text("two\nthree\n", encoding="utf-8")
    assert [next(lines), next(lines)] == ["two", "three"]
    path.unlink()
    assert [next(lines), next(lines)] == ["two", "three"]


@pytest.mark.parametrize("content", [None, b"", b"# nothing\n\n", b"\xff\xfe\x00"])
def test_a_script_without_a_line_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lines.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"lines\.txt"):
        Script(path).read()
