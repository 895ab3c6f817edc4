"""Talking on the page: what it sends, and what it makes of the server's events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.web.conftest import Visit
from tests.web.fake_server import failure

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DROP = """(name) => {
  const items = new DataTransfer();
  items.items.add(new File(["RIFF"], name));
  dispatchEvent(new DragEvent("drop", { dataTransfer: items, cancelable: true }));
}"""
COMPOSE = """(init) => document.querySelector("#text").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }))"""

LEAVE_FULL_SCREEN = """async () => {
  if (document.fullscreenElement) await document.exitFullscreen();
  dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));  // some browsers tell of the key afterwards
}"""


async def test_start_connects_and_shows_the_picture(visit: Visit) -> None:
    await visit.open()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "idle")
    await visit.page.click("#start")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")
    size = await visit.page.evaluate("[video.videoWidth, video.videoHeight]")
    assert size == [128, 128]


async def test_the_offer_receives_only_and_carries_its_candidates(visit: Visit) -> None:
    await visit.connect()
    (offer,) = visit.server.called("/offer")
    assert offer["type"] == "offer"
    assert offer["sdp"].count("a=recvonly") == 2
    assert "a=candidate:" in offer["sdp"]


async def test_enter_sends_and_shift_enter_begins_a_line(visit: Visit) -> None:
    await visit.connect()
    await visit.page.fill("#text", "one")
    await visit.page.press("#text", "Shift+Enter")
    await visit.page.type("#text", "two")
    assert visit.server.called("/human") == []
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    (body,) = visit.server.called("/human")
    assert (body["text"], body["type"], body["interrupt"]) == ("one\ntwo", "echo", True)
    await expect(visit.page.locator("#text")).to_have_value("")


@pytest.mark.parametrize("sign", [{"isComposing": True}, {"keyCode": 229}])
async def test_the_enter_that_picks_a_word_of_an_input_method_does_not_send(
    visit: Visit, sign: dict[str, Any]
) -> None:
    await visit.connect()
    await visit.page.fill("#text", "你好")
    await visit.page.evaluate(COMPOSE, sign)
    await expect(visit.page.locator("#text")).to_have_value("你好")
    await visit.page.evaluate(COMPOSE, {})
    await expect(visit.page.locator("#text")).to_have_value("")


async def test_the_switch_chooses_between_interrupting_and_queueing(visit: Visit) -> None:
    await visit.connect()
    await visit.page.locator(".switch", has=visit.page.locator("#interrupt")).click()
    await visit.say("later")
    assert visit.server.called("/human")[0]["interrupt"] is False


async def test_a_text_written_before_connecting_is_said_once_connected(visit: Visit) -> None:
    await visit.open()
    await visit.page.fill("#text", "early")
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    assert [body["text"] for body in visit.server.called("/human")] == ["early"]


async def test_an_entry_goes_from_queued_over_speaking_to_said(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("Hello there")
    card = visit.page.locator(".entry")
    await expect(visit.page.locator("#stop")).to_be_enabled()
    visit.server.tell("start", text="Hello there", entry=entry, first=True)
    await expect(card).to_have_attribute("data-state", "speaking")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")
    visit.server.tell("end", text="Hello there", entry=entry, last=True)
    await expect(card).to_have_attribute("data-state", "said")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await expect(visit.page.locator("#stop")).to_be_disabled()


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


async def test_escape_interrupts_and_the_rest_is_shown_as_unsaid(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("One two three")
    visit.server.tell("start", text="One two three", entry=entry, first=True)
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")
    await visit.page.keyboard.press("Escape")
    visit.server.tell("interrupted", text="One two three", spoken="One two", entry=entry)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "interrupted")
    await expect(visit.page.locator(".entry .rest")).to_have_text(" three")
    assert len(visit.server.called("/interrupt_talk")) == 1


async def test_a_refused_text_says_why_and_can_be_said_again(visit: Visit) -> None:
    await visit.connect()
    visit.server.answers["/human"] = lambda: failure(429, "512 sentences wait already")
    await visit.page.fill("#text", "one too many")
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator(".entry-label")).to_have_text("Not said – 512 sentences wait already")
    visit.server.answers.clear()
    await visit.page.click(".entry .again")
    await expect(visit.page.locator(".entry").nth(1)).to_have_attribute("data-state", "queued")


async def test_a_dropped_sound_file_is_spoken(visit: Visit) -> None:
    await visit.connect()
    await visit.page.evaluate(DROP, "speech.wav")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    (body,) = visit.server.called("/humanaudio")
    assert body["file"] == "speech.wav"
    visit.server.tell("start", text="", first=True, turn=1, entry=body["entry"])
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "speaking")


async def test_a_file_that_is_no_sound_is_refused_by_name(visit: Visit) -> None:
    await visit.connect()
    await visit.page.evaluate(DROP, "letter.pdf")
    await expect(visit.page.locator("#notice")).to_have_text("letter.pdf is not a sound file.")
    assert visit.server.called("/humanaudio") == []


async def test_latency_comes_from_the_sound_itself_and_from_the_server(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("Tell me")
    visit.server.sound(True)
    visit.server.tell("start", text="Tell me", entry=entry, first=True)
    visit.server.tell("latency", turn=1, entry=entry, first_audio_ms=12.4, brand_new_ms=7)
    await visit.page.click("#tab-latency")
    await expect(
        visit.page.locator(".bar", has_text="first sound heard").locator(".bar-value")
    ).to_contain_text("ms")
    await expect(visit.page.locator(".bar", has_text="first voice")).to_contain_text("12 ms")
    await expect(visit.page.locator(".bar", has_text="brand new")).to_contain_text("7 ms")


async def test_every_turn_that_follows_silence_is_timed(visit: Visit) -> None:
    await visit.connect()
    for number in range(3):
        entry = await visit.say(f"Number {number}")
        visit.server.sound(True)
        visit.server.tell("start", text=f"Number {number}", entry=entry, first=True)
        card = visit.page.locator(".entry").nth(number)
        await expect(card).to_contain_text("heard in")
        visit.server.sound(False)
        visit.server.tell("end", text=f"Number {number}", entry=entry, last=True)
        await expect(card).to_have_attribute("data-state", "said")
        await visit.page.wait_for_timeout(600)  # silence, in the browser's own time


async def test_the_connection_panel_shows_what_the_browser_measures(visit: Visit) -> None:
    await visit.connect()
    await visit.page.click("#tab-connection")
    facts = visit.page.locator("#facts")
    await expect(facts).to_contain_text("128 × 128")
    await expect(facts).to_contain_text("UDP")
    await expect(facts).to_contain_text("connected")
    (session_id,) = visit.server.sessions
    await expect(visit.page.locator("#session-id")).to_have_text(session_id)


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


async def test_a_session_named_in_the_address_is_watched_and_spoken_to(visit: Visit) -> None:
    await visit.open("#session=abc")
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert len(visit.server.called("/whep/abc")) == 1
    assert visit.server.called("/offer") == []
    await visit.say("To all who watch")
    assert visit.server.called("/human")[0]["sessionid"] == "abc"


async def test_a_watched_session_that_is_over_is_told_and_one_of_ones_own_begins(visit: Visit) -> None:
    visit.server.over.add("abc")
    await visit.open("#session=abc")
    await visit.page.click("#start")
    await expect(visit.page.locator("#problem-title")).to_have_text("This session is over")
    await visit.page.click("#retry")
    await visit.page.wait_for_selector("[data-picture=live]")
    assert len(visit.server.called("/offer")) == 1
    assert "session" not in await visit.page.evaluate("location.hash")


async def test_a_lost_session_is_replaced_and_the_conversation_stays(visit: Visit) -> None:
    await visit.connect()
    await visit.say("Remember me")
    await visit.server.forget_sessions()
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connecting")
    await expect(visit.page.locator("body")).to_have_attribute("data-picture", "live")
    assert len(visit.server.called("/offer")) == 2
    await expect(visit.page.locator(".entry-label")).to_have_text("Not said – the connection was lost")


async def test_leaving_the_page_closes_the_peer(visit: Visit) -> None:
    await visit.connect()
    (session,) = visit.server.sessions.values()
    closed = asyncio.Event()

    def look() -> None:
        if session.pc.connectionState == "closed":
            closed.set()

    session.pc.on("connectionstatechange", look)
    await visit.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    await asyncio.wait_for(closed.wait(), 10)


async def test_speech_begun_by_another_program_appears_too(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="Sent by another program", first=True)
    await expect(visit.page.locator(".entry .bubble")).to_have_text("Sent by another program")


async def test_a_text_beyond_the_limit_stays_and_says_how_long_it_is(visit: Visit) -> None:
    visit.server.config["text_limit"] = 1000
    await visit.connect()
    await visit.page.fill("#text", "😀" * 1234)
    await expect(visit.page.locator("#too-long")).to_contain_text("1,234 characters")
    await expect(visit.page.locator("#too-long")).to_contain_text("1,000")
    await expect(visit.page.locator("#send")).to_be_disabled()
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator("#text")).to_have_value("😀" * 1234)
    assert visit.server.called("/human") == []
    await visit.page.fill("#text", "😀" * 1000)
    await expect(visit.page.locator("#too-long")).to_be_hidden()
    await expect(visit.page.locator("#send")).to_be_enabled()


async def test_a_text_that_only_the_server_finds_too_long_comes_back(visit: Visit) -> None:
    await visit.connect()
    visit.server.answers["/human"] = lambda: failure(413, "a text may have 10000 characters, not 12000")
    await visit.page.fill("#text", "x" * 12_000)
    await visit.page.press("#text", "Enter")
    await expect(visit.page.locator("#too-long")).to_have_text("a text may have 10000 characters, not 12000")
    await expect(visit.page.locator("#text")).to_have_value("x" * 12_000)
    await expect(visit.page.locator(".entry")).to_have_count(0)
    await visit.page.fill("#text", "shorter")
    await expect(visit.page.locator("#too-long")).to_be_hidden()


async def test_escape_leaves_full_screen_without_interrupting(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("On and on")
    visit.server.tell("start", text="On and on", first=True, turn=1, entry=entry)
    await visit.page.click("#fullscreen")
    await expect(visit.page.locator("#frame:fullscreen")).to_have_count(1)
    await visit.page.keyboard.press("Escape")
    await visit.page.evaluate(LEAVE_FULL_SCREEN)
    await expect(visit.page.locator("#frame:fullscreen")).to_have_count(0)
    assert visit.server.called("/interrupt_talk") == []
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")


async def test_escape_closes_a_dialog_without_interrupting(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("On and on")
    visit.server.tell("start", text="On and on", first=True, turn=1, entry=entry)
    await visit.page.click("#casting")
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.locator("#casting-dialog")).to_be_hidden()
    assert visit.server.called("/interrupt_talk") == []


async def test_voices_are_listed_by_language_and_variants_come_last(visit: Visit) -> None:
    visit.server.config["voices"] = ["auto", "+Zoe", "+adam", "cmn", "de", "en", "xex"]
    await visit.open()
    await visit.page.click("#casting")
    await expect(visit.page.locator("#casting-title")).to_have_text("Voice")
    names = "[...document.querySelectorAll('#voice > option')].map((one) => one.textContent)"
    assert await visit.page.evaluate(names) == [
        "The server's choice",
        "Chinese · cmn",
        "English · en",
        "German · de",
        "xex",
    ]
    variants = visit.page.locator("#voice optgroup")
    await expect(variants).to_have_attribute("label", "Voices of another kind")
    await expect(variants.locator("option")).to_have_text(["adam", "Zoe"])


async def test_the_session_id_can_be_copied_or_is_selected_for_copying(visit: Visit) -> None:
    await visit.connect()
    await visit.page.click("#tab-connection")
    await visit.page.evaluate(
        "() => { navigator.clipboard.writeText = async () => { throw new Error('no'); }; }"
    )
    await visit.page.click("#session-copy")
    (session_id,) = visit.server.sessions
    assert (await visit.page.evaluate("getSelection().toString()")).strip() == session_id
    await visit.page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    await visit.page.click("#session-copy")
    await expect(visit.page.locator("#notice")).to_have_text("Copied.")
    assert await visit.page.evaluate("window.copied") == session_id


async def test_the_list_stays_at_its_end_when_the_window_changes(visit: Visit) -> None:
    await visit.connect()
    for number in range(8):
        visit.server.tell("start", text=f"Line {number} of what is said here", first=True, turn=number)
        visit.server.tell("end", text=f"Line {number} of what is said here", last=True, turn=number)
    await expect(visit.page.locator(".entry")).to_have_count(8)
    for width, height in ((844, 390), (390, 844), (320, 640), (1280, 800)):
        await visit.page.set_viewport_size({"width": width, "height": height})
        await visit.until("log.scrollHeight - log.scrollTop - log.clientHeight < 2")
