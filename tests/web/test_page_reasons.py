"""Why something failed is said in the page's language, with the server's own words behind."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aiohttp import web

from tests.web.conftest import Visit
from tests.web.fake_server import failure
from tests.web.room import CLIP, choose, enter, job

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ISOLATES = {ord("\u2068"): None, ord("\u2069"): None}


async def said(visit: Visit, selector: str) -> str:
    """What is read there, without the marks that keep a language's direction."""
    await expect(visit.page.locator(selector)).not_to_be_empty()
    return str(await visit.page.text_content(selector)).translate(ISOLATES)


async def refused(visit: Visit, status: int, message: str) -> str:
    """What the room says of a refused upload."""
    await enter(visit)
    await choose(visit, CLIP)
    visit.server.workshop.refusal = lambda: failure(status, message)
    await visit.page.click("#make")
    return await said(visit, "#refused-why")


@pytest.mark.parametrize("locale", ["zh-CN"])
@pytest.mark.parametrize(
    ("status", "meaning"), [(413, "内容太大"), (503, "没有空位，或者没有配置此功能"), (418, "服务器拒绝了")]
)
async def test_a_chinese_page_says_what_a_refusal_means_and_what_the_server_said(
    visit: Visit, status: int, meaning: str
) -> None:
    assert await refused(visit, status, "no, since so") == f"{meaning}（no, since so）"


async def test_an_english_page_leaves_it_to_the_server(visit: Visit) -> None:
    assert await refused(visit, 413, "no, since so") == "no, since so"


async def test_what_something_in_between_said_is_explained_in_english_too(visit: Visit) -> None:
    await enter(visit)
    visit.server.answers["/api/avatars/ada"] = lambda: web.Response(status=502, text="<html>nginx</html>")
    await visit.page.locator(".face .face-rename").click()
    await visit.page.fill(".name-input", "Another")
    await visit.page.press(".name-input", "Enter")
    assert "a proxy does not reach the server: Bad Gateway" in await said(visit, ".face .wrong")


@pytest.mark.parametrize("locale", ["zh-CN"])
async def test_a_face_that_was_not_made_says_in_chinese_where_it_ended(visit: Visit) -> None:
    error = {"state": "failed", "error": "no face is seen in it", "ended": time.time()}
    visit.server.workshop.begin("a", "anna", step="find", **error)
    visit.server.workshop.begin("b", "bert", step="loop", **error)
    await enter(visit)
    await expect(job(visit, "anna")).to_contain_text("没能从中取出人脸")
    await expect(job(visit, "anna")).to_contain_text("no face is seen in it")
    await expect(job(visit, "bert")).to_contain_text("制作中断了")


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "语言模型出错（gone）"), ("en-GB", "gone")])
async def test_a_stage_that_failed_is_named_in_the_pages_language(visit: Visit, words: str) -> None:
    await visit.connect()
    visit.server.tell("error", stage="think", message="gone", over=False, turn=1)
    assert await said(visit, "#notice") == words
