"""The avatar's actions: a chip for each over the picture, the one that is seen is marked, a press ends it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.audit import OUTSIDE, SMALL
from tests.web.conftest import Visit
from tests.web.faces import card
from tests.web.fake_server import FakeServer, failure
from tests.web.fake_workshop import acting

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ADA = (("look-left", 1.2, False), ("say_hello", 2.5, True), ("wave", 3.0, False))


def fill(server: FakeServer) -> None:
    """Ada has three actions, Bob one, Eve none."""
    server.config["avatars"] = ["ada", "bob", "eve"]
    bob = acting("bob", "Bob", ("nod", 0.8, False))
    server.workshop.avatars = [acting("ada", "Ada", *ADA, default=True), bob, acting("eve", "Eve")]


def chips(visit: Visit) -> Any:
    return visit.page.locator("#gestures button")


def chip(visit: Visit, name: str) -> Any:
    return visit.page.locator("#gestures").get_by_role("button", name=name, exact=True)


async def asked(visit: Visit, count: int) -> list[dict[str, Any]]:
    """What the session was asked to show, once it was as many."""
    (session_id,) = visit.server.sessions
    return await visit.called(f"/sessions/{session_id}/action", count)


async def connected(visit: Visit) -> None:
    """A page that talks with Ada."""
    fill(visit.server)
    await visit.connect()
    await expect(chips(visit)).to_have_count(3)


async def test_a_chip_for_each_action_shows_it_and_is_marked_while_it_is_seen(visit: Visit) -> None:
    await connected(visit)
    await expect(chips(visit)).to_have_text(["Look left", "Say hello", "Wave"])
    await chip(visit, "Wave").click()
    assert await asked(visit, 1) == [{"action": "wave", "loop": False}]
    await expect(chip(visit, "Wave")).to_have_attribute("aria-pressed", "false")
    await expect(chip(visit, "Wave")).to_have_attribute("aria-busy", "true")
    visit.server.tell("action", action="wave")
    await expect(chip(visit, "Wave")).to_have_attribute("aria-pressed", "true")
    await expect(chip(visit, "Wave")).to_have_attribute("aria-busy", "false")
    visit.server.tell("action", action="")
    await expect(chip(visit, "Wave")).to_have_attribute("aria-pressed", "false")


async def test_an_action_that_is_seen_is_ended_by_another_press(visit: Visit) -> None:
    await connected(visit)
    visit.server.tell("action", action="wave")
    await expect(chip(visit, "Wave")).to_have_attribute("aria-pressed", "true")
    await chip(visit, "Wave").press("Enter")
    assert await asked(visit, 1) == [{"action": "", "loop": False}]


async def test_an_action_with_a_sound_is_silenced_by_another_press(visit: Visit) -> None:
    await connected(visit)
    await chip(visit, "Say hello").click()
    await asked(visit, 1)
    await chip(visit, "Say hello").click()
    await visit.called("/interrupt_talk", 1)
    assert len(await asked(visit, 1)) == 1
    await expect(chip(visit, "Say hello")).to_have_attribute("aria-busy", "false")


async def test_a_sound_that_lost_its_turn_is_waited_for_no_more(visit: Visit) -> None:
    await connected(visit)
    await chip(visit, "Say hello").click()
    await asked(visit, 1)
    visit.server.tell("interrupted", turn=1)
    await expect(chip(visit, "Say hello")).to_have_attribute("aria-busy", "false")


async def test_another_face_brings_its_own_actions_and_one_without_has_none(visit: Visit) -> None:
    await connected(visit)
    await visit.page.click("#casting")
    await card(visit, "bob").click()
    await expect(chips(visit)).to_have_text(["Nod"])
    visit.server.show("eve")
    await expect(visit.page.locator("#gestures")).to_be_hidden()
    visit.server.show("ada")
    await expect(chips(visit)).to_have_count(3)


async def test_nothing_is_shown_before_and_after_a_session(visit: Visit) -> None:
    fill(visit.server)
    await visit.open()
    await expect(visit.page.locator("#gestures")).to_be_hidden()
    await visit.page.click("#start")
    await expect(chip(visit, "Wave")).to_be_visible()
    await visit.page.click("#end")
    await expect(visit.page.locator("#gestures")).to_be_hidden()


async def test_a_refused_action_says_why(visit: Visit) -> None:
    await connected(visit)
    (session_id,) = visit.server.sessions
    visit.server.answers[f"/sessions/{session_id}/action"] = lambda: failure(400, "ada has no action 'wave'")
    await chip(visit, "Wave").click()
    await expect(visit.page.locator("#notice")).to_contain_text("could not be shown: ada has no action")
    await expect(chip(visit, "Wave")).to_have_attribute("aria-busy", "false")


async def test_a_server_that_does_not_tell_of_actions_shows_none(visit: Visit) -> None:
    fill(visit.server)
    visit.server.answers["/api/avatars/ada"] = lambda: failure(404, "not found")
    await visit.connect()
    await expect(visit.page.locator("#gestures")).to_be_hidden()


async def test_words_under_the_picture_make_room_for_the_chips(visit: Visit) -> None:
    await connected(visit)
    visit.server.tell("start", text="One two three", turn=1)
    await expect(visit.page.locator("#caption")).to_contain_text("One")
    bottom = await visit.page.locator("#caption").evaluate(
        "(one) => one.getBoundingClientRect().bottom - parseFloat(getComputedStyle(one).paddingBottom)"
    )
    box = await chip(visit, "Wave").bounding_box()
    assert bottom <= box["y"]


@pytest.mark.parametrize("width", [390, 320])
async def test_fingers_reach_every_chip_on_a_phone(browser: Any, server: FakeServer, width: int) -> None:
    fill(server)
    server.workshop.avatars[0] = acting("ada", "Ada", *ADA, *((f"gesture-{n}", 1.0, False) for n in range(9)))
    context = await browser.new_context(
        locale="en-GB", viewport={"width": width, "height": 844}, has_touch=True, is_mobile=True
    )
    visit = Visit(await context.new_page(), server)
    visit.watch()
    await visit.connect()
    await expect(chips(visit)).to_have_count(12)
    found = [each for each in await visit.page.evaluate(SMALL) if "gesture" in each]
    assert found == ["gesture"] * len(found)
    assert len(found) <= 1, "but for the one that is cut off at the edge"
    assert [each for each in await visit.page.evaluate(OUTSIDE) if "gesture" not in each] == []
    await chip(visit, "Gesture 8").tap()
    assert await asked(visit, 1) == [{"action": "gesture-8", "loop": False}]
    await context.close()
    assert visit.complaints == []
