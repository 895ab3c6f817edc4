"""Choosing a face: in a session it changes at once, without one it is for the next."""

from __future__ import annotations

import asyncio
from typing import Any

import av
import numpy as np
import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.fake_server import failure, success

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

REMEMBERED = "localStorage.getItem('livetalk.avatar')"
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


def card(visit: Visit, avatar: str) -> Any:
    return visit.page.locator(".avatar-card", has=visit.page.locator(f"input[value={avatar}]"))


async def meet(visit: Visit, *, connected: bool = True) -> None:
    """Open the page of a server with three avatars, and the dialog that lists them."""
    visit.server.config["avatars"] = ["ada", "bob", "eve"]
    if connected:
        await visit.connect()
    else:
        await visit.open()
    await visit.page.click("#casting")


async def expect_marked(visit: Visit, avatar: str, busy: bool = False) -> None:
    await expect(visit.page.locator(".avatar-card input:checked")).to_have_value(avatar)
    await expect(visit.page.locator(".avatar-card[aria-busy=true]")).to_have_count(int(busy))
    await expect(card(visit, avatar)).to_have_attribute("aria-busy", str(busy).lower())


async def asked(visit: Visit, count: int) -> list[str]:
    """Who was asked for in the session, once it was as many."""
    return [body["avatar"] for body in await visit.called("/avatar", count)]


async def test_a_chosen_face_is_shown_in_the_session_that_goes_on(visit: Visit) -> None:
    await meet(visit)
    await expect_marked(visit, "ada")
    await card(visit, "bob").click()
    await expect(visit.page.locator("#avatar-news")).to_have_text("bob is in the picture.")
    await expect_marked(visit, "bob")
    (session_id,) = visit.server.sessions
    assert visit.server.called("/avatar") == [{"sessionid": session_id, "avatar": "bob"}]
    assert len(visit.server.called("/offer")) == 1
    assert await visit.page.evaluate(REMEMBERED) == "bob"
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")


async def test_a_face_that_takes_its_time_is_marked_as_coming(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await expect_marked(visit, "bob", busy=True)
    await expect(visit.page.locator("#avatar-news")).to_contain_text("bob is coming")
    await expect(visit.page.locator("#casting")).to_have_attribute("aria-busy", "true")
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")
    assert await visit.page.evaluate(REMEMBERED) is None
    warm.set()
    await expect_marked(visit, "bob")
    await expect(visit.page.locator("#casting")).to_have_attribute("aria-busy", "false")


async def test_a_face_that_cannot_be_shown_says_why_and_the_earlier_one_is_marked(visit: Visit) -> None:
    await meet(visit)
    visit.server.answers["/avatar"] = lambda: failure(400, "bob is damaged")
    await card(visit, "bob").click()
    await expect(visit.page.locator("#avatar-news")).to_have_text("Could not show bob: bob is damaged")
    await expect_marked(visit, "ada")
    assert await visit.page.evaluate(REMEMBERED) is None
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    visit.server.answers.clear()
    await card(visit, "bob").click()
    await expect(visit.page.locator("#avatar-news")).to_have_text("bob is in the picture.")


async def test_a_failure_after_the_dialog_was_closed_is_told_over_the_page(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await asked(visit, 1)
    await visit.page.keyboard.press("Escape")
    visit.server.config["avatars"] = ["ada", "eve"]
    warm.set()
    await expect(visit.page.locator("#notice")).to_have_text(
        "Could not show bob: no avatar 'bob'; there are: ada, eve"
    )


async def test_of_two_quick_choices_the_last_one_wins(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    assert await asked(visit, 1) == ["bob"]
    await card(visit, "eve").click()
    await expect_marked(visit, "eve", busy=True)
    warm.set()
    await expect_marked(visit, "eve")
    assert await asked(visit, 2) == ["bob", "eve"]
    assert await visit.page.evaluate(REMEMBERED) == "eve"


async def test_going_back_to_the_face_that_is_shown_brings_it_back(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await asked(visit, 1)
    await card(visit, "ada").click()
    warm.set()
    await expect_marked(visit, "ada")
    assert await asked(visit, 2) == ["bob", "ada"]


async def test_going_back_from_a_face_that_fails_says_nothing_of_it(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await asked(visit, 1)
    await card(visit, "ada").click()
    visit.server.config["avatars"] = ["ada", "eve"]
    warm.set()
    await expect_marked(visit, "ada")
    await expect(visit.page.locator("#avatar-news")).to_have_text("ada is in the picture.")
    assert await asked(visit, 1) == ["bob"]


async def test_a_face_shown_by_another_program_is_marked_while_the_session_lasts(visit: Visit) -> None:
    await meet(visit)
    visit.server.show("eve")
    await expect_marked(visit, "eve")
    await expect(visit.page.locator("#avatar-news")).to_have_text("eve is in the picture.")
    assert await visit.page.evaluate(REMEMBERED) is None
    await visit.server.forget_sessions()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connecting")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    assert [offer.get("avatar") for offer in visit.server.called("/offer")] == [None, "eve"]
    await visit.page.keyboard.press("Escape")
    await visit.page.click("#end")
    await visit.page.click("#casting")
    await expect_marked(visit, "ada")
    await expect(visit.page.locator("#avatar-news")).to_be_empty()


async def test_a_face_that_is_newer_than_the_page_gets_a_card(visit: Visit) -> None:
    await meet(visit)
    visit.server.show("zoe")
    await expect_marked(visit, "zoe")
    await expect(visit.page.locator(".avatar-card")).to_have_count(4)


async def test_another_program_does_not_take_away_what_is_still_coming(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await asked(visit, 1)
    visit.server.show("eve")
    await expect_marked(visit, "bob", busy=True)
    visit.server.config["avatars"] = ["ada", "eve"]
    warm.set()
    await expect(visit.page.locator("#avatar-news")).to_contain_text("Could not show bob")
    await expect_marked(visit, "eve")


async def test_an_answer_does_not_undo_what_another_program_did_since(visit: Visit) -> None:
    def answer() -> web.Response:
        visit.server.show("bob")
        visit.server.show("eve")
        return success(None)

    await meet(visit)
    visit.server.answers["/avatar"] = answer
    await card(visit, "bob").click()
    await expect_marked(visit, "eve")
    await expect(visit.page.locator("#avatar-news")).to_have_text("eve is in the picture.")


async def test_a_connection_lost_on_the_way_leaves_the_earlier_face(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await asked(visit, 1)
    await visit.server.forget_sessions()
    await expect(visit.page.locator("#avatar-news")).to_have_text(
        "Could not show bob: the connection was lost"
    )
    await expect_marked(visit, "ada")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    warm.set()
    await card(visit, "eve").click()
    await expect(visit.page.locator("#avatar-news")).to_have_text("eve is in the picture.")


async def test_a_face_chosen_without_a_session_is_for_the_next(visit: Visit) -> None:
    await meet(visit, connected=False)
    await card(visit, "bob").click()
    await expect_marked(visit, "bob")
    await visit.page.keyboard.press("Escape")
    assert visit.server.called("/offer") == []
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert [offer["avatar"] for offer in visit.server.called("/offer")] == ["bob"]
    assert visit.server.called("/avatar") == []


async def test_a_face_still_coming_when_the_person_ends_is_for_the_next_session(visit: Visit) -> None:
    await meet(visit)
    warm = visit.server.cold["bob"] = asyncio.Event()
    await card(visit, "bob").click()
    await asked(visit, 1)
    await visit.page.keyboard.press("Escape")
    await visit.page.click("#end")
    await expect(visit.page.locator("#notice")).to_be_empty()
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert [offer.get("avatar") for offer in visit.server.called("/offer")] == [None, "bob"]
    warm.set()


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
