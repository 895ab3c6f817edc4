"""The page over a relay: a real browser, a real coturn, and what it says when the relay is of no use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from aioice import ice

from livetalk.server.app import build
from livetalk.settings import Settings
from tests.server.conftest import FakeService
from tests.turn_server import PASSWORD, SECRET, STATIC, TIMED, TURNSERVER, USER, TurnServer, turn_server
from tests.web.conftest import WAIT_S, Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(TURNSERVER is None, reason="needs turnserver (Debian: coturn)"),
]

RELAY_ONLY = """{
  const Real = RTCPeerConnection;
  globalThis.RTCPeerConnection = function (settings) {
    globalThis.connection = new Real({ ...settings, iceTransportPolicy: "relay" });
    return globalThis.connection;
  };
}"""
PAIR = """async () => {
  const found = await connection.getStats();
  const pair = [...found.values()].find((each) => each.type === "candidate-pair" && each.nominated);
  return [pair.localCandidateId, pair.remoteCandidateId].map((id) => found.get(id).candidateType);
}"""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    with turn_server(tmp_path_factory.mktemp("static"), STATIC) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def livetalk(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The address of a server that has no address of its own, only a relay's, by a secret that both know."""
    monkeypatch.setattr(ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["203.0.113.77"])
    monkeypatch.setenv("LIVETALK_TURN_SECRET", SECRET)
    service = FakeService()
    with turn_server(tmp_path_factory.mktemp("timed"), TIMED) as timed:
        server = TestServer(build(Settings(ice_servers=(timed.timed_url,)), service))
        await server.start_server()
        yield f"http://127.0.0.1:{server.port}"
        await server.close()
    await asyncio.get_running_loop().run_in_executor(None, service.close)


async def test_the_page_and_livetalk_meet_on_the_relay_alone(browser: Any, livetalk: str) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(WAIT_S * 1000)
    await page.add_init_script(RELAY_ONLY)
    await page.goto(livetalk)
    await page.click("#start")
    await page.wait_for_selector("[data-picture=live]")
    assert await page.evaluate(PAIR) == ["relay", "relay"]
    await context.close()


@pytest.mark.parametrize("case", ["a wrong password", "nobody there"])
async def test_a_relay_that_is_of_no_use_is_told_at_once_where_there_is_no_other_way(
    visit: Visit, relay: TurnServer, case: str
) -> None:
    urls = relay.timed_url if case == "a wrong password" else "turn:127.0.0.1:9?transport=tcp"
    visit.server.config["ice_servers"] = [{"urls": urls, "username": USER, "credential": "wrong"}]
    await visit.page.add_init_script(RELAY_ONLY)
    await visit.open()
    await visit.page.click("#start")
    code = "turn_refused" if case == "a wrong password" else "turn_unreachable"
    await expect(visit.page.locator("#problem")).to_have_attribute("data-code", code, timeout=WAIT_S * 1000)
    await expect(visit.page.locator("#problem-why")).to_contain_text("turn:127.0.0.1")
    if code == "turn_refused":
        await expect(visit.page.locator("#problem-why")).to_contain_text("401 Unauthorized")
    await expect(visit.page.locator("#problem-fix")).to_contain_text("livetalk doctor")
    assert visit.server.called("/offer") == []


async def test_a_relay_that_only_the_browser_has_is_told_to_be_tried_from_the_server(
    visit: Visit, relay: TurnServer
) -> None:
    servers = [{"urls": relay.timed_url, "username": USER, "credential": PASSWORD}]
    visit.server.config["ice_servers"] = servers
    visit.server.deaf = True
    await visit.page.add_init_script(RELAY_ONLY)
    await visit.page.clock.install()
    await visit.open()
    await visit.page.click("#start")
    await expect(visit.page.locator("#wait-text")).to_have_text("Finding the shortest way")
    await visit.page.clock.fast_forward(12_000)
    await expect(visit.page.locator("#problem")).to_have_attribute("data-code", "server_no_relay")


async def test_the_relays_address_is_in_the_offer_so_that_the_server_can_let_it_in(
    visit: Visit, relay: TurnServer
) -> None:
    servers = [{"urls": relay.timed_url, "username": USER, "credential": PASSWORD}]
    visit.server.config["ice_servers"] = servers
    await visit.connect()
    (offer,) = visit.server.called("/offer")
    assert " typ relay" in offer["sdp"]
