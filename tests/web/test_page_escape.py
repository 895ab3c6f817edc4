"""The Escape key: silence, unless something lies over the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KEY_AFTERWARDS = """() => {
  window.changes = 0;
  document.addEventListener("fullscreenchange", () => {
    window.changes += 1;
    if (!document.fullscreenElement) dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  });
}"""
"""As some browsers do: they tell the page of the key once it has ended full screen."""
LEAVE_FULL_SCREEN = "() => document.fullscreenElement && document.exitFullscreen()"
"""As the key does where a window has a frame; a headless one may leave it to the page."""


async def test_escape_interrupts_and_the_rest_is_shown_as_unsaid(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("One two three")
    visit.server.tell("start", text="One two three", entry=entry, first=True)
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")
    await visit.page.keyboard.press("Escape")
    visit.server.tell("interrupted", text="One two three", spoken="One two", entry=entry)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "interrupted")
    await expect(visit.page.locator(".entry .rest")).to_have_text(" three")
    assert len(visit.server.called("/interrupt_talk")) == 1


async def test_escape_leaves_full_screen_without_interrupting(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("On and on")
    visit.server.tell("start", text="On and on", first=True, turn=1, entry=entry)
    await visit.page.evaluate(KEY_AFTERWARDS)
    await visit.page.click("#fullscreen")
    await visit.until("window.changes === 1")
    await expect(visit.page.locator("#frame:fullscreen")).to_have_count(1)
    await visit.page.keyboard.press("Escape")
    await visit.page.evaluate(LEAVE_FULL_SCREEN)
    await visit.until("window.changes === 2")
    await expect(visit.page.locator("#frame:fullscreen")).to_have_count(0)
    assert visit.server.called("/interrupt_talk") == []
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")


async def test_escape_closes_a_dialog_without_interrupting(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("On and on")
    visit.server.tell("start", text="On and on", first=True, turn=1, entry=entry)
    await visit.page.click("#casting")
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.locator("#casting-dialog")).to_be_hidden()
    assert visit.server.called("/interrupt_talk") == []
