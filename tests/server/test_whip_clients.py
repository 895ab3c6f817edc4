"""Publishers that were not written here speak through a session: werift's, and GStreamer's."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from livetalk.broadcast.encoders import OpusEncoder
from livetalk.types import CHUNK_SAMPLES, SAMPLE_RATE
from tests.node_part import FOLDER, needs_werift
from tests.server.conftest import Client, FakeService, Viewer, within

TOKEN = "secret-token-of-some-length"
GSTREAMER = Path(__file__).parents[1] / "gst" / "whip_publisher.py"
PYTHON = "/usr/bin/python3"
"""Debian's, which sees its bindings of GStreamer"""
BINDINGS = (
    "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst; Gst.init(None); "
    "assert all(map(Gst.ElementFactory.find, ['webrtcbin', 'nicesrc', 'opusenc', 'vp8enc']))"
)


@pytest.fixture
async def gstreamer() -> None:
    """Skip where it is missing."""
    if not Path(PYTHON).exists() or await _status(PYTHON, "-c", BINDINGS):
        pytest.skip("needs python3-gi, gir1.2-gst-plugins-bad-1.0, gstreamer1.0-nice and -plugins-good")


async def _status(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    await process.communicate()
    return process.returncode or 0


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A second of quiet and half a second of a tone, as packets of Opus with their lengths."""
    time = np.arange(CHUNK_SAMPLES * 25) / SAMPLE_RATE
    tone = (9000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16)
    pcm = np.concatenate([np.zeros(SAMPLE_RATE, np.int16), tone])
    encoder = OpusEncoder(48_000)
    packets = [encoder.encode(chunk) for chunk in pcm.reshape(-1, CHUNK_SAMPLES)]
    path = tmp_path / "speech.opus"
    path.write_bytes(b"".join(len(each).to_bytes(2, "big") + each for each in packets))
    return path


@asynccontextmanager
async def program(*command: str, cwd: Path | None = None) -> AsyncIterator[Process]:
    """Run it; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, cwd=cwd)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: Process) -> str:
    """The next that it says."""
    assert process.stdout is not None
    return str((await within(process.stdout.readline())).decode().strip())


@needs_werift
@pytest.mark.parametrize("kinds", ["audio", "video"])
async def test_a_publisher_of_werifts_is_heard_and_leaves(
    service: FakeService, viewer: Viewer, client: Client, speech: Path, kinds: str
) -> None:
    endpoint = str(client.make_url(f"/whip/{viewer.session_id}"))
    async with program("node", "whip_publisher.mjs", endpoint, str(speech), kinds, cwd=FOLDER) as process:
        assert await line(process) == "201"
        assert await line(process) == "connected"
        await within(viewer.loud.wait())
        await within(viewer.quiet.wait())
        await within(viewer.loud.wait())
        assert process.stdin is not None
        process.stdin.write(b"leave\n")
        assert await line(process) == "200"
    assert service.sessions.get(viewer.session_id)._voices._open[0].closed


@needs_werift
async def test_a_publisher_without_the_token_is_refused(
    start: Callable[..., Awaitable[Client]], speech: Path
) -> None:
    client = await start(token=TOKEN)
    async with client.post("/sessions", json={}, headers={"Authorization": f"Bearer {TOKEN}"}) as response:
        session_id = (await response.json())["data"]["sessionid"]
    command = [
        "node",
        "whip_publisher.mjs",
        str(client.make_url(f"/whip/{session_id}")),
        str(speech),
        "audio",
    ]
    async with program(*command, cwd=FOLDER) as process:
        assert await line(process) == "401"
    async with program(*command, TOKEN, cwd=FOLDER) as process:
        assert await line(process) == "201"
        assert await line(process) == "connected"


@pytest.mark.usefixtures("gstreamer")
@pytest.mark.parametrize("kinds", ["audio", "video"])
async def test_a_publisher_of_gstreamers_is_heard_and_leaves(
    service: FakeService, viewer: Viewer, client: Client, kinds: str
) -> None:
    endpoint = str(client.make_url(f"/whip/{viewer.session_id}"))
    async with program(PYTHON, str(GSTREAMER), endpoint, kinds) as process:
        assert await line(process) == "201"
        await within(viewer.loud.wait())
        await within(viewer.quiet.wait())
        assert process.stdin is not None
        process.stdin.write(b"leave\n")
        assert await line(process) == "200"
    assert service.sessions.get(viewer.session_id)._voices._open[0].closed
