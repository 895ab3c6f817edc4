"""Saying something from the page: texts and sounds, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DROP = """(name) => {
  const items = new DataTransfer();
  items.items.add(new File(["RIFF"], name));
  dispatchEvent(new DragEvent("drop", { dataTransfer: items, cancelable: true }));
}"""
COMPOSE = """(init) => document.querySelector("#text").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }))"""


async def test_enter_sends_and_shift_enter_begins_a_line(visit: Visit) -> None:
    await visit.connect()
    await visit.page.fill("#text", "one")
    await visit.page.press("#text", "Shift+Enter")
    await visit.page.type("#text", "two")
    assert visit.server.called("/human") == []
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    (body,) = visit.server.called("/human")
    assert (body["text"], body["type"], body["interrupt"]) == ("one\ntwo", "echo", True)
    await expect(visit.page.locator("#text")).to_have_value("")


@pytest.mark.parametrize("sign", [{"isComposing": True}, {"keyCode": 229}])
async def test_the_enter_that_picks_a_word_of_an_input_method_does_not_send(
    visit: Visit, sign: dict[str, Any]
) -> None:
    await visit.connect()
    await visit.page.fill("#text", "你好")
    await visit.page.evaluate(COMPOSE, sign)
    await expect(visit.page.locator("#text")).to_have_value("你好")
    await visit.page.evaluate(COMPOSE, {})
    await expect(visit.page.locator("#text")).to_have_value("")


async def test_the_switch_chooses_between_interrupting_and_queueing(visit: Visit) -> None:
    await visit.connect()
    await visit.page.locator(".switch", has=visit.page.locator("#interrupt")).click()
    await visit.say("later")
    assert visit.server.called("/human")[0]["interrupt"] is False


async def test_a_text_written_before_connecting_is_said_once_connected(visit: Visit) -> None:
    await visit.open()
    await visit.page.fill("#text", "early")
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    assert [body["text"] for body in visit.server.called("/human")] == ["early"]


async def test_an_entry_goes_from_queued_over_speaking_to_said(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("Hello there")
    card = visit.page.locator(".entry")
    await expect(visit.page.locator("#stop")).to_be_enabled()
    visit.server.tell("start", text="Hello there", entry=entry, first=True)
    await expect(card).to_have_attribute("data-state", "speaking")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")
    visit.server.tell("end", text="Hello there", entry=entry, last=True)
    await expect(card).to_have_attribute("data-state", "said")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await expect(visit.page.locator("#stop")).to_be_disabled()


async def test_a_refused_text_says_why_and_can_be_said_again(visit: Visit) -> None:
    await visit.connect()
    visit.server.answers["/human"] = lambda: failure(429, "512 sentences wait already")
    await visit.page.fill("#text", "one too many")
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry-label")).to_have_text("Not said – 512 sentences wait already")
    visit.server.answers.clear()
    await visit.page.click(".entry .again")
    await expect(visit.page.locator(".entry").nth(1)).to_have_attribute("data-state", "queued")


async def test_a_dropped_sound_file_is_spoken(visit: Visit) -> None:
    await visit.connect()
    await visit.page.evaluate(DROP, "speech.wav")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    (body,) = visit.server.called("/humanaudio")
    assert body["file"] == "speech.wav"
    visit.server.tell("start", text="", first=True, turn=1, entry=body["entry"])
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "speaking")


async def test_a_file_that_is_no_sound_is_refused_by_name(visit: Visit) -> None:
    await visit.connect()
    await visit.page.evaluate(DROP, "letter.pdf")
    await expect(visit.page.locator("#notice")).to_have_text("letter.pdf is not a sound file.")
    assert visit.server.called("/humanaudio") == []


async def test_a_text_beyond_the_limit_stays_and_says_how_long_it_is(visit: Visit) -> None:
    visit.server.config["text_limit"] = 1000
    await visit.connect()
    await visit.page.fill("#text", "😀" * 1234)
    await expect(visit.page.locator("#too-long")).to_contain_text("1,234 characters")
    await expect(visit.page.locator("#too-long")).to_contain_text("1,000")
    await expect(visit.page.locator("#send")).to_be_disabled()
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator("#text")).to_have_value("😀" * 1234)
    assert visit.server.called("/human") == []
    await visit.page.fill("#text", "😀" * 1000)
    await expect(visit.page.locator("#too-long")).to_be_hidden()
    await expect(visit.page.locator("#send")).to_be_enabled()


async def test_a_text_that_only_the_server_finds_too_long_comes_back(visit: Visit) -> None:
    await visit.connect()
    visit.server.answers["/human"] = lambda: failure(413, "a text may have 10000 characters, not 12000")
    await visit.page.fill("#text", "x" * 12_000)
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator("#too-long")).to_have_text("a text may have 10000 characters, not 12000")
    await expect(visit.page.locator("#text")).to_have_value("x" * 12_000)
    await expect(visit.page.locator(".entry")).to_have_count(0)
    await visit.page.fill("#text", "shorter")
    await expect(visit.page.locator("#too-long")).to_be_hidden()
