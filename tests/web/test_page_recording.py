"""The page's recordings: begun, ended, listed, downloaded, deleted, and told of when they go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TOKEN = "a-secret-of-the-test"


async def connected(visit: Visit) -> None:
    """A page whose server records, connected."""
    visit.server.config["records"] = True
    await visit.connect()
    await expect(visit.page.locator("#record")).to_be_visible()


async def recorded(visit: Visit) -> None:
    """Record, and end it."""
    await visit.page.click("#record")
    await expect(visit.page.locator("#record")).to_have_attribute("aria-pressed", "true")
    await visit.page.click("#record")
    await expect(visit.page.locator("#recordings-dialog")).to_be_visible()


async def test_a_server_that_does_not_record_offers_no_button(visit: Visit) -> None:
    await visit.connect()
    await expect(visit.page.locator("#record")).to_be_hidden()


async def test_a_recording_shows_its_time_and_is_listed_once_it_ended(visit: Visit) -> None:
    await connected(visit)
    await expect(visit.page.locator("#record-time")).to_be_hidden()
    await expect(visit.page.locator("#record")).to_have_attribute("aria-label", "Record")
    await visit.page.click("#record")
    await expect(visit.page.locator("#record")).to_have_attribute("aria-label", "Stop recording")
    await expect(visit.page.locator("#record-clock")).to_have_text("0:01")
    await visit.page.click("#record")
    await expect(visit.page.locator("#record-time")).to_be_hidden()
    film = visit.page.locator("#recordings-dialog .film")
    await expect(film).to_have_count(1)
    await expect(film).to_contain_text("1:23")
    await expect(film).to_contain_text("12.3 MB")
    assert [body["type"] for body in visit.server.called("/record")] == ["start_record", "end_record"]


async def test_a_film_is_downloaded_by_the_browser_itself_without_the_token(visit: Visit) -> None:
    visit.server.token = TOKEN
    visit.server.config["records"] = True
    await visit.open(f"#token={TOKEN}")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await recorded(visit)
    async with visit.page.expect_download() as waiting:
        await visit.page.click(".film-get")
    download = await waiting.value
    assert download.suggested_filename == "livetalk.mp4"
    path = await download.path()
    assert Path(path).read_bytes() == b"a film"
    assert TOKEN not in download.url


async def test_a_film_is_deleted_after_a_second_press(visit: Visit) -> None:
    await connected(visit)
    await recorded(visit)
    await visit.page.click(".film-remove")
    await expect(visit.page.locator(".film-remove")).to_have_text("Delete for good?")
    await expect(visit.page.locator(".film")).to_have_count(1)
    await visit.page.click(".film-remove")
    await expect(visit.page.locator(".film")).to_have_count(0)
    await expect(visit.page.locator("#films-none")).to_be_visible()
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.locator("#recordings")).to_be_hidden()


async def test_the_list_is_there_after_a_reload_and_for_earlier_sessions(visit: Visit) -> None:
    await connected(visit)
    await recorded(visit)
    await visit.page.reload()
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.page.click("#recordings")
    await expect(visit.page.locator(".film")).to_have_count(1)


async def test_a_recording_that_another_program_began_is_shown(visit: Visit) -> None:
    await connected(visit)
    visit.server.tell("recording", id="other", state="recording", reason="", detail="")
    await expect(visit.page.locator("#record")).to_have_attribute("aria-pressed", "true")
    visit.server.tell("recording", id="other", state="ended", reason="", detail="")
    await expect(visit.page.locator("#record")).to_have_attribute("aria-pressed", "false")
    await expect(visit.page.locator("#recordings-dialog")).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", "The recording is over: the server has no room left for recordings"),
        ("zh-CN", "录制已结束：服务器已没有空间存放录像"),
    ],
)
async def test_a_recording_that_ends_by_itself_says_why(visit: Visit, words: str) -> None:
    await connected(visit)
    await visit.page.click("#record")
    await expect(visit.page.locator("#record")).to_have_attribute("aria-pressed", "true")
    [films] = visit.server.films.values()
    films[0].update(state="ended", reason="no_room")
    visit.server.tell("recording", id=films[0]["id"], state="ended", reason="no_room", detail="full")
    await expect(visit.page.locator("#notice")).to_have_text(words)
    await expect(visit.page.locator("#record-time")).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (507, "Could not record: the server has no room left for recordings"),
        (503, "Could not record: the server could not write the file"),
        (400, "Could not record: as the server says it"),
    ],
)
async def test_a_refused_recording_says_why(visit: Visit, status: int, said: str) -> None:
    await connected(visit)
    visit.server.answers["/record"] = lambda: failure(status, "as the server says it")
    await visit.page.click("#record")
    await expect(visit.page.locator("#notice")).to_have_text(said)
    await expect(visit.page.locator("#record")).to_have_attribute("aria-pressed", "false")
    await expect(visit.page.locator("#record")).to_be_enabled()


async def test_a_lost_session_ends_the_time_that_is_shown(visit: Visit) -> None:
    await connected(visit)
    await visit.page.click("#record")
    await expect(visit.page.locator("#record-time")).to_be_visible()
    await visit.page.click("#end")
    await expect(visit.page.locator("#record-time")).to_be_hidden()
    await visit.page.click("#recordings")
    await expect(visit.page.locator(".film")).to_have_count(1)
