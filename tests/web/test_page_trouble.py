"""When it does not work, the page says why, in words that name a way out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FACTS = {
    "localTypes": ["host"],
    "remoteAddresses": ["192.0.2.7"],
    "remoteTypes": ["host"],
    "relays": [],
    "relayErrors": [],
    "pageHost": "avatar.example",
    "throughIce": False,
}
RELAY_ONLY = """{
  const Real = RTCPeerConnection;
  globalThis.RTCPeerConnection = function (settings) {
    return new Real({ ...settings, iceTransportPolicy: "relay" });
  };
}"""


async def expect_problem(visit: Visit, code: str, title: str) -> None:
    await expect(visit.page.locator("#problem")).to_have_attribute("data-code", code)
    await expect(visit.page.locator("#problem-title")).to_have_text(title)
    await expect(visit.page.locator("#problem-why")).not_to_be_empty()
    await expect(visit.page.locator("#problem-fix")).not_to_be_empty()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "failed")


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (400, "rejected", "The server did not take the call"),
        (403, "forbidden", "The server refuses this address"),
        (404, "not_livetalk", "This is not livetalk's server"),
        (500, "server_error", "Something broke in the server"),
        (503, "server_full", "All places are taken"),
    ],
)
async def test_a_refused_offer_is_explained_with_the_servers_words(
    visit: Visit, status: int, code: str, title: str
) -> None:
    visit.server.answers["/offer"] = lambda: failure(status, "in the server's words")
    await visit.open()
    await visit.page.click("#start")
    await expect_problem(visit, code, title)
    await expect(visit.page.locator("#problem-said")).to_have_text("The server said: in the server's words")


async def test_a_full_server_is_asked_again_when_it_said(visit: Visit) -> None:
    visit.server.answers["/offer"] = lambda: failure(503, "all 8 sessions are in use", retry_after_s=30)
    await visit.page.clock.install()
    await visit.open()
    await visit.page.click("#start")
    await expect(visit.page.locator("#retry-count")).to_have_text("Next try in 30 s")
    visit.server.answers.clear()
    await visit.page.clock.fast_forward(30_000)
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")


async def test_a_server_that_does_not_answer_is_named(visit: Visit) -> None:
    await visit.page.route("**/offer", lambda route: route.abort())
    await visit.open()
    await visit.page.click("#start")
    await expect_problem(visit, "server_unreachable", "The server does not answer")
    await expect(visit.page.locator("#problem-why")).to_contain_text(visit.server.origin)
    await visit.page.unroute("**/offer")
    await visit.page.click("#retry")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")


@pytest.mark.parametrize(
    ("script", "code", "title"),
    [
        ("delete globalThis.RTCPeerConnection", "no_webrtc", "This browser has no WebRTC"),
        (
            "delete globalThis.RTCPeerConnection;"
            "Object.defineProperty(globalThis, 'isSecureContext', { value: false })",
            "insecure",
            "The browser keeps WebRTC off on this page",
        ),
        (
            "RTCRtpReceiver.getCapabilities = () => ({ codecs: [{ mimeType: 'video/AV1' }] })",
            "no_codec",
            "No video format in common",
        ),
    ],
)
async def test_a_browser_that_cannot_is_told_what_it_lacks(
    visit: Visit, script: str, code: str, title: str
) -> None:
    await visit.page.add_init_script(script)
    await visit.open()
    await visit.page.click("#start")
    await expect_problem(visit, code, title)
    assert visit.server.called("/offer") == []


@pytest.mark.parametrize(
    ("sdp_line", "code", "title"),
    [
        (None, "no_route", "Picture and sound find no way through"),
        (r"a=candidate:.*\r\n", "server_no_candidates", "The server named no address"),
    ],
)
async def test_a_connection_that_does_not_come_about_is_diagnosed(
    visit: Visit, sdp_line: str | None, code: str, title: str
) -> None:
    visit.server.deaf = True
    if sdp_line:
        visit.server.rewrite_sdp = lambda sdp: re.sub(sdp_line, "", sdp)
    await visit.page.clock.install()
    await visit.open()
    await visit.page.click("#start")
    await expect(visit.page.locator("#wait-text")).to_have_text("Finding the shortest way")
    await visit.page.clock.fast_forward(12_000)
    await expect_problem(visit, code, title)


async def test_a_browser_without_any_address_is_told_at_once(visit: Visit) -> None:
    await visit.page.add_init_script(RELAY_ONLY)
    await visit.open()
    await visit.page.click("#start")
    await expect_problem(visit, "no_candidates", "The browser found no network for the call")
    assert visit.server.called("/offer") == []


async def test_an_encryption_that_is_not_agreed_is_told_from_a_missing_way(visit: Visit) -> None:
    visit.server.rewrite_sdp = lambda sdp: re.sub(
        r"(a=fingerprint:sha-\d+) (\w\w)",
        lambda found: f"{found[1]} {int(found[2], 16) ^ 0xFF:02X}",
        sdp,
    )
    await visit.open()
    await visit.page.click("#start")
    await expect_problem(visit, "dtls", "The encryption was not agreed")


async def test_credentials_of_a_relay_are_asked_for_anew_before_each_connection(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    relay = {"urls": "turn:127.0.0.1:9?transport=tcp", "username": "1", "credential": "old"}
    visit.server.config["ice_servers"] = [relay]
    await visit.open()
    assert asked.count("config") == 1
    visit.server.config["ice_servers"] = [{**relay, "urls": "turn:127.0.0.1:7?transport=tcp"}]
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    assert asked.count("config") == 2


async def test_each_set_of_facts_has_its_own_diagnosis(visit: Visit) -> None:
    relay = {"relays": ["turn:relay.example"]}
    relayed = {**relay, "localTypes": ["host", "relay"]}
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "no_route"),
        ({"throughIce": True}, "dtls"),
        ({"localTypes": []}, "no_candidates"),
        ({"remoteAddresses": []}, "server_no_candidates"),
        ({"remoteAddresses": ["127.0.0.1", "::1"]}, "loopback_only"),
        ({"remoteAddresses": ["127.0.0.1"], "pageHost": "localhost"}, "no_route"),
        ({**relay, "relayErrors": ["701 timed out", "401 Unauthorized"]}, "turn_refused"),
        ({**relay, "relayErrors": ["701 timed out"]}, "turn_unreachable"),
        ({**relay, "localTypes": []}, "turn_unreachable"),
        ({**relayed, "remoteTypes": ["host"]}, "server_no_relay"),
        ({**relayed, "remoteTypes": ["host", "relay"]}, "no_route_relay"),
    ]
    await visit.open()
    script = """async (cases) => {
      const { iceProblem } = await import("/js/diagnose.js");
      return cases.map((facts) => iceProblem(facts).code);
    }"""
    codes = await visit.page.evaluate(script, [{**FACTS, **change} for change, _ in cases])
    assert codes == [code for _, code in cases]


async def test_a_picture_is_fine_slow_gone_or_never_there(visit: Visit) -> None:
    cases = [(0, 5000, "fine"), (0, 7000, "none"), (9, 1000, "fine"), (9, 3000, "slow"), (9, 9000, "stalled")]
    await visit.open()
    script = """async (cases) => {
      const { pictureHealth } = await import("/js/diagnose.js");
      return cases.map(([frames, sinceChangeMs]) => pictureHealth({ frames, sinceChangeMs }));
    }"""
    assert await visit.page.evaluate(script, cases) == [health for _, _, health in cases]


async def test_waits_grow_and_end_where_only_a_person_can_help(visit: Visit) -> None:
    cases: list[tuple[str, int, bool, int | None]] = [
        ("no_route", 0, False, None),
        ("no_route", 1, True, 1000),
        ("dropped", 0, True, 300),
        ("dropped", 9, True, 15_000),
        ("dropped", 10, True, None),
        ("token_wrong", 0, True, None),
        ("server_unreachable", 0, False, 2000),
    ]
    await visit.open()
    script = """async (cases) => {
      const { delayMs } = await import("/js/patience.js");
      const { Problem } = await import("/js/diagnose.js");
      return cases.map(([code, attempt, worked]) => delayMs(new Problem(code), attempt, worked));
    }"""
    assert await visit.page.evaluate(script, cases) == [wait_ms for *_, wait_ms in cases]


async def test_a_connection_without_pictures_is_noticed(visit: Visit) -> None:
    visit.server.still = True
    await visit.page.clock.install()
    await visit.open()
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await expect(visit.page.locator("#facts")).to_contain_text("connected", use_inner_text=False)
    visit.server.answers["/offer"] = lambda: failure(503, "wait")
    await visit.page.clock.fast_forward(7000)
    await expect(visit.page.locator("#wait-why")).to_have_text("Connected, but no picture comes")


async def test_a_picture_that_stands_still_is_marked_and_then_replaced(visit: Visit) -> None:
    await visit.page.clock.install()
    await visit.connect()
    (session,) = visit.server.sessions.values()
    session.moving = False
    await visit.page.clock.run_for(1000)
    await visit.page.clock.fast_forward(3000)
    await expect(visit.page.locator("[data-slow]")).to_have_count(1)
    await visit.page.clock.fast_forward(8000)
    assert len(await visit.called("/offer", 2)) == 2
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")
