from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile
from aiohttp import FormData

from livetalk.assets import asset
from livetalk.errors import RequestError
from livetalk.server.app import PAGE_FILES
from tests.server.conftest import Client, FakeService, Start, Viewer, until, within


async def answer(client: Client, path: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """POST; the status and the body come back."""
    async with client.post(path, **request) as response:
        return response.status, await response.json()


def wav(seconds: float, level: int = 8000, rate: int = 16_000) -> bytes:
    """A sound file of one steady level."""
    file = io.BytesIO()
    soundfile.write(file, np.full(int(seconds * rate), level, np.int16), rate, format="WAV")
    return file.getvalue()


def form(session_id: str, content: bytes, name: str = "clip.wav") -> FormData:
    """What a page uploads."""
    data = FormData()
    data.add_field("sessionid", session_id)
    data.add_field("file", content, filename=name, content_type="audio/wav")
    return data


async def test_a_clip_is_heard(viewer: Viewer, client: Client) -> None:
    status, body = await answer(client, "/humanaudio", data=form(viewer.session_id, wav(1.0)))
    assert (status, body["code"]) == (200, 0)
    await within(viewer.loud.wait())


async def test_a_clips_own_fields_come_back_in_its_events(viewer: Viewer, client: Client) -> None:
    listening = asyncio.ensure_future(read_events(client, viewer.session_id, "end"))
    data = form(viewer.session_id, wav(0.3))
    data.add_field("entry", "17")
    await within(viewer.seen.wait())
    assert (await answer(client, "/humanaudio", data=data))[0] == 200
    events = await within(listening)
    assert {fields["entry"] for _, fields in events} == {"17"}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 415),
        (b"this is no sound at all, only words " * 50, 415),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (wav(60.0), 413),
        (b"\0" * (3 << 20), 413),
    ],
    ids=["empty", "words", "playlist", "svg", "too many seconds", "too many bytes"],
)
async def test_what_is_no_fit_sound_is_refused_and_the_session_lives_on(
    start: Start, content: bytes, status: int
) -> None:
    client = await start(upload_limit_mb=2, clip_limit_s=30)
    viewer = Viewer(client)
    await viewer.connect()
    given, body = await answer(client, "/humanaudio", data=form(viewer.session_id, content))
    assert given == status == body["code"]
    assert len(body["msg"]) > 10
    assert await viewer.say("still here") == 200
    await within(viewer.loud.wait())
    await viewer.close()


FIELD = b'Content-Disposition: form-data; name="%s"\r\n\r\n'
FILE = b'Content-Disposition: form-data; name="file"; filename="a.wav"\r\n%s\r\n'


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([b"no header here\r\n\r\nx"], 400),
        ([b"Content-Disposition: form-data\r\n\r\nx"], 400),
        ([b"\xff\xfe: \x00\r\n\r\nx"], 400),
        ([b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner--\r\n"], 400),
        ([b"X-Long: " + b"a" * 20_000 + b"\r\n\r\nx"], 400),
        ([b"X-One: a\r\n" * 5_000 + b"\r\nx"], 400),
        ([FIELD % b"own" + b"x"] * 16, 400),
        ([FIELD % b"own" + b"x" * 2000], 413),
        ([FIELD % b"sessionid" + b"%s"], 400),
        ([FIELD % b"sessionid" + b"\xff\xfe", FILE % b"" + wav(0.1)], 404),
        ([FIELD % b"sessionid" + b"%s", FILE % b"Content-Encoding: deflate\r\n" + b"\x78\x9c\x00"], 415),
        ([FIELD % b"sessionid" + b"%s", FILE % b"Content-Transfer-Encoding: base64\r\n" + b"!?"], 415),
        ([FIELD % b"sessionid" + b"%s", FILE % b"Content-Length: 5\r\n" + wav(0.1)], 200),
    ],
)
async def test_an_odd_form_gets_its_status_and_the_session_lives_on(
    viewer: Viewer, client: Client, parts: list[bytes], status: int
) -> None:
    own = viewer.session_id.encode()
    body = b"".join(b"--cut\r\n" + part.replace(b"%s", own) + b"\r\n" for part in parts) + b"--cut--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    given, said = await within(answer(client, "/humanaudio", data=body, headers=headers))
    assert (given, said["code"]) == (status, 0 if status == 200 else status), said
    assert said["msg"]
    assert await viewer.say("still here") == 200
    await within(viewer.loud.wait())


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", 'multipart/form-data; boundary=""', "multipart/mixed"]
)
async def test_a_form_without_a_usable_boundary_is_refused(client: Client, kind: str) -> None:
    given, said = await within(
        answer(client, "/humanaudio", data=b"--cut--\r\n", headers={"Content-Type": kind})
    )
    assert given == said["code"] in (400, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"sessionid": 5, "text": "a", "type": "echo"}',
        b'{"sessionid": "x", "type": "echo"}',
        b'{"sessionid": "x", "text": "a", "type": "sing"}',
        b'{"sessionid": "x", "text": "a", "type": "echo", "interrupt": "perhaps"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"sessionid": "x", "text": "a", "type": "echo", "own": NaN}',
    ],
)
async def test_a_malformed_body_is_a_400_that_says_why(client: Client, body: bytes) -> None:
    given, said = await answer(client, "/human", data=body, headers={"Content-Type": "application/json"})
    assert given == said["code"] == 400
    assert said["msg"]


async def test_a_body_that_is_too_long_to_parse_is_a_413(client: Client) -> None:
    body = json.dumps({"sessionid": "x", "text": "a", "type": "echo", "own": "a" * (1 << 20)}).encode()
    given, said = await answer(client, "/human", data=body, headers={"Content-Type": "application/json"})
    assert given == said["code"] == 413


async def test_a_body_that_is_not_called_json_is_refused(client: Client) -> None:
    text = json.dumps({"sessionid": "x"})
    given, said = await answer(client, "/interrupt_talk", data=text, headers={"Content-Type": "text/plain"})
    assert given == said["code"] == 415


@pytest.mark.parametrize("path", ["/human", "/interrupt_talk", "/is_speaking"])
async def test_an_unknown_session_is_a_404(client: Client, path: str) -> None:
    given, said = await answer(client, path, json={"sessionid": "0", "text": "a", "type": "echo"})
    assert given == said["code"] == 404


async def test_an_unknown_session_of_a_clip_and_of_events_is_a_404(client: Client) -> None:
    assert (await answer(client, "/humanaudio", data=form("0", wav(0.1))))[0] == 404
    async with client.get("/sse", params={"sessionid": "0"}) as response:
        assert response.status == 404
    async with client.get("/sse") as response:
        assert response.status == 400


@pytest.mark.parametrize("sdp", ["", "v=0", "not sdp at all", "v=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\n"])
async def test_a_broken_offer_is_a_400_and_takes_no_session(
    client: Client, service: FakeService, sdp: str
) -> None:
    for _ in range(5):
        given, said = await answer(client, "/offer", json={"sdp": sdp, "type": "offer"})
        assert given == said["code"] == 400
        assert "offer" in said["msg"]
    assert len(service.sessions) == 0


async def test_an_offer_for_neither_sound_nor_pictures_is_a_400(client: Client, service: FakeService) -> None:
    viewer = Viewer(client)
    viewer.connection.createDataChannel("nothing else")
    await viewer.connection.setLocalDescription(await viewer.connection.createOffer())
    offer = {"sdp": viewer.connection.localDescription.sdp, "type": "offer"}
    given, said = await answer(client, "/offer", json=offer)
    assert given == 400
    assert "neither sound nor pictures" in said["msg"]
    assert len(service.sessions) == 0
    await viewer.close()


@pytest.mark.parametrize(
    "text",
    [
        "😀 hello 👩‍👩‍👧‍👦 world 🏳️‍🌈",
        "שלום עולם, hello, مرحبا بالعالم",
        "你好，world！これは テスト です。Привет",
        "a\u202eb\u0000c\u200d",
        "word " * 1900,
    ],
)
async def test_every_script_and_length_within_the_limit_is_spoken(viewer: Viewer, text: str) -> None:
    assert await viewer.say(text) == 200


async def test_a_text_of_a_megabyte_is_a_413(viewer: Viewer) -> None:
    assert await viewer.say("a" * 1_000_000) == 413


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "😀"])
async def test_a_text_without_words_is_a_400(viewer: Viewer, text: str) -> None:
    assert await viewer.say(text) == 400


async def test_chat_says_that_no_model_is_configured(viewer: Viewer, client: Client) -> None:
    body = {"sessionid": viewer.session_id, "text": "hello", "type": "chat"}
    given, said = await answer(client, "/human", json=body)
    assert given == 503
    assert said["msg"].startswith("no language model configured")


async def read_events(
    client: Client, session_id: str, until: str, listening: asyncio.Event | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Listen until an event of a name came."""
    events: list[tuple[str, dict[str, Any]]] = []
    async with client.get("/sse", params={"sessionid": session_id}) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        name = ""
        async for raw in response.content:
            line = raw.decode().rstrip("\n")
            if line == ": listening" and listening is not None:
                listening.set()
            elif line.startswith("event: "):
                name = line[len("event: ") :]
            elif line.startswith("data: "):
                events.append((name, json.loads(line[len("data: ") :])))
                if name == until:
                    return events
    return events


async def test_events_come_as_they_play_with_the_callers_own_fields(viewer: Viewer, client: Client) -> None:
    listening = asyncio.Event()
    reading = asyncio.ensure_future(read_events(client, viewer.session_id, "end", listening))
    await within(listening.wait())
    assert await viewer.say("one two", ticket={"id": 7}, text2="kept") == 200
    events = await within(reading)
    names = [name for name, _ in events if name != "latency"]
    assert names == ["start", "word", "word", "end"]
    assert all(fields["ticket"] == {"id": 7} for _, fields in events)
    assert [fields["word"] for name, fields in events if name == "word"] == ["one", "two"]


async def test_own_fields_that_are_no_proper_text_come_back_all_the_same(
    viewer: Viewer, client: Client
) -> None:
    listening = asyncio.Event()
    reading = asyncio.ensure_future(read_events(client, viewer.session_id, "end", listening))
    await within(listening.wait())
    assert await viewer.say("one", half="\ud800") == 200
    events = await within(reading)
    assert all(fields["half"] == "\ud800" for _, fields in events)


async def test_a_server_that_stops_does_not_wait_for_those_who_listen(viewer: Viewer, client: Client) -> None:
    listening = asyncio.Event()
    reading = asyncio.ensure_future(read_events(client, viewer.session_id, "closed", listening))
    await within(listening.wait())
    await within(client.server.close())
    assert (await within(reading))[-1][0] == "closed"


async def test_a_session_that_closed_meanwhile_is_a_404(
    viewer: Viewer, client: Client, service: FakeService
) -> None:
    session = service.sessions.get(viewer.session_id)
    await asyncio.get_running_loop().run_in_executor(None, session.close)
    assert await viewer.say("too late") == 404


async def test_a_broadcast_that_fails_ends_its_session(
    viewer: Viewer, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await within(viewer.seen.wait())
    playout = service.sessions.get(viewer.session_id).playout

    def broken(tick: int) -> None:
        raise RuntimeError("the encoder broke")

    monkeypatch.setattr(playout, "commit", broken)

    await until(lambda: len(service.sessions) == 0)


async def test_closing_a_session_ends_its_event_stream(viewer: Viewer, client: Client) -> None:
    listening = asyncio.ensure_future(read_events(client, viewer.session_id, "closed"))
    await within(viewer.seen.wait())
    await viewer.close()
    events = await within(listening)
    assert events[-1][0] == "closed"


async def test_health_readiness_metrics_and_description_answer(client: Client, viewer: Viewer) -> None:
    for path in ("/healthz", "/readyz"):
        async with client.get(path) as response:
            assert response.status == 200
    async with client.get("/metrics") as response:
        assert "livetalk_sessions 1.0" in await response.text()
    async with client.get("/openapi.json") as response:
        paths = (await response.json())["paths"]
    assert {"/offer", "/human", "/humanaudio", "/interrupt_talk", "/is_speaking", "/sse"} <= paths.keys()


async def test_every_route_of_the_api_is_described(client: Client, service: FakeService) -> None:
    async with client.get("/openapi.json") as response:
        described = set((await response.json())["paths"])
    page = {"/", "/js", *(f"/{name}" for name in PAGE_FILES)}
    paths = {resource.canonical for resource in client.app.router.resources()} - page - {"/openapi.json"}
    assert paths == described


async def test_what_late_candidates_can_be_answered_is_described(client: Client) -> None:
    async with client.get("/openapi.json") as response:
        paths = (await response.json())["paths"]
    for path in ("/whep/{session}/{viewer}", "/whip/{session}/{speaker}"):
        assert {"204", "404", "412", "422", "428"} <= paths[path]["patch"]["responses"].keys()
    assert "412" not in paths["/human"]["post"]["responses"]


async def test_the_page_is_served_and_nothing_beside_it(client: Client) -> None:
    async with client.get("/") as response:
        assert response.status == 200
        assert "text/html" in response.headers["Content-Type"]
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    for path in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/js/../../pyproject.toml", "/app.py"):
        async with client.get(path) as response:
            assert response.status in (403, 404), path


async def test_nothing_that_changes_state_answers_get(client: Client) -> None:
    for path in ("/offer", "/human", "/humanaudio", "/interrupt_talk"):
        async with client.get(path) as response:
            assert response.status == (await response.json())["code"] == 405, path
            assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_path_that_there_is_not_is_a_404(client: Client, method: str) -> None:
    async with client.request(method, "/nope") as response:
        assert response.status == (await response.json())["code"] == 404


async def test_every_file_of_the_page_is_served(client: Client) -> None:
    web = asset("web")
    for file in set(web.rglob("*.*")) - {web / "index.html"}:
        async with client.get("/" + file.relative_to(web).as_posix()) as response:
            assert response.status == 200, file


def test_every_request_error_has_a_status_of_its_own_kind() -> None:
    kinds = RequestError.__subclasses__()
    assert len({kind.status for kind in kinds}) == len(kinds)
