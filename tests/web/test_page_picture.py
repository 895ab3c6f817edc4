"""The picture alone, for OBS' browser source or a frame in another page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_it_connects_by_itself_and_shows_nothing_else(visit: Visit) -> None:
    await visit.open("#view=picture")
    await visit.page.wait_for_selector("[data-picture=live]")
    for part in (".top", ".side", ".controls", ".cover", ".wait", "#problem", "#caption", "#glow"):
        await expect(visit.page.locator(part)).to_be_hidden()
    box = await visit.page.locator("#video").bounding_box()
    size = await visit.page.evaluate("[innerWidth, innerHeight]")
    assert [box["x"], box["y"], box["width"], box["height"]] == [0, 0, *size]
    for part in ("html", "body", ".frame"):
        await expect(visit.page.locator(part)).to_have_css("background-color", "rgba(0, 0, 0, 0)")


async def test_it_watches_a_session_that_the_address_names(visit: Visit) -> None:
    await visit.open("#session=abc&view=picture")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert len(visit.server.called("/whep/abc")) == 1
    assert visit.server.called("/offer") == []


async def test_a_token_in_the_address_leaves_the_view_as_it_is(visit: Visit) -> None:
    visit.server.token = "secret"
    await visit.open("#token=secret&view=picture")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert await visit.page.evaluate("location.hash") == "#view=picture"


async def test_a_server_that_is_away_is_waited_for_without_a_word(visit: Visit) -> None:
    await visit.open("#view=picture")
    await visit.page.wait_for_selector("[data-picture=live]")
    port = int(visit.server.origin.rpartition(":")[2])
    await visit.server.stop()
    await visit.page.wait_for_selector("[data-picture=none]")
    await expect(visit.page.locator(".wait")).to_be_hidden()
    await visit.server.start(port)
    await visit.page.wait_for_selector("[data-picture=live]")
