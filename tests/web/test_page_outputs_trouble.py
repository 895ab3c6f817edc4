"""An output in trouble is told to those who do not look at the list of outputs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.web.conftest import WAIT_S, Visit
from tests.web.switches import LONG, card, connected, switch, switched_on

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def away_from_the_list(visit: Visit, name: str = "stage") -> dict[str, Any]:
    """An output that is live while the conversation is looked at; what the server tells of it."""
    await connected(visit)
    output = await switched_on(visit, name)
    output.update(state="live")
    await expect(card(visit, name)).to_have_attribute("data-state", "live")
    await visit.page.click("#tab-talk")
    await expect(visit.page.locator("#outputs")).to_be_hidden()
    return output


def trouble(visit: Visit) -> Any:
    return visit.page.locator("#trouble")


async def told(visit: Visit, *words: str) -> None:
    """Wait until the picture says so; the page asks every five seconds."""
    said = (
        "[...document.querySelectorAll('#trouble .pill > *')].map((one) => one.textContent).filter(Boolean)"
    )
    await visit.until(f"String({said}) === {json.dumps(','.join(words))}")
    await expect(trouble(visit)).to_be_visible()


async def test_an_output_that_lost_its_server_is_told_over_the_picture_until_it_is_back(visit: Visit) -> None:
    output = await away_from_the_list(visit)
    await expect(trouble(visit)).to_be_hidden()
    output.update(state="waiting", detail="the server hung up")
    await told(visit, "stage", "Trying again")
    await expect(trouble(visit)).to_have_attribute("data-state", "waiting")
    output.update(state="failed", detail="refused")
    await told(visit, "stage", "Failed")
    await expect(trouble(visit)).to_have_attribute("data-state", "failed")
    output.update(state="live", detail="")
    await expect(trouble(visit)).to_be_hidden(timeout=WAIT_S * 1000)
    await expect(visit.page.locator("#notice")).to_have_text("\u2068stage\u2069 is live again.")


async def test_each_change_is_read_out_once(visit: Visit) -> None:
    await away_from_the_list(visit)
    await visit.page.evaluate(
        """() => {
          const live = document.querySelector("#trouble-said");
          window.said = [];
          new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true });
        }"""
    )
    [[output]] = visit.server.outputs.values()
    for state in ("waiting", "failed"):
        output.update(state=state)
        before = len(visit.server.called("GET /outputs"))
        await visit.called("GET /outputs", before + 2)  # told of twice, and nothing new the second time
    await visit.until("window.said.length > 1")
    said = await visit.page.evaluate("window.said")
    assert said == ["\u2068stage\u2069: trying again", "\u2068stage\u2069: failed"]
    await expect(visit.page.locator("#trouble-said")).to_have_attribute("role", "status")


async def test_what_was_seen_in_the_list_is_not_read_out_but_stays_in_sight(visit: Visit) -> None:
    output = await away_from_the_list(visit)
    await visit.page.click("#tab-connection")
    output.update(state="waiting", detail="the server hung up")
    await expect(card(visit, "stage")).to_have_attribute("data-state", "waiting")
    await expect(trouble(visit)).to_be_hidden()
    await visit.page.click("#tab-talk")
    await told(visit, "stage", "Trying again")
    await expect(visit.page.locator("#trouble-said")).to_be_empty()


@pytest.mark.parametrize("key", ["Enter", None])
async def test_the_word_over_the_picture_leads_to_the_switch(visit: Visit, key: str | None) -> None:
    output = await away_from_the_list(visit)
    output.update(state="failed", detail="refused")
    await told(visit, "stage", "Failed")
    if key:
        await trouble(visit).focus()
        await visit.page.keyboard.press(key)
    else:
        await trouble(visit).click()
    await expect(switch(visit, "stage")).to_be_focused()
    await expect(card(visit, "stage")).to_contain_text("refused")
    await expect(trouble(visit)).to_be_hidden()
    await switch(visit, "stage").click()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    await visit.page.click("#tab-talk")
    await expect(trouble(visit)).to_be_hidden()


async def test_several_in_trouble_are_counted(visit: Visit) -> None:
    output = await away_from_the_list(visit)
    [running] = visit.server.outputs.values()
    output.update(state="waiting")
    running.append({**output, "id": "other", "output": "camera", "state": "failed"})
    await told(visit, "2 outputs in trouble")
    await expect(trouble(visit)).to_have_attribute("data-state", "failed")
    await visit.page.click("#language")
    await told(visit, "2 处输出有问题")


async def test_trouble_is_told_to_who_left_and_the_way_leads_to_the_list(visit: Visit) -> None:
    output = await away_from_the_list(visit)
    await visit.page.click("#end")
    output.update(state="waiting")
    await told(visit, "stage", "Trying again")
    await trouble(visit).click()
    await expect(visit.page.locator("#outputs")).to_be_focused()


async def test_a_hidden_page_asks_nothing_and_a_shown_one_at_once(visit: Visit) -> None:
    await away_from_the_list(visit)
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await visit.page.evaluate(hide, True)
    await asyncio.sleep(0.3)  # what was asked before may still arrive
    before = len(visit.server.called("GET /outputs"))
    await asyncio.sleep(5.5)  # longer than the page waits between two questions
    assert len(visit.server.called("GET /outputs")) == before
    await visit.page.evaluate(hide, False)
    await visit.called("GET /outputs", before + 1)


async def test_the_longest_name_leaves_the_time_of_a_recording_in_sight(visit: Visit) -> None:
    visit.server.config["records"] = True
    output = await away_from_the_list(visit, LONG)
    output.update(state="waiting")
    await visit.page.set_viewport_size({"width": 320, "height": 640})
    await visit.page.click("#record")
    await told(visit, LONG, "Trying again")
    pill, clock = trouble(visit).locator(".pill"), visit.page.locator("#record-time")
    await expect(clock).to_be_visible()
    left, right = await pill.bounding_box(), await clock.bounding_box()
    beside = left["x"] + left["width"] < right["x"]
    assert beside or left["y"] > right["y"] + right["height"]
    assert left["x"] + left["width"] < 320
    assert left["height"] < 44 <= (await trouble(visit).bounding_box())["height"]
