"""A real browser on the real page, against a scripted server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.house import ARGUMENTS, CHROMIUM
from tests.web.fake_server import FakeServer

WAIT_S = 20


@dataclass
class Visit:
    """A page that somebody opened, and what it must not do."""

    page: Any
    server: FakeServer
    complaints: list[str] = field(default_factory=list)
    """errors in the page's console; calls that the server refused are not among them"""
    foreign: list[str] = field(default_factory=list)
    """requests to anybody but the server"""

    async def open(self, fragment: str = "") -> None:
        """Load the page."""
        await self.page.goto(f"{self.server.origin}/{fragment}")
        await self.until("document.querySelector('#start span').textContent !== ''")

    async def until(self, expression: str) -> None:
        """Wait for an expression to be true; the page's policy forbids Playwright's own way of waiting."""

        async def reached() -> None:
            while not await self.page.evaluate(f"() => {expression}"):
                await asyncio.sleep(0.02)

        await asyncio.wait_for(reached(), WAIT_S)

    async def called(self, path: str, count: int) -> list[dict[str, Any]]:
        """The bodies that the server was sent, once they were as many."""

        async def reached() -> None:
            while len(self.server.called(path)) < count:
                await asyncio.sleep(0.01)

        await asyncio.wait_for(reached(), WAIT_S)
        return self.server.called(path)

    async def connect(self) -> None:
        """Load the page, press Start and wait for the picture."""
        await self.open()
        await self.page.click("#start")
        await self.page.wait_for_selector("[data-picture=live]")

    async def say(self, text: str) -> str:
        """Send a text; returns the id that the page gave it."""
        before = len(self.server.called("/human"))
        await self.page.fill("#text", text)
        await self.page.press("#text", "Enter")
        await self.page.wait_for_selector(".entry[data-state=queued]")
        body = self.server.called("/human")[before]
        return str(body["entry"])

    def watch(self) -> None:
        """Begin to note what must not happen."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._on_console)
        self.page.on("request", self._on_request)

    def _on_console(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _on_request(self, request: Any) -> None:
        if not request.url.removeprefix("blob:").startswith(self.server.origin):
            self.foreign.append(request.url)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Any]:
    """One browser for the tests of a module."""
    playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}")
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[FakeServer]:
    """A fresh scripted server."""
    fake = FakeServer()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def locale() -> str:
    """The browser's language; parametrize it for another."""
    return "en-GB"


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Any, server: FakeServer, locale: str) -> AsyncIterator[Visit]:
    """A page to be opened; in the end it must have been quiet and have kept to itself."""
    context = await browser.new_context(locale=locale, viewport={"width": 1280, "height": 800})
    visit = Visit(await context.new_page(), server)
    visit.watch()
    yield visit
    await context.close()
    assert visit.complaints == []
    assert visit.foreign == []
