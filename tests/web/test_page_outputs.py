"""The page's outputs: switched on and off, and shown as they are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.fake_server import failure
from tests.web.switches import LONG, NAMES, card, connected, shown, switch, switched_on

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def asked(visit: Visit, more: int) -> None:
    """Wait until the page asked so many times more how they are."""
    await visit.called("GET /outputs", len(visit.server.called("GET /outputs")) + more)


async def test_a_server_without_outputs_shows_no_list(visit: Visit) -> None:
    await visit.connect()
    await visit.page.click("#status")
    await expect(visit.page.locator("#facts")).to_be_visible()
    await expect(visit.page.locator("#outputs")).to_be_hidden()
    assert visit.server.called("GET /outputs") == []


async def test_switches_wait_for_the_connection(visit: Visit) -> None:
    visit.server.config["outputs"] = NAMES
    await visit.open()
    await visit.page.click("#status")
    await expect(switch(visit, "stage")).to_be_disabled()
    await expect(visit.page.locator("#outputs-about")).to_have_text("Connect, and it can go there too.")
    await visit.page.click("#start")
    await expect(switch(visit, "stage")).to_be_enabled()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")


async def test_an_output_is_switched_on_shown_as_it_is_and_switched_off(visit: Visit) -> None:
    await connected(visit)
    output = await switched_on(visit, "stage")
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "true")
    await expect(card(visit, "stage")).to_contain_text("Starting")
    output.update(state="live")
    await shown(visit, "stage", "live")
    await expect(card(visit, "stage").locator(".output-how")).to_have_text("Live")
    await expect(card(visit, "stage").locator(".output-counts")).to_be_hidden()
    output.update(state="waiting", detail="the server hung up", reconnects=2, dropped=1234)
    await shown(visit, "stage", "waiting")
    await expect(card(visit, "stage")).to_contain_text("Trying again")
    await expect(card(visit, "stage")).to_contain_text("the server hung up")
    await expect(card(visit, "stage").locator(".output-counts")).to_have_text("Dropped: 1,234 Reconnects: 2")
    await expect(card(visit, "camera")).to_contain_text("Off")
    await switch(visit, "stage").click()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    await expect(card(visit, "stage").locator(".output-how")).to_have_text("Off")
    [body] = visit.server.called("/outputs/stop")
    assert body["id"] == output["id"]
    assert list(visit.server.outputs.values()) == [[]]


async def test_an_output_that_failed_says_why_and_stays_on_until_it_is_switched_off(visit: Visit) -> None:
    await connected(visit)
    output = await switched_on(visit, LONG)
    output.update(state="failed", detail="the server refused: <b>no such key</b>")
    await shown(visit, LONG, "failed")
    await expect(card(visit, LONG)).to_contain_text("the server refused: <b>no such key</b>")
    await expect(switch(visit, LONG)).to_have_attribute("aria-checked", "true")
    await switch(visit, LONG).click()
    await expect(card(visit, LONG)).to_have_attribute("data-state", "off")
    await expect(card(visit, LONG)).not_to_contain_text("refused")


async def test_an_output_that_another_program_switched_is_shown(visit: Visit) -> None:
    await connected(visit)
    output = await switched_on(visit, "camera")
    [running] = visit.server.outputs.values()
    running.append({**output, "id": "other", "output": "stage", "state": "live"})
    await shown(visit, "stage", "live")
    running.clear()
    await shown(visit, "camera", "off")
    await expect(switch(visit, "camera")).to_have_attribute("aria-checked", "false")
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")


async def test_the_server_is_asked_only_while_something_runs(visit: Visit) -> None:
    await connected(visit)
    await switched_on(visit, "stage")
    await asked(visit, 2)
    await switch(visit, "stage").click()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    await asyncio.sleep(0.3)  # what was asked before may still arrive
    before = len(visit.server.called("GET /outputs"))
    await asyncio.sleep(2.5)  # longer than the page waits between two questions
    assert len(visit.server.called("GET /outputs")) == before


@pytest.mark.parametrize(
    ("locale", "status", "said", "words"),
    [
        ("en-GB", 503, "no virtual camera here: install it", "no virtual camera here: install it"),
        ("en-GB", 404, "no such session", "this session is over"),
        ("zh-CN", 404, "no such session", "此会话已结束"),
    ],
)
async def test_an_output_that_cannot_be_switched_on_says_why_until_it_is_tried_again(
    visit: Visit, status: int, said: str, words: str
) -> None:
    await connected(visit)
    visit.server.answers["/outputs"] = lambda: failure(status, said)
    await switch(visit, NAMES[2]).click()
    await expect(visit.page.locator("#notice")).to_contain_text(NAMES[2])
    await expect(visit.page.locator("#notice")).to_contain_text(words)
    await expect(switch(visit, NAMES[2])).to_have_attribute("aria-checked", "false")
    await expect(card(visit, NAMES[2]).locator(".output-detail")).to_have_text(words)
    del visit.server.answers["/outputs"]
    await switched_on(visit, NAMES[2])
    await expect(switch(visit, NAMES[2])).to_have_attribute("aria-checked", "true")
    await expect(card(visit, NAMES[2])).not_to_contain_text(words)


async def test_an_output_that_was_off_already_is_told_of(visit: Visit) -> None:
    await connected(visit)
    await switched_on(visit, "stage")

    def gone() -> web.Response:
        visit.server.outputs.clear()
        return failure(404, "no such output")

    visit.server.answers["/outputs/stop"] = gone
    await switch(visit, "stage").click()
    await expect(visit.page.locator("#notice")).to_contain_text("it was off already")
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")


async def test_switches_are_reached_and_worked_by_the_keyboard(visit: Visit) -> None:
    await connected(visit)
    await switch(visit, "camera").focus()
    await visit.page.keyboard.press("Tab")
    await expect(switch(visit, "stage")).to_be_focused()
    await visit.page.keyboard.press("Space")
    await visit.called("/outputs", 1)
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "true")
    await expect(switch(visit, "stage")).to_have_accessible_description("Starting")
    [running] = visit.server.outputs.values()
    running[0].update(state="live", dropped=3)
    await shown(visit, "stage", "live")
    await expect(switch(visit, "stage")).to_have_accessible_description("Live Dropped: 3")
    await expect(switch(visit, "stage")).to_be_focused()
    await visit.page.keyboard.press("Enter")
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    await expect(switch(visit, "stage")).to_be_focused()


async def test_a_second_press_does_not_ask_twice(visit: Visit) -> None:
    await connected(visit)
    await visit.page.evaluate(
        "document.querySelectorAll('#outputs button').forEach((each) => (each.click(), each.click()))"
    )
    await visit.called("/outputs", len(NAMES))
    for name in NAMES:
        await expect(switch(visit, name)).to_have_attribute("aria-disabled", "false")
        await expect(switch(visit, name)).to_have_attribute("aria-checked", "true")
    assert len(visit.server.called("/outputs")) == len(NAMES)
    assert visit.server.called("/outputs/stop") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_long_names_in_any_script_fit_the_narrowest_phone(visit: Visit, theme: str) -> None:
    await visit.page.emulate_media(color_scheme=theme)
    await visit.page.set_viewport_size({"width": 320, "height": 640})
    await connected(visit)
    output = await switched_on(visit, LONG)
    output.update(state="failed", detail="x" * 200)
    await shown(visit, LONG, "failed")
    await visit.until(
        "[...document.querySelectorAll('#panel-connection, #outputs, .output')]"
        ".every((one) => one.scrollWidth <= one.clientWidth)"
    )
    box = await switch(visit, LONG).bounding_box()
    assert box["x"] + box["width"] <= 320
    assert min(box["width"], box["height"]) >= 44
