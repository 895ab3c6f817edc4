"""The panels of measurements: how long turns take, and how the connection is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_latency_comes_from_the_sound_itself_and_from_the_server(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("Tell me")
    visit.server.sound(True)
    visit.server.tell("start", text="Tell me", entry=entry, first=True)
    visit.server.tell("latency", turn=1, entry=entry, first_audio_ms=12.4, brand_new_ms=7)
    await visit.page.click("#tab-latency")
    await expect(visit.page.locator(".bar", has_text="played here").locator(".bar-value")).to_contain_text(
        "ms"
    )
    await expect(visit.page.locator(".bar", has_text="first sound")).to_contain_text("12 ms")
    await expect(visit.page.locator(".bar", has_text="brand new")).to_contain_text("7 ms")


async def test_every_turn_that_follows_silence_is_timed(visit: Visit) -> None:
    await visit.connect()
    for number in range(3):
        entry = await visit.say(f"Number {number}")
        visit.server.sound(True)
        visit.server.tell("start", text=f"Number {number}", entry=entry, first=True)
        card = visit.page.locator(".entry").nth(number)
        await expect(card).to_contain_text("heard in")
        visit.server.sound(False)
        visit.server.tell("end", text=f"Number {number}", entry=entry, last=True)
        await expect(card).to_have_attribute("data-state", "said")
        await visit.page.wait_for_timeout(600)  # silence, in the browser's own time


async def test_the_connection_panel_shows_what_the_browser_measures(visit: Visit) -> None:
    await visit.connect()
    await visit.page.click("#tab-connection")
    facts = visit.page.locator("#facts")
    await expect(facts).to_contain_text("128 × 128")
    await expect(facts).to_contain_text("UDP")
    await expect(facts).to_contain_text("connected")
    (session_id,) = visit.server.sessions
    await expect(visit.page.locator("#session-id")).to_have_text(session_id)


async def test_the_session_id_can_be_copied_or_is_selected_for_copying(visit: Visit) -> None:
    await visit.connect()
    await visit.page.click("#tab-connection")
    await visit.page.evaluate(
        "() => { navigator.clipboard.writeText = async () => { throw new Error('no'); }; }"
    )
    await visit.page.click("#session-copy")
    (session_id,) = visit.server.sessions
    assert (await visit.page.evaluate("getSelection().toString()")).strip() == session_id
    await visit.page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    await visit.page.click("#session-copy")
    await expect(visit.page.locator("#notice")).to_have_text("Copied.")
    assert await visit.page.evaluate("window.copied") == session_id
