"""The faces in the making: followed step by step, over reloads too, cancelled, doubted, failed, and made."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure
from tests.web.room import CLIP, PHOTO, enter, face, followed, job, send

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TOKEN = "a-secret-of-the-test"


async def test_a_job_is_shown_step_by_step_until_the_face_is_on_the_shelf(visit: Visit) -> None:
    await enter(visit)
    job_id = await send(visit, "Anna", CLIP)
    await followed(visit, job_id)
    card = job(visit, "Anna")
    await expect(card).to_contain_text("Begins in a moment")
    visit.server.workshop.change(job_id, state="working", step="find", share=0.5, progress=0.31)
    await expect(card.locator(".job-how")).to_have_text("Finding the face")
    await expect(card.locator(".job-percent")).to_have_text("31 %")
    await expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "31")
    await expect(visit.page.locator("#said")).to_contain_text("Finding the face")
    visit.server.workshop.done(job_id, "Anna")
    await expect(card).to_contain_text("is ready")
    await expect(visit.page.locator("#said")).to_contain_text("is ready")
    await expect(face(visit, "made1")).to_be_visible()
    await expect(card.get_by_role("progressbar")).to_be_hidden()


async def test_the_progress_is_read_out_once_a_step_and_without_figures(visit: Visit) -> None:
    await enter(visit)
    job_id = await send(visit, "Anna", CLIP)
    await followed(visit, job_id)
    await visit.page.evaluate(
        "() => { window.said = []; new MutationObserver(() =>"
        " window.said.push(document.querySelector('#said').textContent))"
        ".observe(document.querySelector('#said'), { childList: true }); }"
    )
    for step, progress in (("convert", 0.1), ("convert", 0.2), ("find", 0.3), ("find", 0.4)):
        visit.server.workshop.change(job_id, state="working", step=step, progress=progress)
        await expect(job(visit, "Anna").locator(".job-percent")).to_have_text(
            f"{progress:.0%}".replace("%", " %")
        )
    said = await visit.page.evaluate("window.said")
    assert [text.split(": ")[1] for text in said] == ["Reading the pictures", "Finding the face"]


async def test_what_the_first_time_fetches_has_a_bar_of_its_own(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="fetch", share=0.45)
    await enter(visit)
    await expect(job(visit, "anna")).to_contain_text("only this first time")
    await expect(job(visit, "anna").locator(".job-percent")).to_have_text("45 %")


async def test_talking_with_a_face_that_was_made_leads_to_the_talk_with_it_chosen(visit: Visit) -> None:
    await enter(visit)
    job_id = await send(visit, "Anna", CLIP)
    await followed(visit, job_id)
    visit.server.workshop.done(job_id, "Anna")
    visit.server.config["avatars"] = [{"id": "ada", "name": "Ada"}, {"id": "made1", "name": "Anna"}]
    await job(visit, "Anna").get_by_role("button", name="Talk with it").click()
    await visit.until("document.querySelector('#start span')?.textContent")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert [offer.get("avatar") for offer in visit.server.called("/offer")] == ["made1"]


async def test_a_doubt_is_shown_with_its_picture_which_needs_the_token(visit: Visit) -> None:
    visit.server.token = TOKEN
    visit.server.workshop.pictures["j", 1] = PHOTO.read_bytes()
    words = {"kind": "mouth", "text": "the mouth is open", "picture": False}
    seen = {"kind": "small", "text": "the face is small: 20 pixels", "picture": True}
    visit.server.workshop.begin("j", "anna", state="working", step="find", notes=[words])
    await enter(visit, f"#token={TOKEN}")
    await followed(visit, "j")
    visit.server.workshop.change("j", notes=[words, seen])
    notes = job(visit, "anna").locator(".note")
    await expect(notes).to_have_count(2)
    await expect(notes.first).to_contain_text("An open mouth")
    await expect(notes.last).to_contain_text("the face is small: 20 pixels")
    await visit.until("document.querySelector('.note-picture')?.naturalWidth > 0")


async def test_jobs_are_followed_again_after_a_reload_under_their_names(visit: Visit) -> None:
    await enter(visit)
    job_id = await send(visit, "Anna", CLIP)
    visit.server.workshop.change(job_id, state="working", step="encode", progress=0.7)
    await enter(visit)
    await expect(job(visit, "Anna")).to_contain_text("Writing the video")
    await followed(visit, job_id, times=2)
    visit.server.workshop.change(job_id, step="prepare", progress=0.9)
    await expect(job(visit, "Anna")).to_contain_text("Preparing the lips")


async def test_of_several_one_is_followed_at_a_time_and_the_next_when_it_is_over(visit: Visit) -> None:
    workshop = visit.server.workshop
    for job_id in ("a", "b", "c"):
        workshop.begin(job_id, f"face-{job_id}", began=time.time() + ord(job_id))
    await enter(visit)
    await expect(job(visit, "face-c")).to_contain_text("Waits for its turn: 2 before it")
    await followed(visit, "a")
    workshop.change("a", state="working", step="find")
    await expect(job(visit, "face-a")).to_contain_text("Finding the face")
    assert workshop.followed == ["a"]
    workshop.change("b", state="working", step="convert")
    workshop.done("a", "Face A")
    await followed(visit, "b")
    await expect(job(visit, "face-b")).to_contain_text("Reading the pictures")
    await expect(job(visit, "face-c")).to_contain_text("1 before it")
    assert workshop.followed == ["a", "b"]


async def test_a_job_can_be_cancelled_and_goes(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="find")
    await enter(visit)
    await job(visit, "anna").get_by_role("button", name="Cancel").click()
    await expect(visit.page.locator(".job")).to_have_count(0)
    await expect(visit.page.locator("#jobs")).to_be_hidden()
    assert visit.server.workshop.jobs[0]["state"] == "cancelled"
    await expect(visit.page.locator("#shelf-title")).to_be_focused()


async def test_a_failure_stays_with_its_reason_until_it_is_dismissed(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="find")
    visit.server.workshop.begin("k", "old", state="failed", error="long ago", ended=time.time() - 90_000)
    await enter(visit)
    await followed(visit, "j")
    visit.server.workshop.change("j", state="failed", error="no face is seen in it")
    card = job(visit, "anna")
    await expect(card).to_contain_text("could not be made")
    await expect(card).to_contain_text("no face is seen in it")
    async with visit.page.expect_file_chooser():
        await card.get_by_role("button", name="Choose another file").click()
    await enter(visit)
    await expect(visit.page.locator(".job")).to_have_count(1)
    await job(visit, "anna").get_by_role("button", name="Dismiss").click()
    await expect(visit.page.locator(".job")).to_have_count(0)
    await enter(visit)
    await expect(visit.page.locator(".job")).to_have_count(0)


async def test_an_action_whose_face_was_deleted_meanwhile_says_so(visit: Visit) -> None:
    failed = {"state": "failed", "error": "the clip is too wide", "ended": time.time()}
    visit.server.workshop.begin("j", "gone", action="wave", **failed)
    await enter(visit)
    await visit.page.get_by_role("button", name="Choose another file").last.click()
    await expect(visit.page.locator("#notice")).to_contain_text("it is not there any more")
    await expect(visit.page.locator("#acts-dialog")).to_be_hidden()


async def test_what_was_made_before_is_on_the_shelf_and_no_news(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna")
    visit.server.workshop.done("j", "Anna")
    await visit.page.add_init_script(
        "window.jobs = 0; new MutationObserver((changes) => { for (const { target, addedNodes } of changes)"
        " if (target.id === 'job-list') window.jobs += addedNodes.length; })"
        ".observe(document, { subtree: true, childList: true });"
    )
    await enter(visit)
    await expect(face(visit, "anna")).to_be_visible()
    await expect(visit.page.locator(".job")).to_have_count(0)
    assert await visit.page.evaluate("window.jobs") == 0


async def test_a_stream_that_breaks_is_taken_up_again(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="find")
    await enter(visit)
    await followed(visit, "j")
    visit.server.workshop.hang_up()
    await followed(visit, "j", times=2)
    visit.server.workshop.change("j", step="encode")
    await expect(job(visit, "anna")).to_contain_text("Writing the video")


async def test_a_server_that_is_away_says_so_and_a_job_it_forgot_has_failed(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="find")
    await enter(visit)
    await followed(visit, "j")
    for path in ("/api/avatar-jobs", "/api/avatar-jobs/j/events"):
        visit.server.answers[path] = lambda: failure(502, "bad gateway")
    visit.server.workshop.hang_up()
    await expect(visit.page.locator("#jobs-lost")).to_be_visible()
    visit.server.workshop.jobs.clear()
    visit.server.answers.clear()
    await expect(visit.page.locator("#jobs-lost")).to_be_hidden()
    await expect(job(visit, "anna")).to_contain_text("The server was restarted meanwhile")


async def test_a_job_that_cannot_be_cancelled_says_why(visit: Visit) -> None:
    visit.server.workshop.begin("j", "anna", state="working", step="find")
    await enter(visit)
    await followed(visit, "j")
    visit.server.answers["/api/avatar-jobs/j"] = lambda: failure(500, "the server failed on this request")
    await job(visit, "anna").get_by_role("button", name="Cancel").click()
    await expect(visit.page.locator("#notice")).to_contain_text("Could not cancel: the server failed")
    await expect(job(visit, "anna")).to_be_visible()


@pytest.mark.parametrize("locale", ["zh-CN"])
async def test_steps_and_doubts_are_told_in_chinese_too(visit: Visit) -> None:
    note = {"kind": "seam", "text": "the end does not meet the beginning", "picture": False}
    visit.server.workshop.begin("j", "anna", state="working", step="loop", notes=[note])
    await enter(visit)
    await expect(job(visit, "anna")).to_contain_text("正在寻找无缝的循环")
    await expect(job(visit, "anna").locator(".note-title")).to_have_text("接缝明显")
    await expect(job(visit, "anna").locator(".note-help")).to_contain_text("往返播放")
    await expect(job(visit, "anna").locator(".note-text")).to_have_attribute("lang", "en")
    await visit.page.click("#language")
    await expect(job(visit, "anna").locator(".note-help")).to_have_count(0)
    await expect(job(visit, "anna")).to_contain_text("Looking for a loop")
    await expect(job(visit, "anna").locator(".note")).to_have_count(1)
