"""The switches of the page's outputs, as the tests of several modules work them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import WAIT_S, Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

LONG = "a-stream-server-whose-name-is-as-long-as-names-can-be-" + "x" * 46
NAMES = ["camera", "stage", "البث المباشر", LONG]


async def connected(visit: Visit) -> None:
    """A page whose server has outputs, connected, its panel open."""
    visit.server.config["outputs"] = NAMES
    await visit.connect()
    await visit.page.click("#status")
    await expect(visit.page.locator("#outputs")).to_be_visible()


def switch(visit: Visit, name: str) -> Any:
    return visit.page.get_by_role("switch", name=name, exact=True)


def card(visit: Visit, name: str) -> Any:
    return visit.page.locator(".output", has=switch(visit, name))


async def shown(visit: Visit, name: str, state: str) -> None:
    """Wait until the page learnt it; it asks every two seconds."""
    await expect(card(visit, name)).to_have_attribute("data-state", state, timeout=WAIT_S * 1000)


async def switched_on(visit: Visit, name: str) -> dict[str, Any]:
    """Switch one on; returns what the server tells of it, to be changed."""
    before = len(visit.server.called("/outputs"))
    await switch(visit, name).click()
    await visit.called("/outputs", before + 1)
    await expect(switch(visit, name)).to_have_attribute("aria-disabled", "false")
    [running] = visit.server.outputs.values()
    return running[-1]
