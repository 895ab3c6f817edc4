"""What is seen behind a face that was cut out: chosen with who talks, before or while one talks."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.fake_server import FakeServer, failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def fill(server: FakeServer) -> None:
    """Ada is cut out, Bob is not; the server has a picture of a beach."""
    server.config["avatars"] = [
        {"id": "ada", "name": "Ada", "cut_out": True},
        {"id": "bob", "name": "Bob", "cut_out": False},
    ]
    server.config["backgrounds"] = ["beach"]


def swatch(visit: Visit, name: str) -> Any:
    return visit.page.locator("#backgrounds").get_by_label(name, exact=True)


async def asked(visit: Visit, count: int) -> list[dict[str, Any]]:
    (session_id,) = visit.server.sessions
    return await visit.called(f"/sessions/{session_id}/background", count)


async def test_a_background_goes_along_with_the_offer_and_is_remembered(visit: Visit) -> None:
    fill(visit.server)
    await visit.open()
    await visit.page.click("#casting")
    await swatch(visit, "White").check()
    await visit.page.reload()
    await visit.until("document.querySelector('#start span').textContent !== ''")
    await visit.page.click("#casting")
    await expect(swatch(visit, "White")).to_be_checked()
    await visit.page.keyboard.press("Escape")
    await visit.page.click("#start")
    (offer,) = await visit.called("/offer", 1)
    assert offer["background"] == "#ffffff"


async def test_it_is_changed_while_one_talks(visit: Visit) -> None:
    fill(visit.server)
    await visit.connect()
    assert "background" not in visit.server.called("/offer")[0]
    await visit.page.click("#casting")
    await swatch(visit, "Green, to be keyed out").check()
    await swatch(visit, "beach").check()
    await swatch(visit, "The face’s own").check()
    sent = [body["background"] for body in await asked(visit, 3)]
    assert sent == ["#00ff00", "beach", ""]


async def test_any_colour_can_be_mixed(visit: Visit) -> None:
    fill(visit.server)
    await visit.connect()
    await visit.page.click("#casting")
    await swatch(visit, "Another colour …").fill("#123456")
    await swatch(visit, "Another colour …").dispatch_event("change")
    assert (await asked(visit, 1))[-1] == {"background": "#123456"}
    await expect(visit.page.locator(".swatch-mixed")).to_have_class("swatch swatch-mixed chosen")
    await swatch(visit, "White").check()
    await expect(visit.page.locator(".swatch-mixed")).to_have_class("swatch swatch-mixed")


async def test_nothing_is_offered_behind_a_face_that_was_not_cut_out(visit: Visit) -> None:
    fill(visit.server)
    await visit.open()
    await visit.page.click("#casting")
    await expect(visit.page.locator("#background-choice")).to_be_visible()
    await visit.page.get_by_label("Bob").check()
    await expect(visit.page.locator("#background-choice")).to_be_hidden()


async def test_why_it_could_not_be_changed_is_said(visit: Visit) -> None:
    fill(visit.server)
    await visit.connect()
    (session_id,) = visit.server.sessions
    refused = f"/sessions/{session_id}/background"
    visit.server.answers[refused] = lambda: failure(400, "no background 'beach'")
    await visit.page.click("#casting")
    await swatch(visit, "beach").check()
    await expect(visit.page.locator("#background-news")).to_contain_text("no background 'beach'")


async def test_a_picture_that_the_server_has_no_more_is_not_asked_for(visit: Visit) -> None:
    fill(visit.server)
    await visit.open()
    await visit.page.click("#casting")
    await swatch(visit, "beach").check()
    visit.server.config["backgrounds"] = []
    await visit.page.reload()
    await visit.until("document.querySelector('#start span').textContent !== ''")
    await visit.page.click("#start")
    (offer,) = await visit.called("/offer", 1)
    assert "background" not in offer


async def test_a_pictures_thumbnail_is_fetched_with_the_token(visit: Visit) -> None:
    fill(visit.server)
    dot = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    visit.server.thumbnails["beach"] = lambda: web.Response(body=dot, content_type="image/gif")
    await visit.open()
    await visit.page.click("#casting")
    await visit.until(
        "document.querySelector('#backgrounds label:last-child .swatch-ground').style.backgroundImage"
    )
