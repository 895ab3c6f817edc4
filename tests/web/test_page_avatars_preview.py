"""What MuseTalk's controls change is drawn beside them: while somebody looks, anew after each change."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.web.conftest import WAIT_S, Visit
from tests.web.fake_server import failure
from tests.web.room import CLIP, PHOTO, choose, enter

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SHOWN = "document.querySelector('#control-picture').naturalWidth > 0"


async def asked(visit: Visit, count: int) -> tuple[Any, dict[str, Any]]:
    """The last picture and recipe that the server was sent, once they were as many."""
    previews = visit.server.workshop.previews

    async def reached() -> None:
        while len(previews) < count:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(reached(), WAIT_S)
    assert len(previews) == count
    content, recipe = previews[-1]
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), recipe


async def looking(visit: Visit, path: Path) -> None:
    """The room with something chosen, and MuseTalk's controls unfolded."""
    visit.server.workshop.preview = PHOTO.read_bytes()
    await enter(visit)
    await choose(visit, path)
    await visit.page.click("#more > summary")
    await visit.page.click("#more-musetalk > summary")


def pictures_of(path: Path) -> Any:
    """The pictures of a clip."""
    capture = cv2.VideoCapture(str(path))
    while True:
        there, picture = capture.read()
        if not there:
            return
        yield picture


async def test_a_preview_is_asked_for_only_while_its_section_is_open(visit: Visit) -> None:
    visit.server.workshop.preview = PHOTO.read_bytes()
    await visit.page.clock.install()
    await enter(visit)
    await choose(visit, CLIP)
    await visit.page.click("#more > summary")
    await visit.page.get_by_label("Which face").fill("2")
    await visit.page.clock.run_for(1000)
    assert await visit.page.get_attribute("#control-preview", "hidden") is not None
    assert visit.server.workshop.previews == []
    await visit.page.click("#more-musetalk > summary")
    picture, recipe = await asked(visit, 1)
    assert (picture.shape, recipe) == ((512, 512, 3), {"face": 2})
    await visit.until(SHOWN)
    await expect(visit.page.locator("#control-said")).to_contain_text("In colour")


async def test_each_change_is_drawn_anew_with_what_is_chosen(visit: Visit) -> None:
    await looking(visit, PHOTO)
    await asked(visit, 1)
    await visit.page.get_by_label("Extra margin").fill("33")
    assert (await asked(visit, 2))[1] == {"musetalk": {"extra_margin": 33}}
    await visit.page.click("#more-usual")
    assert (await asked(visit, 3))[1] == {}


async def test_a_preview_shows_the_picture_at_which_the_part_begins(visit: Visit) -> None:
    await looking(visit, CLIP)
    first, _ = await asked(visit, 1)
    await visit.page.focus("#part-begin")
    for _ in range(20):
        await visit.page.keyboard.press("ArrowRight")
    later, _ = await asked(visit, 2)
    pictures = [*pictures_of(CLIP)]

    def nearest(picture: Any) -> int:
        differences = [float(np.abs(each.astype(int) - picture).mean()) for each in pictures]
        return int(np.argmin(differences))

    assert nearest(first) in range(3)
    assert nearest(later) in range(48, 53)


async def test_an_older_question_is_given_up_for_a_newer_one(visit: Visit) -> None:
    await looking(visit, PHOTO)
    await asked(visit, 1)
    await visit.until(SHOWN)
    visit.server.workshop.preview_held = asyncio.Event()
    async with visit.page.expect_event("requestfailed") as failing:
        await visit.page.get_by_label("Extra margin").fill("20")
        await asked(visit, 2)
        await expect(visit.page.locator("#control-preview")).to_have_attribute("data-state", "drawing")
        await visit.page.get_by_label("Extra margin").fill("21")
    assert (await failing.value).url.endswith("/api/avatar-preview")
    await asked(visit, 3)
    visit.server.workshop.preview_held.set()
    await expect(visit.page.locator("#control-preview")).to_have_attribute("data-state", "shown")


async def test_a_number_out_of_range_is_not_asked_for(visit: Visit) -> None:
    await looking(visit, PHOTO)
    await asked(visit, 1)
    await visit.page.get_by_label("Extra margin").fill("1000")
    await visit.page.get_by_label("Extra margin").fill("100")
    assert (await asked(visit, 2))[1] == {"musetalk": {"extra_margin": 100}}


async def test_a_preview_that_fails_says_why_in_place_and_comes_back(visit: Visit) -> None:
    await enter(visit)
    visit.server.workshop.refusal = lambda: failure(422, "no face is seen in it")
    await looking(visit, PHOTO)
    await expect(visit.page.locator("#control-said")).to_have_text("No preview: no face is seen in it")
    await expect(visit.page.locator("#control-picture")).to_be_hidden()
    visit.server.workshop.refusal = None
    await visit.page.get_by_label("Extra margin").fill("33")
    await visit.until(SHOWN)
    await expect(visit.page.locator("#control-picture")).to_be_visible()


async def test_what_the_browser_cannot_show_has_no_preview(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "Rosa.mkv").write_bytes(b"not for browsers")
    await looking(visit, tmp_path / "Rosa.mkv")
    await expect(visit.page.locator("#control-said")).to_contain_text("cannot show this file")
    assert visit.server.workshop.previews == []


async def test_a_server_without_previews_shows_nothing_of_them(visit: Visit) -> None:
    visit.server.answers["/api/avatar-preview"] = lambda: failure(404, "not found")
    async with visit.page.expect_response("**/api/avatar-preview") as answer:
        await looking(visit, PHOTO)
    await (await answer.value).finished()
    await expect(visit.page.locator("#control-preview")).to_be_hidden()


async def test_another_choice_gets_its_own_preview(visit: Visit) -> None:
    await looking(visit, PHOTO)
    await asked(visit, 1)
    await choose(visit, CLIP)
    await asked(visit, 2)
    await visit.page.click("#make-back")
    await expect(visit.page.locator("#control-preview")).to_be_hidden()
