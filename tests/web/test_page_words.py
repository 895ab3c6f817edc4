"""The page's words: complete in both languages, and chosen by the browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WEB = Path(__file__).parents[2] / "web"
TEXTS = """async () => {
  const [{ en }, { zh }] = await Promise.all([import("/js/lang/en.js"), import("/js/lang/zh.js")]);
  return { en, zh };
}"""


class KeysInPage(HTMLParser):
    """Collects what data-t attributes name."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.keys |= {
            value for name, value in attrs if name.startswith("data-t") and "." in (value or "") and value
        }


def keys_in_modules() -> set[str]:
    modules = (*sorted((WEB / "js").glob("*.js")), *sorted((WEB / "js" / "room").glob("*.js")))
    source = "\n".join(path.read_text() for path in modules)
    literal = set(re.findall(r'"((?:\w+\.)+\w+)"', source))
    problems = {
        code for call in re.findall(r"new Problem\(([^)]*)", source) for code in re.findall(r'"(\w+)"', call)
    }
    stored = {"livetalk.theme", "livetalk.language"}
    return {key for key in literal - stored if not key.endswith(".js")} | {
        f"problem.{code}.{part}" for code in problems for part in ("title", "why", "fix")
    }


async def test_both_languages_have_the_same_texts_with_the_same_blanks(visit: Visit) -> None:
    await visit.open()
    texts = await visit.page.evaluate(TEXTS)
    assert texts["en"].keys() == texts["zh"].keys()
    for key, text in texts["en"].items():
        blanks = re.compile(r"\{\w+\}")
        assert sorted(blanks.findall(text)) == sorted(blanks.findall(texts["zh"][key])), key
        assert texts["zh"][key].strip(), key


async def test_every_key_that_page_and_modules_name_has_a_text(visit: Visit) -> None:
    await visit.open()
    texts = await visit.page.evaluate(TEXTS)
    parser = KeysInPage()
    for page in sorted(WEB.glob("*.html")):
        parser.feed(page.read_text())
    assert parser.keys - texts["en"].keys() == set()
    assert keys_in_modules() - texts["en"].keys() == set()
    assert len(keys_in_modules()) > 50


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW"])
async def test_a_chinese_browser_gets_a_chinese_page(visit: Visit) -> None:
    await visit.open()
    await expect(visit.page.locator("#start")).to_have_text("连接")
    await expect(visit.page.locator("html")).to_have_attribute("lang", "zh")


@pytest.mark.parametrize("locale", ["fr-FR"])
async def test_any_other_browser_gets_an_english_page(visit: Visit) -> None:
    await visit.open()
    await expect(visit.page.locator("#start")).to_have_text("Connect")


async def test_a_switched_language_is_remembered(visit: Visit) -> None:
    await visit.open()
    await visit.page.click("#language")
    await expect(visit.page.locator("#text")).to_have_attribute("placeholder", "想让它说什么？")
    await expect(visit.page.locator("#suggestions button").first).to_have_text("你好！很高兴见到你。")
    await visit.page.reload()
    await expect(visit.page.locator("#start")).to_have_text("连接")


async def test_a_switched_theme_is_remembered(visit: Visit) -> None:
    await visit.open()
    before = await visit.page.get_attribute("html", "data-theme")
    await visit.page.click("#theme")
    await visit.page.reload()
    assert {before, await visit.page.get_attribute("html", "data-theme")} == {"light", "dark"}


async def test_every_control_has_a_name(visit: Visit) -> None:
    await visit.open()
    nameless = await visit.page.evaluate(
        "[...document.querySelectorAll('button, input, textarea, select')]"
        ".filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length"
        " || one.hidden || one.id === 'voice')).map((one) => one.outerHTML)"
    )
    assert nameless == []
