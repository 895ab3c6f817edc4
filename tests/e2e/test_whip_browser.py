"""A browser's microphone speaks through a session of the real server, by WHIP."""

from __future__ import annotations

import asyncio
import json
import wave
from pathlib import Path

import numpy as np
import pytest
from aiohttp import ClientSession

from tests.e2e.house import CHROMIUM, WAIT_MS, browsing, running

RATE = 48_000
PUBLISH = """async ([endpoint, pictures]) => {
  const connection = window.connection = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, video: pictures,
  });
  for (const track of stream.getTracks().reverse()) {
    connection.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  }
  await connection.setLocalDescription();
  const response = await fetch(endpoint, {
    method: "POST", headers: { "Content-Type": "application/sdp" }, body: connection.localDescription.sdp,
  });
  const sdp = await response.text();
  if (response.status !== 201) return [response.status, sdp, ""];
  await connection.setRemoteDescription({ type: "answer", sdp });
  return [response.status, response.headers.get("Location"), response.headers.get("ETag")];
}"""

WATCH = """async (endpoint) => {
  const connection = window.watching = new RTCPeerConnection();
  const sink = window.sink = document.createElement("video");
  sink.srcObject = new MediaStream();
  connection.ontrack = ({ track }) => { sink.srcObject.addTrack(track); sink.play().catch(() => {}); };
  for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "recvonly" });
  await connection.setLocalDescription();
  const response = await fetch(endpoint, {
    method: "POST", headers: { "Content-Type": "application/sdp" }, body: connection.localDescription.sdp,
  });
  await connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
}"""
ENERGY = """async () => {
  for (const report of (await window.watching.getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") return report.totalAudioEnergy;
  }
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """What the browser hears, again and again: a second of quiet, half a second of a voice."""
    time = np.arange(RATE // 2) / RATE
    voice = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 8)) * 6000
    room = np.random.default_rng(0).normal(0, 10, RATE * 3 // 2)
    pcm = (np.concatenate([np.zeros(RATE), voice]) + room).astype(np.int16)
    path = tmp_path / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())
    return path


@pytest.mark.parametrize("pictures", [False, True])
async def test_a_browsers_microphone_is_said(microphone: Path, pictures: bool) -> None:
    flags = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
    ]
    async with running() as address, ClientSession(address) as client, browsing(*flags) as page:
        async with client.post("/sessions", json={}) as response:
            session_id = (await response.json())["data"]["sessionid"]
        watched = asyncio.create_task(_events(client, session_id, ["start", "end", "start", "end"]))
        await page.goto(address)
        await page.evaluate(WATCH, f"{address}/whep/{session_id}")
        status, location, etag = await page.evaluate(PUBLISH, [f"{address}/whip/{session_id}", pictures])
        assert (status, etag[:1]) == (201, '"'), location
        assert await asyncio.wait_for(watched, WAIT_MS / 1000) == [True] * 4
        assert await page.evaluate(ENERGY) > 0.001
        directions = await page.evaluate(
            "() => window.connection.getTransceivers().map((each) => each.currentDirection)"
        )
        assert directions == (["inactive", "sendonly"] if pictures else ["sendonly"])
        async with client.delete(location) as response:
            assert response.status == 200


async def _events(client: ClientSession, session_id: str, names: list[str]) -> list[bool]:
    """Wait for events of these names, one after the other; whether each is of a live voice."""
    live = []
    async with client.get("/sse", params={"sessionid": session_id}) as stream:
        name = ""
        async for line in stream.content:
            field, _, value = line.decode().strip().partition(": ")
            if field == "event":
                name = value
            elif field == "data" and names and name == names[0]:
                names = names[1:]
                live.append(bool(json.loads(value).get("live")))
                if not names:
                    break
    return live
