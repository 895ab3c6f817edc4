"""A page whose server is not ready yet when it loads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def open_too_early(visit: Visit) -> None:
    """Load the page while a proxy has nobody behind it that would say what the server is."""
    visit.server.config.update(hears=True, recognises=True, llm="openai")
    visit.server.answers["/config"] = lambda: failure(502, "nobody is there yet")
    await visit.page.clock.install()
    async with visit.page.expect_response(lambda response: response.url.endswith("/config")):
        await visit.open()
    await expect(visit.page.locator("#mode-chat")).not_to_be_checked()


async def test_what_the_server_offers_comes_by_itself_once_it_is_there(visit: Visit) -> None:
    await open_too_early(visit)
    await visit.page.clock.fast_forward(2_500)
    del visit.server.answers["/config"]
    await visit.page.clock.fast_forward(2_500)
    await expect(visit.page.locator("#mode-chat")).to_be_checked()
    await expect(visit.page.locator("#version")).to_have_text("0.1.0")


@pytest.mark.parametrize("button", ["#start", "#mic"])
async def test_a_connection_is_offered_a_microphone_though_the_page_came_too_early(
    visit: Visit, button: str
) -> None:
    await open_too_early(visit)
    del visit.server.answers["/config"]
    await visit.page.click(button)
    (offer,) = await visit.called("/offer", 1)
    assert offer["sdp"].count("a=sendrecv") == 1
    await expect(visit.page.locator("#mic-trouble")).to_be_hidden()


async def test_a_server_that_never_says_what_it_is_can_be_talked_to_all_the_same(visit: Visit) -> None:
    await open_too_early(visit)
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
