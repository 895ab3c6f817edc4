"""The dialog of faces, as the tests of several modules work it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect


def card(visit: Visit, avatar: str) -> Any:
    return visit.page.locator(".avatar-card", has=visit.page.locator(f"input[value={avatar}]"))


async def meet(visit: Visit, *, connected: bool = True) -> None:
    """Open the page of a server with three avatars, and the dialog that lists them."""
    visit.server.config["avatars"] = ["ada", "bob", "eve"]
    if connected:
        await visit.connect()
    else:
        await visit.open()
    await visit.page.click("#casting")


async def expect_marked(visit: Visit, avatar: str, busy: bool = False) -> None:
    await expect(visit.page.locator(".avatar-card input:checked")).to_have_value(avatar)
    await expect(visit.page.locator(".avatar-card[aria-busy=true]")).to_have_count(int(busy))
    await expect(card(visit, avatar)).to_have_attribute("aria-busy", str(busy).lower())
