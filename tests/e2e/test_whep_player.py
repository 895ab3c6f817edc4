"""A WHEP player that was not written here watches a session of the real server, from another origin."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from tests.e2e.house import CHROMIUM, ROOT, WAIT_MS, browsing, running, until

MODULES = ROOT / "tests" / "node" / "node_modules"
PLAYER = MODULES / "@eyevinn" / "webrtc-player" / "dist" / "main.js"
PAGE = (
    "<!doctype html><title>player</title><video autoplay playsinline></video><script src=player.js></script>"
)
PLAY = """async (address) => {
  window.heard = {};
  const player = window.player = new whep.WebRTCPlayer({
    video: document.querySelector("video"), type: "whep", statsTypeFilter: "^inbound-rtp",
  });
  player.on("stats:inbound-rtp", (report) => { window.heard[report.kind] = report; });
  await player.load(new URL(address));
  player.unmute();
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
    pytest.mark.skipif(not PLAYER.exists(), reason="needs the npm packages of tests/node (npm ci there)"),
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
]


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[str]:
    """The origin of a page with a player in it."""
    bundle = tmp_path / "player.js"
    building: list[str | Path] = [
        MODULES / ".bin" / "esbuild",
        PLAYER,
        "--bundle",
        "--global-name=whep",
        f"--outfile={bundle}",
    ]
    subprocess.run(building, check=True, capture_output=True)

    async def index(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", index), web.static("/", tmp_path)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def called(client: ClientSession, path: str, **body: Any) -> Any:
    """Call a route; what it gives."""
    async with client.post(path, json=body) as response:
        said = json.loads(await response.text())
        assert response.status == 200, said
        return said["data"]


async def test_a_foreign_player_watches_and_leaves(elsewhere: str) -> None:
    async with (
        running("--cors-origins", elsewhere) as address,
        ClientSession(address) as client,
        browsing() as page,
    ):
        session_id = (await called(client, "/sessions"))["sessionid"]
        await page.goto(elsewhere)
        await page.evaluate(PLAY, f"{address}/whep/{session_id}")
        await until(page, "document.querySelector('video').videoWidth === 512")
        await called(client, "/human", sessionid=session_id, text="Any player may watch.", type="echo")
        await until(page, "(window.heard.audio?.totalAudioEnergy ?? 0) > 0.001")
        assert await page.evaluate("() => window.heard.video.framesDecoded") > 25

        await page.evaluate("() => window.player.destroy()")
        async with asyncio.timeout(WAIT_MS / 1000):
            while True:
                async with client.get("/readyz") as response:
                    if (await response.json())["data"]["sessions"] == 0:
                        break
                await asyncio.sleep(0.05)
