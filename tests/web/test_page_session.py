"""A session from the page: begun, watched, lost, replaced, left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_start_connects_and_shows_the_picture(visit: Visit) -> None:
    await visit.open()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "idle")
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")
    size = await visit.page.evaluate("[video.videoWidth, video.videoHeight]")
    assert size == [128, 128]


async def test_the_offer_receives_only_and_carries_its_candidates(visit: Visit) -> None:
    await visit.connect()
    (offer,) = visit.server.called("/offer")
    assert offer["type"] == "offer"
    assert offer["sdp"].count("a=recvonly") == 2
    assert "a=candidate:" in offer["sdp"]


async def test_a_session_named_in_the_address_is_watched_and_spoken_to(visit: Visit) -> None:
    await visit.open("#session=abc")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert len(visit.server.called("/whep/abc")) == 1
    assert visit.server.called("/offer") == []
    await visit.say("To all who watch")
    assert visit.server.called("/human")[0]["sessionid"] == "abc"


async def test_a_watched_session_that_is_over_is_told_and_one_of_ones_own_begins(visit: Visit) -> None:
    visit.server.over.add("abc")
    await visit.open("#session=abc")
    await visit.page.click("#start")
    await expect(visit.page.locator("#problem-title")).to_have_text("This session is over")
    await visit.page.click("#retry")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert len(visit.server.called("/offer")) == 1
    assert "session" not in await visit.page.evaluate("location.hash")


async def test_a_lost_session_is_replaced_and_the_conversation_stays(visit: Visit) -> None:
    await visit.connect()
    await visit.say("Remember me")
    await visit.server.forget_sessions()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connecting")
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")
    assert len(visit.server.called("/offer")) == 2
    await expect(visit.page.locator(".entry-label")).to_have_text("Not said – the connection was lost")


async def test_leaving_the_page_closes_the_peer(visit: Visit) -> None:
    await visit.connect()
    (session,) = visit.server.sessions.values()
    closed = asyncio.Event()

    def look() -> None:
        if session.pc.connectionState == "closed":
            closed.set()

    session.pc.on("connectionstatechange", look)
    await visit.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    await asyncio.wait_for(closed.wait(), 10)
