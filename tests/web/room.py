"""The room where faces are made, as the tests of several modules work it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import WAIT_S, Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

DEFAULT = Path(__file__).parents[2] / "data" / "avatars" / "default"
CLIP = DEFAULT / "body.mp4"
"""8.96 seconds that Chromium plays"""
PHOTO = DEFAULT / "thumbnail.jpg"
DROP = """([name, type]) => {
  const items = new DataTransfer();
  items.items.add(new File(["something"], name, { type }));
  dispatchEvent(new DragEvent("drop", { dataTransfer: items, cancelable: true }));
}"""


async def enter(visit: Visit, fragment: str = "") -> None:
    """Open the room of a server that makes avatars."""
    visit.server.config.setdefault("makes_avatars", True)
    await visit.page.goto(f"{visit.server.origin}/avatars{fragment}")
    await visit.until("document.body.dataset.room !== 'asking'")


async def choose(visit: Visit, *files: Path) -> None:
    """Choose files, and wait until they are looked at."""
    await visit.page.set_input_files("#footage", [str(each) for each in files])
    await expect(visit.page.locator("#maker")).to_have_attribute("data-state", "chosen")
    if CLIP in files:
        await expect(visit.page.locator("#part")).to_be_visible()


async def send(visit: Visit, name: str, *files: Path) -> str:
    """Have a face made of files; its job's id."""
    await choose(visit, *files)
    await visit.page.fill("#name", name)
    count = len(visit.server.workshop.uploads)
    await visit.page.click("#make")
    await expect(visit.page.locator("#maker")).to_have_attribute("data-state", "empty")
    return f"job{count + 1}"


def face(visit: Visit, avatar_id: str) -> Any:
    """A card on the shelf."""
    return visit.page.locator(f".face[data-id={avatar_id}]")


def job(visit: Visit, name: str) -> Any:
    """A card of what is in the making."""
    return visit.page.locator(".job", has_text=name)


async def followed(visit: Visit, job_id: str, times: int = 1) -> None:
    """Wait until the page listens to a job's changes."""

    async def reached() -> None:
        while visit.server.workshop.followed.count(job_id) < times:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(reached(), WAIT_S)


__all__ = ["CLIP", "DROP", "PHOTO", "choose", "enter", "face", "followed", "job", "send"]
