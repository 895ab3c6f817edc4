"""The keyboard keeps its place, and what is of no use just now says so to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("control", ["pip", "fullscreen", "record", "end"])
async def test_a_control_is_of_use_only_with_a_connection(visit: Visit, control: str) -> None:
    visit.server.config["records"] = True
    await visit.open()
    button = visit.page.locator(f"#{control}")
    await expect(button).to_be_disabled()
    await button.focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("#notice")).to_be_empty()
    await visit.page.click("#start")
    await expect(button).to_be_enabled()
    await visit.page.click("#end")
    await expect(button).to_be_disabled()


async def test_a_pressed_control_keeps_the_keyboard(visit: Visit) -> None:
    visit.server.config["records"] = True
    await visit.connect()
    record = visit.page.locator("#record")
    await record.focus()
    await visit.page.keyboard.press("Enter")
    await expect(record).to_have_attribute("aria-pressed", "true")
    await expect(record).to_be_focused()
    await visit.page.locator("#end").focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "idle")
    await expect(visit.page.locator("#end")).to_be_focused()


async def test_after_send_and_stop_one_goes_on_by_writing(visit: Visit) -> None:
    await visit.connect()
    await visit.page.fill("#text", "On and on")
    await visit.page.locator("#send").focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("#text")).to_be_focused()
    await expect(visit.page.locator("#stop")).to_be_enabled()
    await visit.page.locator("#stop").focus()
    await visit.page.keyboard.press("Space")
    await visit.called("/interrupt_talk", 1)
    await expect(visit.page.locator("#stop")).to_be_disabled()
    await expect(visit.page.locator("#text")).to_be_focused()
