"""The words that sound are marked, over the picture and in the list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize(
    ("text", "word", "offset"),
    [("Hello big world", "big", 6), ("你好世界", "世", 2), ("😀 smile 😀 now", "now", 10)],
)
async def test_the_caption_marks_the_word_that_sounds(
    visit: Visit, text: str, word: str, offset: int
) -> None:
    await visit.connect()
    entry = await visit.say(text)
    visit.server.tell("start", text=text, entry=entry, first=True)
    visit.server.tell("word", word=word, offset=offset, text=text, entry=entry)
    await expect(visit.page.locator("#caption .now")).to_have_text(word)
    await expect(visit.page.locator("#caption")).to_have_text(text)
    await expect(visit.page.locator(".entry mark")).to_have_text(word)
    await expect(visit.page.locator("#caption-live")).to_have_text(text)


async def test_the_list_finds_the_word_in_a_text_that_was_cleaned_before(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("A **bold** word")
    visit.server.tell("start", text="A bold word", entry=entry, first=True)
    visit.server.tell("word", word="bold", offset=2, text="A bold word", entry=entry)
    await expect(visit.page.locator(".entry mark")).to_have_text("bold")
    await expect(visit.page.locator(".entry .said")).to_have_text("A **")


async def test_a_long_text_is_captioned_piece_by_piece(visit: Visit) -> None:
    await visit.open()
    pieces = await visit.page.evaluate(
        """async (text) => (await import("/js/captions.js")).captionLines(text)
            .map(({ from, to }) => text.slice(from, to))""",
        "A first sentence that is rather long, they say. Then a second one follows, with a comma in it. E.",
    )
    assert pieces == [
        "A first sentence that is rather long, they say. ",
        "Then a second one follows, with a comma in it. E.",
    ]


async def test_captions_can_be_hidden(visit: Visit) -> None:
    await visit.connect()
    await visit.page.click("#captions")
    visit.server.tell("start", text="unseen", first=True)
    await expect(visit.page.locator("#caption")).to_have_text("unseen")
    await expect(visit.page.locator("#caption")).to_have_css("opacity", "0")


async def test_markup_in_a_text_stays_text(visit: Visit) -> None:
    await visit.connect()
    evil = "<img src=x onerror=\"document.title='broken'\"> <b>bold</b>"
    entry = await visit.say(evil)
    visit.server.tell("start", text=evil, entry=entry, first=True)
    visit.server.tell("word", word="<b>bold</b>", offset=evil.index("<b>"), text=evil, entry=entry)
    await expect(visit.page.locator("#caption .now")).to_have_text("<b>bold</b>")
    visit.server.tell("error", message="<b>no</b>", entry=entry)
    await expect(visit.page.locator(".entry .entry-label")).to_contain_text("<b>no</b>")
    assert await visit.page.locator(".entry img, .entry b, #caption img, #caption b").count() == 0
    assert await visit.page.title() != "broken"
