"""The page can be read and pressed: contrast, fingers, narrow windows, and the keyboard's place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.web.audit import FAINT, OUTSIDE, SMALL
from tests.web.conftest import Visit
from tests.web.fake_server import FakeServer, failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def phone(
    browser: Any, server: FakeServer, width: int, height: int, **more: Any
) -> AsyncIterator[Visit]:
    """A page under fingers; it is still, so that nothing is looked at while it moves."""
    context = await browser.new_context(
        locale="en-GB",
        viewport={"width": width, "height": height},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
        **more,
    )
    visit = Visit(await context.new_page(), server)
    visit.watch()
    yield visit
    await context.close()
    assert visit.complaints == []


async def filled(visit: Visit) -> None:
    """Have something of everything: entries, a time, outputs, a film, faces, voices."""
    visit.server.config.update(avatars=["ada", "bob"], outputs=["stage", "camera"], records=True)
    await visit.connect()
    entry = await visit.say("One two three")
    visit.server.sound(True)
    visit.server.tell("start", text="One two three", entry=entry, first=True, turn=1)
    visit.server.tell("latency", turn=1, entry=entry, first_audio_ms=12.4)
    await expect(visit.page.locator(".entry")).to_contain_text("heard in")
    visit.server.tell("interrupted", text="One two three", spoken="One", entry=entry, turn=1)
    visit.server.answers["/human"] = lambda: failure(429, "too many wait already")
    await visit.page.fill("#text", "refused")
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry[data-state=failed]")).to_have_count(1)
    await visit.page.fill("#text", "written")


async def look(visit: Visit, script: str) -> dict[str, list[str]]:
    """What a script finds in each of the page's views, where it finds something."""
    found = {"talk": await visit.page.evaluate(script)}
    for panel in ("latency", "connection", "talk"):
        await visit.page.evaluate("(name) => document.querySelector(`[data-open=${name}]`).click()", panel)
        found[panel] = await visit.page.evaluate(script)
    for opener, dialog in (("#casting", "casting"), ("#recordings", "recordings")):
        await visit.page.click(opener)
        await expect(visit.page.locator(f"#{dialog}-dialog")).to_be_visible()
        found[dialog] = await visit.page.evaluate(script)
        await visit.page.keyboard.press("Escape")
    return {view: what for view, what in found.items() if what}


async def recorded(visit: Visit) -> None:
    """Have a film in the list."""
    await visit.page.click("#record")
    await expect(visit.page.locator("#record")).to_have_attribute("aria-pressed", "true")
    await visit.page.click("#record")
    await expect(visit.page.locator("#recordings-dialog")).to_be_visible()
    await visit.page.keyboard.press("Escape")


async def fits(visit: Visit, selector: str) -> bool:
    """Whether all of an element's content is seen without scrolling."""
    return bool(await visit.page.locator(selector).evaluate("(box) => box.scrollHeight <= box.clientHeight"))


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_stands_out_from_its_ground(visit: Visit, theme: str) -> None:
    await visit.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    await filled(visit)
    await recorded(visit)
    assert await look(visit, FAINT) == {}


@pytest.mark.parametrize("width", [390, 360])
async def test_a_finger_finds_44_pixels_wherever_it_presses(
    browser: Any, server: FakeServer, width: int
) -> None:
    async with phone(browser, server, width, 844) as visit:
        await filled(visit)
        await recorded(visit)
        assert await look(visit, SMALL) == {}
        await visit.page.click("#recordings")
        whole = "(all) => all.every((one) => one.scrollWidth <= one.clientWidth)"
        assert await visit.page.locator(".film-when").evaluate_all(whole), "when it was is cut off"


async def test_nothing_sticks_out_of_the_smallest_phone(browser: Any, server: FakeServer) -> None:
    async with phone(browser, server, 320, 568) as visit:
        await filled(visit)
        await recorded(visit)
        assert await look(visit, OUTSIDE) == {}
        bubble = await visit.page.locator(".entry").last.bounding_box()
        log = await visit.page.locator("#log").bounding_box()
        assert bubble["height"] <= log["height"]


@pytest.mark.parametrize(("width", "height"), [(320, 568), (360, 640), (390, 844)])
async def test_a_phone_has_room_to_talk(browser: Any, server: FakeServer, width: int, height: int) -> None:
    server.config.update(hears=True, recognises=True)
    async with phone(browser, server, width, height) as visit:
        await visit.page.add_init_script(
            "navigator.mediaDevices.getUserMedia ="
            " async () => { throw new DOMException('', 'NotFoundError'); }"
        )
        await visit.connect()
        await visit.page.click("#modes label:has(#mode-chat)")
        visit.server.tell("state", state="thinking")
        visit.server.tell("transcript", text="Tell me, as long as you like", final=True, turn=1)
        visit.server.tell(
            "reply", text="```\na very long line of code\n```\n- item `code`", last=True, turn=1
        )
        visit.server.tell("latency", recognised_ms=100, first_token_ms=5200, turn=1)
        await expect(visit.page.locator(".entry .reply")).to_be_visible()
        await visit.page.click("#mic")
        await expect(visit.page.locator("#mic-trouble")).to_be_visible()
        visit.server.tell("start", text="item code", first=True, turn=1)
        await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "speaking")
        for script in (OUTSIDE, SMALL, FAINT):
            assert await visit.page.evaluate(script) == []
        mic = await visit.page.locator("#mic").bounding_box()
        assert mic["y"] + mic["height"] <= height


async def test_the_wait_for_a_server_fits_the_smallest_phone_and_so_does_its_end(
    browser: Any, server: FakeServer
) -> None:
    async with phone(browser, server, 320, 568) as visit:
        await visit.connect()
        server.answers["/offer"] = lambda: failure(503, "all places are taken", retry_after_s=30)
        await server.forget_sessions()
        await expect(visit.page.locator("#wait-count")).to_contain_text("30 s")
        assert await fits(visit, ".wait")
        await visit.page.click("#give-up")
        server.answers["/offer"] = lambda: failure(500, "it broke")
        await visit.page.click("#start")
        await expect(visit.page.locator("#problem")).to_be_visible()
        assert await fits(visit, "#problem")


async def test_on_a_phone_the_keyboard_goes_with_the_sheets_and_comes_back(
    browser: Any, server: FakeServer
) -> None:
    async with phone(browser, server, 390, 844) as visit:
        await visit.connect()
        opener = visit.page.locator(".controls [data-open=connection]")
        await opener.focus()
        await visit.page.keyboard.press("Enter")
        other = visit.page.locator("#panel-connection [data-open=latency]")
        await expect(other).to_be_focused()
        await visit.page.keyboard.press("Enter")
        await expect(visit.page.locator("#panel-latency")).to_be_visible()
        await expect(visit.page.locator("#panel-latency [data-open=connection]")).to_be_focused()
        await visit.page.keyboard.press("Escape")
        await expect(visit.page.locator("#panel-latency")).to_be_hidden()
        await expect(opener).to_be_focused()


@pytest.mark.parametrize(
    ("width", "height"), [(390, 844), (360, 640), (320, 640), (844, 390), (820, 1180), (1920, 1080)]
)
async def test_nothing_sticks_out_of_the_window(visit: Visit, width: int, height: int) -> None:
    await visit.page.set_viewport_size({"width": width, "height": height})
    await visit.connect()
    visit.server.tell(
        "start", text="A line that is long enough to need the whole width of a phone", first=True
    )
    for panel in ("talk", "latency", "connection"):
        await visit.page.evaluate("(name) => document.querySelector(`#tab-${name}`).click()", panel)
        overflow = await visit.page.evaluate(
            """() => {
              document.querySelector("#status-rtt").textContent = "1888 ms";
              document.querySelector("#status-text").textContent = "Connecting again in 30 s";
              return ["#frame", "#mute", "#end", "#composer", "#send", ".panel", ".tile", "#theme"]
              .flatMap((one) => [...document.querySelectorAll(one)])
              .filter((one) => one.checkVisibility())
              .filter((one) => {
                const { left, right, top } = one.getBoundingClientRect();
                return left < 0 || right > document.documentElement.clientWidth + 0.5 || top < 0;
              }).map((one) => one.className || one.id);
            }"""
        )
        assert overflow == [], panel
    assert await visit.page.evaluate("innerWidth") == width


async def test_the_list_stays_at_its_end_when_the_window_changes(visit: Visit) -> None:
    await visit.connect()
    for number in range(8):
        visit.server.tell("start", text=f"Line {number} of what is said here", first=True, turn=number)
        visit.server.tell("end", text=f"Line {number} of what is said here", last=True, turn=number)
    await expect(visit.page.locator(".entry")).to_have_count(8)
    for width, height in ((844, 390), (390, 844), (320, 640), (1280, 800)):
        await visit.page.set_viewport_size({"width": width, "height": height})
        await visit.until("log.scrollHeight - log.scrollTop - log.clientHeight < 2")
