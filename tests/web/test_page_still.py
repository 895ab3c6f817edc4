"""The still picture: of whom the next picture will show, or the session that goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import av
import numpy as np
import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.faces import card, expect_marked, meet

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

POSTER = "[...poster.getContext('2d').getImageData(9, 9, 1, 1).data].map((one) => Math.round(one / 51))"
"""the colour of the still picture, in fifths"""
BLUE = [0, 0, 5, 5]


def still(colour: tuple[int, int, int]) -> web.Response:
    """A thumbnail of one colour (red, green, blue)."""
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 32, 32, "rgb24"
    encoder.framerate = 1  # type: ignore[assignment]
    picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), colour, np.uint8), format="rgb24")
    body = b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
    return web.Response(body=body, content_type="image/png")


async def test_a_picture_of_another_size_stays_in_its_frame_and_nothing_old_shows(visit: Visit) -> None:
    visit.server.avatar_sizes["bob"] = (96, 192)
    visit.server.thumbnails["ada"] = lambda: still((255, 0, 0))
    await meet(visit)
    places = "[frame, video].map((one) => JSON.stringify(one.getBoundingClientRect()))"
    before = await visit.page.evaluate(places)
    await card(visit, "bob").click()
    await visit.until("video.videoHeight === 192")
    assert await visit.page.evaluate("video.videoWidth") == 96
    assert await visit.page.evaluate(places) == before
    await expect(visit.page.locator("#poster")).to_have_css("visibility", "hidden")
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")


async def test_the_still_picture_is_of_the_last_choice_even_if_it_came_first(visit: Visit) -> None:
    visit.server.thumbnails = {"ada": lambda: still((255, 0, 0)), "eve": lambda: still((0, 0, 255))}
    late = asyncio.Event()

    async def hold(route: Any) -> None:
        await late.wait()
        await route.continue_()

    await visit.page.route("**/avatars/ada/thumbnail", hold)
    await meet(visit, connected=False)
    await card(visit, "eve").click()
    await visit.until(f"String({POSTER}) === '{','.join(map(str, BLUE))}'")
    async with visit.page.expect_response("**/avatars/ada/thumbnail"):
        late.set()
    face = "document.querySelector('.avatar-face').classList.contains('on')"
    await visit.until(face)  # the late one is there, and drawn where it belongs
    assert await visit.page.evaluate(POSTER) == BLUE


async def left_on(visit: Visit) -> str:
    """Leave a session that shows eve, which the server goes on carrying elsewhere; its id."""
    red, blue = (lambda: still((255, 0, 0))), (lambda: still((0, 0, 255)))
    visit.server.thumbnails = {"ada": red, "bob": red, "eve": blue}
    visit.server.config["outputs"] = ["stage"]
    await meet(visit)
    await visit.page.keyboard.press("Escape")
    visit.server.show("eve")
    await visit.page.click("#status")
    await visit.page.click("#output-0")
    await visit.until("location.hash.startsWith('#session=')")
    await visit.page.click("#end")
    (session,) = visit.server.sessions
    return session


async def test_the_still_picture_is_of_the_session_that_goes_on_without_the_page(visit: Visit) -> None:
    session = await left_on(visit)
    await visit.until(f"String({POSTER}) === '{','.join(map(str, BLUE))}'")
    await visit.page.click("#casting")
    await expect_marked(visit, "eve")
    await expect(visit.page.locator("#avatar-news")).to_contain_text("Connect to change the face")
    await card(visit, "bob").click(force=True)
    await expect_marked(visit, "eve")
    assert await visit.page.evaluate(POSTER) == BLUE
    await visit.page.keyboard.press("Escape")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert len(visit.server.called(f"/whep/{session}")) == 1
    await visit.page.click("#casting")
    await expect_marked(visit, "eve")
    await card(visit, "bob").click()
    await expect_marked(visit, "bob")
    assert visit.server.called("/avatar") == [{"sessionid": session, "avatar": "bob"}]


async def test_the_still_picture_of_a_session_that_goes_on_is_there_after_a_reload(visit: Visit) -> None:
    await left_on(visit)
    await visit.page.reload()
    await visit.until(f"String({POSTER}) === '{','.join(map(str, BLUE))}'")


async def test_a_session_of_somebody_else_is_not_said_to_show_ones_own_choice(visit: Visit) -> None:
    visit.server.config["avatars"] = ["ada", "bob"]
    visit.server.thumbnails["ada"] = lambda: still((255, 0, 0))
    await visit.open("#session=abc")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.page.click("#casting")
    await expect(visit.page.locator(".avatar-card input:checked")).to_have_count(0)
    await expect(visit.page.locator("#avatar-news")).to_be_empty()
    await card(visit, "bob").click()
    await expect_marked(visit, "bob")
