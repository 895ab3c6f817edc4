"""Outputs that go on without the page: they hold their session, and whoever comes back finds it again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.web.conftest import WAIT_S, Visit
from tests.web.fake_server import failure
from tests.web.switches import NAMES, connected, shown, switch, switched_on

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_session_that_ends_takes_its_outputs_along(visit: Visit) -> None:
    await connected(visit)
    await switched_on(visit, "stage")
    visit.server.tell("closed")
    await visit.server.forget_sessions()
    await visit.page.wait_for_selector("[data-state=failed]")
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    await expect(switch(visit, "stage")).to_be_disabled()
    await visit.until("location.hash === ''")
    await visit.page.click("#retry")
    await expect(switch(visit, "stage")).to_be_enabled()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    assert len(visit.server.called("/offer")) == 2


async def test_who_left_an_output_on_sees_so_and_comes_back_to_its_session(visit: Visit) -> None:
    await connected(visit)
    output = await switched_on(visit, "stage")
    [session] = visit.server.sessions
    assert visit.page.url.endswith(f"#session={session}")
    await visit.page.click("#end")
    output.update(state="live")
    await shown(visit, "stage", "live")
    await expect(switch(visit, "stage")).to_be_disabled()
    await expect(visit.page.locator("#outputs-about")).to_contain_text("goes on without this page")
    await visit.page.reload()
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.page.click("#status")
    await expect(switch(visit, "stage")).to_be_enabled()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "true")
    assert len(visit.server.called(f"/whep/{session}")) == 1
    assert len(visit.server.called("/offer")) == 1
    await switch(visit, "stage").click()
    await visit.until("location.hash === ''")


async def test_a_server_in_trouble_does_not_lose_the_way_back(visit: Visit) -> None:
    await connected(visit)
    await switched_on(visit, "stage")
    [session] = visit.server.sessions
    refused = asyncio.Event()

    def trouble() -> web.Response:
        refused.set()
        return failure(502, "bad gateway")

    address = visit.page.url
    await visit.page.goto(f"{visit.server.origin}/favicon.svg")  # the page that leaves asks nothing more
    visit.server.answers["/outputs"] = trouble
    await visit.page.goto(address)
    await asyncio.wait_for(refused.wait(), WAIT_S)
    del visit.server.answers["/outputs"]
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.page.click("#status")
    await shown(visit, "stage", "starting")
    assert visit.page.url.endswith(f"#session={session}")


async def test_a_session_that_was_named_by_somebody_else_stays_in_the_address(visit: Visit) -> None:
    visit.server.config["outputs"] = NAMES
    await visit.open("#session=abc")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.page.click("#status")
    await switched_on(visit, "stage")
    await switch(visit, "stage").click()
    await expect(switch(visit, "stage")).to_have_attribute("aria-checked", "false")
    await expect(switch(visit, "stage")).to_have_attribute("aria-disabled", "false")
    assert visit.page.url.endswith("#session=abc")


async def test_a_connection_that_breaks_comes_back_to_the_session_that_an_output_shows(visit: Visit) -> None:
    await connected(visit)
    await switched_on(visit, "stage")
    [(name, session)] = visit.server.sessions.items()
    await session.pc.close()
    await asyncio.wait_for(visit.called(f"/whep/{name}", 1), WAIT_S)
    await expect(switch(visit, "stage")).to_be_enabled()
    assert len(visit.server.called("/offer")) == 1


async def test_the_address_names_the_session_only_as_long_as_an_output_is_on(visit: Visit) -> None:
    await connected(visit)
    await switched_on(visit, "stage")
    await visit.until("location.hash.startsWith('#session=')")
    await switch(visit, "stage").click()
    await visit.until("location.hash === ''")
