"""The shelf of faces: looked at, talked with, renamed in place, deleted after a question."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.fake_server import failure
from tests.web.fake_workshop import avatar
from tests.web.room import CLIP, PHOTO, enter, face, followed

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TOKEN = "a-secret-of-the-test"
PLAYS = "document.querySelector('#preview-video').currentTime > 0.1"


async def filled(visit: Visit) -> None:
    """A room whose shelf has three faces."""
    visit.server.workshop.avatars += [avatar("bob", "Bob"), avatar("zoe", "Zoe")]
    await enter(visit)
    await expect(visit.page.locator(".face")).to_have_count(3)


async def test_the_standard_face_comes_first_then_the_others_by_name(visit: Visit) -> None:
    visit.server.workshop.avatars.insert(0, avatar("aaron", "aaron"))
    visit.server.workshop.avatars.insert(0, avatar("zoe", "Zoe"))
    await enter(visit)
    await expect(visit.page.locator(".face-name")).to_have_text(["Ada", "aaron", "Zoe"])
    await expect(visit.page.locator("#shelf-count")).to_have_text("3")
    await expect(visit.page.locator("#shelf-none")).to_be_hidden()


async def test_a_shelf_with_the_standard_face_alone_says_what_comes(visit: Visit) -> None:
    await enter(visit)
    await expect(visit.page.locator("#shelf-none")).to_be_visible()


async def test_talk_leads_to_the_talk_with_the_face_chosen(visit: Visit) -> None:
    await filled(visit)
    await face(visit, "bob").get_by_role("button", name="Talk with").click()
    await visit.until("document.querySelector('#start span')?.textContent")
    assert await visit.page.evaluate("localStorage.getItem('livetalk.avatar')") == "bob"


async def test_a_face_for_another_engine_cannot_be_talked_with(visit: Visit) -> None:
    visit.server.workshop.avatars.append(avatar("bob", "Bob", usable=False))
    await enter(visit)
    await expect(face(visit, "bob")).to_contain_text("For another engine")
    await expect(face(visit, "bob").get_by_role("button", name="Talk")).to_have_count(0)


@pytest.mark.parametrize("token", ["", TOKEN])
async def test_a_preview_plays_the_body_with_and_without_a_token(visit: Visit, token: str) -> None:
    visit.server.token = token
    visit.server.workshop.videos["ada"] = CLIP.read_bytes()
    await enter(visit, f"#token={token}" if token else "")
    await face(visit, "ada").get_by_role("button", name="Preview").click()
    await visit.until(PLAYS)
    await expect(visit.page.locator("#preview-title")).to_have_text("Ada")
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.locator("#preview-dialog")).to_be_hidden()
    await expect(face(visit, "ada").get_by_role("button", name="Preview")).to_be_focused()


@pytest.mark.parametrize(
    ("token", "said"),
    [("", "this browser cannot play it"), (TOKEN, "it has no video, it is a folder of pictures")],
)
async def test_a_preview_that_cannot_be_shown_says_so(visit: Visit, token: str, said: str) -> None:
    visit.server.token = token
    await enter(visit, f"#token={token}" if token else "")
    await face(visit, "ada").get_by_role("button", name="Preview").click()
    await expect(visit.page.locator("#preview-wrong")).to_have_text(f"Could not show it: {said}")


async def test_with_little_movement_wanted_a_preview_waits_to_be_played(visit: Visit) -> None:
    await visit.page.emulate_media(reduced_motion="reduce")
    visit.server.workshop.videos["ada"] = CLIP.read_bytes()
    await enter(visit)
    await face(visit, "ada").get_by_role("button", name="Preview").click()
    await visit.until("document.querySelector('#preview-video').readyState >= 2")
    assert await visit.page.evaluate("document.querySelector('#preview-video').paused")


async def test_a_face_is_renamed_where_its_name_stands(visit: Visit) -> None:
    await filled(visit)
    await face(visit, "bob").get_by_role("button", name="Rename").click()
    await expect(visit.page.get_by_label("New name")).to_be_focused()
    await visit.page.keyboard.type("Robert")
    await visit.page.keyboard.press("Enter")
    await expect(face(visit, "bob").locator(".face-name")).to_have_text("Robert")
    await expect(face(visit, "bob").get_by_role("button", name="Rename")).to_be_focused()
    assert visit.server.workshop.avatars[1]["name"] == "Robert"


async def test_escape_leaves_a_name_as_it_was(visit: Visit) -> None:
    await filled(visit)
    await face(visit, "bob").get_by_role("button", name="Rename").click()
    await visit.page.keyboard.type("Robert")
    await visit.page.keyboard.press("Escape")
    await expect(face(visit, "bob").locator(".face-name")).to_have_text("Bob")
    await expect(face(visit, "bob").get_by_role("button", name="Rename")).to_be_focused()
    assert visit.server.workshop.avatars[1]["name"] == "Bob"


async def test_a_refused_name_says_why_and_can_be_mended(visit: Visit) -> None:
    await filled(visit)
    await face(visit, "bob").get_by_role("button", name="Rename").click()
    await visit.page.get_by_label("New name").fill("tab\u0007")
    await visit.page.keyboard.press("Enter")
    await expect(face(visit, "bob").get_by_role("alert")).to_contain_text("Could not rename")
    await visit.page.get_by_label("New name").fill("Robert")
    await visit.page.keyboard.press("Enter")
    await expect(face(visit, "bob").locator(".face-name")).to_have_text("Robert")


async def test_a_face_is_deleted_only_after_a_yes(visit: Visit) -> None:
    await filled(visit)
    remove = face(visit, "bob").get_by_role("button", name="Delete")
    await remove.click()
    await expect(visit.page.locator("#delete-title")).to_contain_text("Bob")
    await expect(visit.page.locator("#delete-no")).to_be_focused()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("#delete-dialog")).to_be_hidden()
    await expect(remove).to_be_focused()
    await remove.click()
    await visit.page.click("#delete-yes")
    await expect(face(visit, "bob")).to_have_count(0)
    await expect(visit.page.locator("#notice")).to_contain_text("is deleted")
    await expect(face(visit, "zoe").get_by_role("button", name="Preview")).to_be_focused()
    assert [each["id"] for each in visit.server.workshop.avatars] == ["ada", "zoe"]


async def test_a_new_face_under_an_old_name_shows_its_own_picture(visit: Visit) -> None:
    asked: list[str] = []

    def picture() -> web.Response:
        asked.append("bob")
        return web.Response(body=PHOTO.read_bytes(), content_type="image/jpeg")

    visit.server.thumbnails["bob"] = picture
    await filled(visit)
    await face(visit, "bob").get_by_role("button", name="Delete").click()
    await visit.page.click("#delete-yes")
    await expect(face(visit, "bob")).to_have_count(0)
    visit.server.workshop.avatars.append(avatar("bob", "Bob"))
    before = len(asked)
    await visit.page.evaluate(
        "document.dispatchEvent(new Event('visibilitychange'))"
    )  # the page is seen again
    await expect(face(visit, "bob")).to_have_count(1)
    await expect(face(visit, "bob").locator("canvas.on")).to_have_count(1)
    assert len(asked) == before + 1


async def test_a_face_that_cannot_be_deleted_says_why_in_the_question(visit: Visit) -> None:
    await filled(visit)
    visit.server.answers["/api/avatars/bob"] = lambda: failure(409, "its folder cannot be written")
    await face(visit, "bob").get_by_role("button", name="Delete").click()
    await visit.page.click("#delete-yes")
    await expect(visit.page.locator("#delete-wrong")).to_have_text(
        "Could not delete: its folder cannot be written"
    )
    await expect(face(visit, "bob")).to_have_count(1)


async def test_the_standard_face_is_kept_and_says_why(visit: Visit) -> None:
    await enter(visit)
    remove = face(visit, "ada").locator(".face-remove")
    await expect(remove).to_have_attribute("aria-disabled", "true")
    await remove.press("Enter")
    await expect(visit.page.locator("#notice")).to_contain_text("cannot be deleted: sessions begin with it")
    await expect(visit.page.locator("#delete-dialog")).to_be_hidden()


async def test_the_keyboard_keeps_its_place_when_a_face_comes_to_the_shelf(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="find")
    await filled(visit)
    await face(visit, "zoe").get_by_role("button", name="Talk").focus()
    await followed(visit, "j")
    visit.server.workshop.done("j", "Anna")
    await expect(visit.page.locator(".face")).to_have_count(4)
    await expect(face(visit, "zoe").get_by_role("button", name="Talk")).to_be_focused()
