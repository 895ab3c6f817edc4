"""Choosing a face: in a session it changes at once, without one it is for the next; and a voice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.faces import card, expect_marked, meet
from tests.web.fake_server import failure, success

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

REMEMBERED = "localStorage.getItem('livetalk.avatar')"


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


async def test_voices_are_listed_by_language_and_variants_come_last(visit: Visit) -> None:
    visit.server.config["voices"] = ["auto", "+Zoe", "+adam", "cmn", "de", "en", "xex"]
    await visit.open()
    await visit.page.click("#casting")
    await expect(visit.page.locator("#casting-title")).to_have_text("Voice")
    names = "[...document.querySelectorAll('#voice > option')].map((one) => one.textContent)"
    assert await visit.page.evaluate(names) == [
        "The server's choice",
        "Chinese · cmn",
        "English · en",
        "German · de",
        "xex",
    ]
    variants = visit.page.locator("#voice optgroup")
    await expect(variants).to_have_attribute("label", "Voices of another kind")
    await expect(variants.locator("option")).to_have_text(["adam", "Zoe"])
