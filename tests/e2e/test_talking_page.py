"""The whole house: the real server, its default face and voice, in a real browser."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
WAIT_MS = 20_000
LOUD = 0.01
"""audioLevel of WebRTC's statistics: 0 is silence, 1 full scale"""

KEEP_CONNECTIONS = """
window.connections = [];
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
STATISTICS = """
async () => {
  const found = {};
  for (const connection of window.connections.filter((each) => each.connectionState === "connected")) {
    for (const each of (await connection.getStats()).values()) {
      if (each.type === "inbound-rtp") found[each.kind] = each;
    }
  }
  return { video: found.video ?? null, audio: found.audio ?? null, at: performance.now() };
}
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """A server as a user starts it."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "app.py", "--port", "0", cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    assert server.stderr is not None
    try:
        async for line in server.stderr:
            if found := re.search(rb"ready: open (http://\S+)", line):
                break
        else:
            pytest.fail("the server ended before it was ready")
        drain = asyncio.ensure_future(server.stderr.read())
        yield found[1].decode()
    finally:
        server.terminate()
        assert await asyncio.wait_for(server.wait(), 20) == 0
    await drain


@pytest.fixture
async def page(address: str) -> AsyncIterator[Any]:
    """The page in Chromium, started and showing its picture."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tempfile.mkdtemp(), executable_path=str(CHROMIUM), headless=True, args=ARGUMENTS
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        await page.add_init_script(KEEP_CONNECTIONS)
        await page.goto(address)
        await connect(page)
        yield page
        await context.close()


async def connect(page: Any) -> None:
    await page.click("#start")
    await until(page, "document.querySelector('#video').videoWidth === 512")


async def until(page: Any, expression: str) -> None:
    """Wait for an expression to be true; the page's policy forbids Playwright's own way of waiting."""

    async def reached() -> None:
        while not await page.evaluate(f"() => {expression}"):
            await asyncio.sleep(0.02)

    await asyncio.wait_for(reached(), WAIT_MS / 1000)


async def audio_level(page: Any) -> float:
    statistics = await page.evaluate(STATISTICS)
    return float((statistics["audio"] or {}).get("audioLevel", 0.0))


async def until_level(page: Any, loud: bool) -> None:
    async def reached() -> None:
        while (await audio_level(page) > LOUD) != loud:
            await asyncio.sleep(0.02)

    await asyncio.wait_for(reached(), WAIT_MS / 1000)


async def sessions(address: str) -> int:
    def read() -> int:
        with urllib.request.urlopen(f"{address}/readyz") as response:
            return int(json.load(response)["data"]["sessions"])

    return await asyncio.get_running_loop().run_in_executor(None, read)


async def test_the_page_plays_at_least_22_pictures_a_second(page: Any) -> None:
    before = await page.evaluate(STATISTICS)
    await asyncio.sleep(4)
    after = await page.evaluate(STATISTICS)
    pictures = after["video"]["framesDecoded"] - before["video"]["framesDecoded"]
    assert pictures / (after["at"] - before["at"]) * 1000 >= 22
    assert after["video"]["frameWidth"] == after["video"]["frameHeight"] == 512


async def test_a_typed_sentence_is_heard_and_captioned_and_stop_silences_it(page: Any) -> None:
    await page.fill("#text", "Good morning, my friend, this is a long sentence about nothing in particular.")
    await page.press("#text", "Enter")
    await until_level(page, loud=True)
    await until(page, "document.querySelector('#caption').textContent.includes('morning')")
    await until(page, "document.body.dataset.state === 'speaking'")
    await page.click("#stop")
    await until_level(page, loud=False)
    await until(page, "document.body.dataset.state === 'connected'")


async def test_a_reload_frees_the_session_and_connects_anew(page: Any, address: str) -> None:
    assert await sessions(address) == 1
    await page.reload()

    async def freed() -> None:
        while await sessions(address):
            await asyncio.sleep(0.05)

    await asyncio.wait_for(freed(), WAIT_MS / 1000)
    await connect(page)
    assert await sessions(address) == 1


async def test_a_voice_chosen_in_the_page_speaks(page: Any) -> None:
    await page.click("#casting")
    voices = await page.locator("#voice option").evaluate_all("(all) => all.map((one) => one.value)")
    german = next(voice for voice in voices if voice == "de" or voice.startswith("de-"))
    await page.select_option("#voice", german)
    await page.click("#casting-dialog button[type=submit]")
    await page.fill("#text", "Guten Morgen, mein Freund.")
    async with page.expect_response(lambda response: response.url.endswith("/human")) as waiting:
        await page.press("#text", "Enter")
    response = await waiting.value
    assert response.status == 200
    assert response.request.post_data_json["tts"] == {"voice": german}
    await until_level(page, loud=True)
    await until(page, "document.querySelector('#caption').textContent.includes('Morgen')")
