"""The room of faces itself: found, locked, closed, lost, read and pressed on whatever screen."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.web.audit import FAINT, OUTSIDE, SMALL
from tests.web.conftest import Visit
from tests.web.fake_server import FakeServer, failure
from tests.web.fake_workshop import acting, avatar
from tests.web.room import CLIP, choose, enter, face

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TALL = 5000
"""pixels: all of the room is in sight at once"""
LONG = "A name that is as long as any name may be, which is eighty letters and no more x"


def fill(server: FakeServer) -> None:
    """Something of everything."""
    acts = (("look-left", 1.2, True), ("w" * 64, 3.0, False))
    plan = {"idle": {"actions": ["w" * 64], "every_s": [8, 20]}}
    long = acting("long", LONG, *acts, plan=plan, width=1080, height=1920)
    server.workshop.avatars += [long, avatar("x", "X", usable=False)]
    note = {"kind": "small", "text": "the face is small: 20 pixels from eye to eye", "picture": False}
    server.workshop.begin("a", LONG, state="working", step="fetch", share=0.3, notes=[note])
    server.workshop.begin("b", "waits")
    server.workshop.begin("c", "fails", state="failed", error="no face is seen in it", ended=time.time())


async def look(visit: Visit, script: str) -> dict[str, list[str]]:
    """What a script finds in each state of the room, where it finds something."""
    found = {"empty": await visit.page.evaluate(script)}
    await face(visit, "long").get_by_role("button", name="Delete").click()
    found["delete"] = await visit.page.evaluate(script)
    await visit.page.keyboard.press("Escape")
    await face(visit, "long").get_by_role("button", name="Preview").click()
    await expect(visit.page.locator("#preview-wrong")).not_to_be_empty()
    found["preview"] = await visit.page.evaluate(script)
    await visit.page.keyboard.press("Escape")
    await face(visit, "long").get_by_role("button", name="Rename").click()
    found["rename"] = await visit.page.evaluate(script)
    await visit.page.keyboard.press("Escape")
    await face(visit, "long").locator(".face-acts").click()
    await visit.page.locator(".act-remove").first.click()
    found["actions"] = await visit.page.evaluate(script)
    await visit.page.set_input_files("#act-clip", str(CLIP))
    await visit.page.fill("#act-name", "not a name!")
    found["another action"] = await visit.page.evaluate(script)
    await visit.page.click("#acts-close")
    await choose(visit, CLIP)
    await expect(visit.page.locator("#part")).to_be_visible()
    visit.server.workshop.refusal = lambda: failure(413, "the upload is larger than 1 MB (avatar_upload_mb)")
    await visit.page.click("#make")
    await expect(visit.page.locator("#refused")).to_be_visible()
    await visit.page.click("#more > summary")
    await visit.page.click("#more-musetalk > summary")
    await expect(visit.page.locator("#control-said")).to_contain_text("No preview")
    found["chosen"] = await visit.page.evaluate(script)
    return {state: what for state, what in found.items() if what}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_of_the_room_stands_out_from_its_ground(visit: Visit, theme: str) -> None:
    fill(visit.server)
    await visit.page.set_viewport_size({"width": 1440, "height": TALL})
    await visit.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    await enter(visit)
    assert await look(visit, FAINT) == {}


@pytest.mark.parametrize(("width", "script"), [(390, SMALL), (320, SMALL), (390, OUTSIDE), (320, OUTSIDE)])
async def test_fingers_find_all_of_the_room_on_a_phone(
    browser: Any, server: FakeServer, width: int, script: str
) -> None:
    fill(server)
    context = await browser.new_context(
        locale="en-GB",
        viewport={"width": width, "height": TALL},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    visit = Visit(await context.new_page(), server)
    visit.watch()
    await enter(visit)
    assert await look(visit, script) == {}
    await context.close()
    assert visit.complaints == []


async def test_the_dialog_of_faces_leads_to_the_room_and_a_conversation_keeps_its_window(
    visit: Visit,
) -> None:
    visit.server.config["makes_avatars"] = True
    await visit.open()
    await visit.page.click("#casting")
    await visit.page.get_by_role("link", name="New face").click()
    await expect(visit.page.locator("#choose")).to_be_visible()
    await visit.page.get_by_role("link", name="Talk", exact=True).click()
    await visit.until("document.querySelector('#start span')?.textContent")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.page.click("#casting")
    async with visit.page.expect_popup() as waiting:
        await visit.page.get_by_role("link", name="New face").click()
    room = await waiting.value
    await expect(room.locator("#choose")).to_be_visible()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")


async def test_a_face_made_meanwhile_is_there_when_the_dialog_is_opened_again(visit: Visit) -> None:
    visit.server.config["makes_avatars"] = True
    await visit.open()
    await visit.page.click("#casting")
    await expect(visit.page.locator("label.avatar-card")).to_have_count(1)
    await visit.page.keyboard.press("Escape")
    visit.server.config["avatars"] = ["ada", "anna"]
    await visit.page.click("#casting")
    await expect(visit.page.locator("label.avatar-card")).to_have_count(2)


async def test_a_server_that_makes_no_faces_offers_no_way_and_says_so_in_the_room(visit: Visit) -> None:
    visit.server.config["makes_avatars"] = False
    await visit.open()
    await expect(visit.page.locator("a.avatar-card")).to_have_count(0)
    await enter(visit)
    await expect(visit.page.locator("#closed")).to_be_visible()
    await expect(visit.page.locator("#maker")).to_be_hidden()
    await expect(face(visit, "ada")).to_be_visible()


async def test_a_locked_server_asks_for_its_token_and_then_shows_the_room(visit: Visit) -> None:
    visit.server.token = "s3cret"
    await enter(visit)
    await visit.page.fill("#token", "wrong")
    await visit.page.press("#token", "Enter")
    await expect(visit.page.locator("#token-wrong")).to_be_visible()
    await visit.page.click("#token-later")
    await expect(visit.page.locator("#locked")).to_be_visible()
    await expect(visit.page.locator("#maker")).to_be_hidden()
    await visit.page.click("#unlock")
    await visit.page.fill("#token", "s3cret")
    await visit.page.press("#token", "Enter")
    await expect(face(visit, "ada")).to_be_visible()
    await expect(visit.page.locator("#maker")).to_be_visible()


async def test_a_token_that_changes_during_an_upload_is_asked_for_and_the_choice_stays(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    visit.server.token = "new"
    await visit.page.click("#make")
    await visit.page.fill("#token", "new")
    await visit.page.press("#token", "Enter")
    await visit.page.click("#make")
    await expect(visit.page.locator(".job")).to_have_count(1)


async def test_a_server_that_is_not_ready_yet_is_asked_again(visit: Visit) -> None:
    visit.server.answers["/config"] = lambda: failure(502, "bad gateway")
    await enter(visit)
    await expect(visit.page.locator("#lost")).to_be_visible()
    visit.server.answers.clear()
    await expect(visit.page.locator("#maker")).to_be_visible()
    await expect(visit.page.locator("#lost")).to_be_hidden()


async def test_every_control_of_the_room_has_a_name(visit: Visit) -> None:
    fill(visit.server)
    await enter(visit)
    await expect(visit.page.locator(".job")).to_have_count(3)
    await choose(visit, CLIP)
    nameless = await visit.page.evaluate(
        "[...document.querySelectorAll('button, input, select, a, [role=progressbar]')]"
        ".filter((one) => !one.closest('[hidden]') && !(one.getAttribute('aria-label')"
        " || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML)"
    )
    assert nameless == []


@pytest.mark.parametrize("locale", ["zh-CN"])
async def test_the_room_is_chinese_for_a_chinese_browser_and_english_at_a_press(visit: Visit) -> None:
    await enter(visit)
    await expect(visit.page.locator("#choose")).to_have_text("选择视频或照片")
    await choose(visit, CLIP)
    await visit.page.fill("#name", "安娜")
    await visit.page.click("#language")
    await expect(visit.page.locator("#make")).to_have_text("Make this face")
    await expect(visit.page.locator("#name")).to_have_value("安娜")
    await visit.page.click("#more > summary")
    await expect(visit.page.get_by_label("Loop")).to_contain_text("There and back")


async def test_fifty_faces_are_all_there(visit: Visit) -> None:
    visit.server.workshop.avatars += [avatar(f"face-{number}", f"Face {number}") for number in range(49)]
    await enter(visit)
    await expect(visit.page.locator(".face")).to_have_count(50)
    await face(visit, "face-48").scroll_into_view_if_needed()
    await expect(visit.page.locator(".face-name").last).to_have_text("Face 48")
