"""A face of one's own: a clip or photo is chosen, looked at, cut, named and sent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure
from tests.web.room import CLIP, DROP, PHOTO, choose, enter, job, send

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """More than the sockets between the browser and the server hold."""
    path = tmp_path / "large.mp4"
    path.write_bytes(bytes(24_000_000))
    return path


def recipe(visit: Visit) -> dict[str, Any]:
    """What the last upload asked for."""
    asked: dict[str, Any] = json.loads(visit.server.workshop.uploads[-1]["recipe"])
    return asked


async def test_a_clip_is_sent_with_its_name_and_the_part_that_was_chosen(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await expect(visit.page.locator("#part-said")).to_have_text("0:00.0 – 0:09.0 · 9.0 s")
    await visit.page.focus("#part-begin")
    for _ in range(12):
        await visit.page.keyboard.press("ArrowRight")
    await visit.page.focus("#part-end")
    await visit.page.keyboard.press("Home")
    await expect(visit.page.locator("#part-end")).to_have_attribute("aria-valuetext", "second 1.0")
    for _ in range(25):
        await visit.page.keyboard.press("ArrowRight")
    await expect(visit.page.locator("#part-said")).to_have_text("0:00.0 – 0:03.5 · 3.5 s")
    await visit.until("Math.abs(document.querySelector('#take-video').currentTime - 3.45) < 0.01")
    await visit.page.fill("#name", "Anna")
    await visit.page.keyboard.press("Enter")
    await expect(job(visit, "Anna")).to_be_visible()
    [upload] = visit.server.workshop.uploads
    assert upload["name"] == "Anna"
    assert upload["files"] == [("body.mp4", CLIP.stat().st_size)]
    assert recipe(visit) == {"start_s": 0, "seconds": 3.5}
    await expect(visit.page.locator("#choose")).to_be_focused()


async def test_the_handles_push_each_other_and_stay_a_second_apart(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await visit.page.focus("#part-begin")
    await visit.page.keyboard.press("End")
    at = "[...document.querySelectorAll('#part-track input')].map((one) => one.valueAsNumber)"
    begin, end = await visit.page.evaluate(at)
    assert (begin, end) == (8, 9)
    await visit.page.focus("#part-end")
    await visit.page.keyboard.press("Home")
    assert await visit.page.evaluate(at) == [0, 1]


async def test_the_preview_stays_within_the_part(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await visit.until("document.querySelector('#take-video').currentTime > 0.2")
    await visit.page.click("#take-play")
    await expect(visit.page.locator("#take-play")).to_have_attribute("aria-label", "Play")
    await visit.page.focus("#part-end")
    await visit.page.keyboard.press("Home")
    await visit.page.evaluate(
        "() => { window.times = []; const video = document.querySelector('#take-video');"
        " video.addEventListener('timeupdate', () => window.times.push(video.currentTime)); }"
    )
    await visit.page.click("#take-play")
    await visit.until("window.times.filter((time, place) => time < window.times[place - 1]).length >= 2")
    assert await visit.page.evaluate("Math.max(...window.times)") < 3


async def test_a_preview_has_the_shape_of_what_was_chosen(visit: Visit, tmp_path: Path) -> None:
    tall = tmp_path / "tall.png"
    cv2.imwrite(str(tall), np.zeros((640, 360, 3), np.uint8))
    await enter(visit)
    await choose(visit, tall)
    ratio = "(() => { const { width, height } = document.querySelector('#take-box').getBoundingClientRect();"
    await visit.until(f"{ratio} return Math.abs(width / height - 360 / 640) < 0.01; }})()")


async def test_a_photo_is_shown_and_has_no_part(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, PHOTO)
    await visit.until("document.querySelector('#take-photo').naturalWidth > 0")
    await expect(visit.page.locator("#part")).to_be_hidden()
    await visit.page.click("#more > summary")
    await expect(visit.page.locator("#recipe-loop")).to_be_hidden()
    await visit.page.locator("#recipe-idle_motion").click()
    await send_as(visit, "Still")
    assert recipe(visit) == {"idle_motion": False}


async def send_as(visit: Visit, name: str) -> None:
    """Send what was chosen."""
    await visit.page.fill("#name", name)
    await visit.page.click("#make")
    await expect(job(visit, name)).to_be_visible()


async def test_several_photos_go_in_the_order_of_their_names(visit: Visit, tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / f"{number}.jpg").write_bytes(PHOTO.read_bytes())
    await enter(visit)
    await choose(visit, *(tmp_path / f"{number}.jpg" for number in (10, 1, 9)))
    await expect(visit.page.locator("#take-count")).to_contain_text("3 photos")
    await send_as(visit, "Many")
    assert [name for name, _ in visit.server.workshop.uploads[0]["files"]] == ["1.jpg", "9.jpg", "10.jpg"]


async def test_a_clip_that_the_browser_cannot_show_is_cut_by_numbers(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "Rosa.mkv").write_bytes(b"not for browsers")
    await enter(visit)
    await choose(visit, tmp_path / "Rosa.mkv")
    await expect(visit.page.locator("#take-unseen")).to_be_visible()
    await expect(visit.page.locator("#name")).to_have_value("Rosa")
    await visit.page.get_by_label("Begins at second").fill("2.5")
    await visit.page.get_by_label("Seconds to take").fill("6")
    await send_as(visit, "Rosa")
    assert recipe(visit) == {"start_s": 2.5, "seconds": 6}


@pytest.mark.parametrize(
    ("name", "media_type", "said"),
    [("notes.pdf", "application/pdf", "notes.pdf"), ("me.heic", "image/heic", "me.heic")],
)
async def test_what_is_neither_clip_nor_photo_is_refused_by_name(
    visit: Visit, name: str, media_type: str, said: str
) -> None:
    await enter(visit)
    await visit.page.evaluate(DROP, [name, media_type])
    await expect(visit.page.locator("#refused")).to_be_visible()
    await expect(visit.page.locator("#refused-why")).to_contain_text(said)
    await expect(visit.page.locator("#maker")).to_have_attribute("data-state", "empty")


async def test_a_clip_dropped_anywhere_is_taken(visit: Visit) -> None:
    await enter(visit)
    await visit.page.evaluate(DROP, ["Tom.mp4", "video/mp4"])
    await expect(visit.page.locator("#maker")).to_have_attribute("data-state", "chosen")
    await expect(visit.page.locator("#name")).to_have_value("Tom")


async def test_what_is_chosen_beyond_the_usual_goes_along_and_nothing_else(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await visit.page.click("#more > summary")
    await expect(visit.page.locator("#more-usual")).to_be_hidden()
    await visit.page.locator("#recipe-size").select_option("1080")
    await visit.page.get_by_label("Loop").select_option("There and back")
    await visit.page.locator("#recipe-flow").click()
    await visit.page.click("#more-musetalk > summary")
    await visit.page.get_by_label("Extra margin").fill("33")
    await visit.page.get_by_label("Version").select_option("1.0")
    await visit.page.get_by_label("Box shift").fill("-7")
    await expect(visit.page.get_by_label("Extra margin")).to_be_disabled()
    await visit.page.get_by_label("Made by").fill("me")
    await send_as(visit, "Anna")
    asked = recipe(visit)
    del asked["start_s"], asked["seconds"]
    musetalk = {"version": "v10", "bbox_shift": -7}
    rest = {"size": 1080, "loop": "pingpong", "steady": {"flow": False}, "credit": "me"}
    assert asked == {**rest, "musetalk": musetalk}
    await choose(visit, CLIP)
    await expect(visit.page.locator("#recipe-size")).to_have_value("720")


async def test_a_number_out_of_range_is_shown_where_it_is(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await visit.page.click("#more > summary")
    await visit.page.get_by_label("Which face").fill("99")
    await visit.page.click("#more > summary")
    await visit.page.click("#make")
    await expect(visit.page.get_by_label("Which face")).to_be_focused()
    assert visit.server.workshop.uploads == []


async def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(visit: Visit, large: Path) -> None:
    await enter(visit)
    await choose(visit, large)
    visit.server.workshop.held = asyncio.Event()
    await visit.page.click("#make")
    await expect(visit.page.locator("#upload-said")).to_contain_text("of 24.0 MB")
    shown = await visit.page.locator("#upload-bar").get_attribute("aria-valuenow")
    assert 0 <= int(shown) < 100
    await expect(visit.page.locator("#upload-cancel")).to_be_focused()
    await expect(visit.page.locator("#name")).to_be_disabled()
    await visit.page.click("#upload-cancel")
    await expect(visit.page.locator("#maker")).to_have_attribute("data-state", "chosen")
    await expect(visit.page.locator("#refused")).to_be_hidden()
    await expect(visit.page.locator("#make")).to_be_focused()
    visit.server.workshop.held.set()
    assert visit.server.workshop.jobs == []


async def test_another_file_waits_for_the_upload_that_goes_on(visit: Visit, large: Path) -> None:
    await enter(visit)
    await choose(visit, large)
    visit.server.workshop.held = asyncio.Event()
    await visit.page.click("#make")
    await visit.page.evaluate(DROP, ["Tom.mp4", "video/mp4"])
    await expect(visit.page.locator("#notice")).to_contain_text("is being uploaded")
    await expect(visit.page.locator("#take-name")).to_have_text("large.mp4")
    visit.server.workshop.held.set()
    await expect(visit.page.locator(".job")).to_have_count(1)


async def test_a_refused_upload_says_why_and_the_choice_stays(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await visit.page.fill("#name", "Anna")
    visit.server.workshop.refusal = lambda: failure(413, "the upload is larger than 1 MB (avatar_upload_mb)")
    await visit.page.click("#make")
    await expect(visit.page.locator("#refused-why")).to_have_text(
        "the upload is larger than 1 MB (avatar_upload_mb)"
    )
    await expect(visit.page.locator("#name")).to_have_value("Anna")
    async with visit.page.expect_file_chooser():
        await visit.page.click("#refused-other")
    visit.server.workshop.refusal = None
    await visit.page.click("#make")
    await expect(job(visit, "Anna")).to_be_visible()
    await expect(visit.page.locator("#refused")).to_be_hidden()


async def test_a_connection_that_breaks_during_an_upload_says_so(visit: Visit) -> None:
    await enter(visit)
    visit.server.workshop.breaks = True
    await choose(visit, CLIP)
    await visit.page.click("#make")
    await expect(visit.page.locator("#refused-why")).to_contain_text("The connection broke during the upload")
    visit.server.workshop.breaks = False
    assert await visit.page.locator("#make").is_visible()
    await visit.page.click("#make")
    await expect(visit.page.locator(".job")).to_have_count(1)


async def test_giving_up_a_choice_leads_back_to_the_beginning(visit: Visit) -> None:
    await enter(visit)
    await choose(visit, CLIP)
    await visit.page.click("#make-back")
    await expect(visit.page.locator("#choose")).to_be_focused()
    await expect(visit.page.locator("#take-video")).not_to_have_attribute("src", "blob:")
    job_id = await send(visit, "Anna", CLIP)
    assert job_id == "job1"
