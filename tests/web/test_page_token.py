"""A server with a token: asked for, remembered for the tab, put off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_demanded_token_is_asked_for_and_used(visit: Visit) -> None:
    visit.server.token = "s3cret"
    await visit.open()
    dialog = visit.page.locator("#token-dialog")
    await expect(dialog).to_be_visible()
    await visit.page.fill("#token", "wrong")
    await visit.page.press("#token", "Enter")
    await expect(visit.page.locator("#token-wrong")).to_be_visible()
    await visit.page.fill("#token", "s3cret")
    await visit.page.press("#token", "Enter")
    await expect(dialog).to_be_hidden()
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    assert await visit.page.evaluate("sessionStorage.getItem('livetalk.token')") == "s3cret"
    assert await visit.page.evaluate("Object.values(localStorage).includes('s3cret')") is False


async def test_a_token_refused_at_start_brings_the_dialog_and_then_connects(visit: Visit) -> None:
    await visit.open()
    visit.server.token = "new"
    await visit.page.click("#start")
    await visit.page.fill("#token", "new")
    await visit.page.press("#token", "Enter")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")


async def test_a_token_in_the_address_is_taken_and_wiped(visit: Visit) -> None:
    visit.server.token = "s3cret"
    await visit.open("#token=s3cret")
    assert await visit.page.evaluate("location.href") == f"{visit.server.origin}/"
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await expect(visit.page.locator("#token-dialog")).to_be_hidden()


async def test_a_token_put_off_leaves_the_page_locked_with_a_way_back(visit: Visit) -> None:
    visit.server.token = "s3cret"
    await visit.open()
    await visit.page.click("#token-later")
    await expect(visit.page.locator("#status-text")).to_have_text("Needs a token")
    await expect(visit.page.locator("#cover-title")).to_have_text("This server is locked.")
    await visit.page.click("#start")
    await visit.page.fill("#token", "s3cret")
    await visit.page.press("#token", "Enter")
    await expect(visit.page.locator("#status-text")).to_have_text("Ready")
    await expect(visit.page.locator("#start")).to_have_text("Connect")
    assert visit.server.called("/offer") == []
