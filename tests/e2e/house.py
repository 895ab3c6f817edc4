"""The server as a user starts it, and a browser."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
WAIT_MS = 20_000


@asynccontextmanager
async def running(
    *arguments: str, command: str = "serve", environment: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """A server on a free port; its address. It must end well when it is told to."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "app.py", command, "--port", "0", *arguments),
        cwd=ROOT,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    assert server.stderr is not None
    said = []
    try:
        async for line in server.stderr:
            said.append(line.decode())
            if found := re.search(rb"ready: open (http://\S+)", line):
                break
        else:
            raise AssertionError("the server ended before it was ready: " + "".join(said))
        drain = asyncio.ensure_future(server.stderr.read())
        yield found[1].decode()
    finally:
        if server.returncode is None:
            server.terminate()
        assert await asyncio.wait_for(server.wait(), 20) == 0
    await drain


@asynccontextmanager
async def browsing(*flags: str) -> AsyncIterator[Any]:
    """An empty page in Chromium, with some flags more."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tempfile.mkdtemp(), executable_path=str(CHROMIUM), headless=True, args=[*ARGUMENTS, *flags]
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        yield page
        await context.close()


async def until(page: Any, expression: str) -> None:
    """Wait for an expression to be true; the page's policy forbids Playwright's own way of waiting."""

    async def reached() -> None:
        while not await page.evaluate(f"() => {expression}"):
            await asyncio.sleep(0.02)

    await asyncio.wait_for(reached(), WAIT_MS / 1000)
