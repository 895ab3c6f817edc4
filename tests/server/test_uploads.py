"""Clips that callers upload."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pytest
import soundfile
from aiohttp import FormData

from tests.server.asking import answer, of_turns, read_events
from tests.server.conftest import Client, Start, Viewer, within


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
    assert {fields["entry"] for _, fields in of_turns(events)} == {"17"}


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
WHOLE = (FIELD % b"sessionid" + b"%s", FILE % b"" + wav(0.1))


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
        ([*(FIELD % (b"own%d" % n) + b"x" * 1000 for n in range(5)), *WHOLE], 413),
        ([FIELD % b"\xff\xfe" + b"x", *WHOLE], 200),
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


async def test_a_clip_for_an_unknown_session_is_a_404(client: Client) -> None:
    assert (await answer(client, "/humanaudio", data=form("0", wav(0.1))))[0] == 404
