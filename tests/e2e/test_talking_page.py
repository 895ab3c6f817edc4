"""The whole house: the real server, its default face and voice, in a real browser."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.house import CHROMIUM, WAIT_MS, browsing, running, until
from tests.e2e.playing import KEEP_CONNECTIONS, STATISTICS, until_level

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """A server as a user starts it."""
    async with running() as address:
        yield address


@pytest.fixture
async def page(address: str) -> AsyncIterator[Any]:
    """The page in Chromium, started and showing its picture."""
    async with browsing() as page:
        await page.add_init_script(KEEP_CONNECTIONS)
        await page.goto(address)
        await connect(page)
        yield page


async def connect(page: Any) -> None:
    await page.click("#start")
    await until(page, "document.querySelector('#video').videoWidth === 512")


async def sessions(address: str) -> int:
    def read() -> int:
        with urllib.request.urlopen(f"{address}/readyz") as response:
            return int(json.load(response)["data"]["sessions"])

    return await asyncio.get_running_loop().run_in_executor(None, read)


async def decoded(page: Any) -> int:
    """How many pictures the browser has decoded."""
    video = (await page.evaluate(STATISTICS))["video"]
    return int(video["framesDecoded"]) if video else 0


async def test_the_page_goes_on_playing_pictures_of_512_by_512(page: Any) -> None:
    before = await decoded(page)

    async def two_seconds_more() -> None:
        while await decoded(page) < before + 50:
            await asyncio.sleep(0.05)

    await asyncio.wait_for(two_seconds_more(), WAIT_MS / 1000)
    video = (await page.evaluate(STATISTICS))["video"]
    assert video["frameWidth"] == video["frameHeight"] == 512


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
