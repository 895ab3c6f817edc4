"""Talking to the page: the microphone's button, what is understood, and what is in the way."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MICROPHONE = """() => {
  window.asked = [];
  window.tracks = [];
  navigator.mediaDevices.enumerateDevices = async () => ["", "Desk", "Head"].map((label, n) => (
    { kind: n ? "audioinput" : "audiooutput", label, deviceId: `device${n}` }));
  navigator.mediaDevices.getUserMedia = async (wish) => {
    if (window.refusal) throw new DOMException("no", window.refusal);
    window.asked.push(wish.audio);
    const { stream } = new AudioContext().createMediaStreamDestination();
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}"""
"""A microphone that nobody speaks into."""
LIVE = "window.tracks.filter((one) => one.readyState === 'live').length"
HOLD_MS = 700


async def ready(visit: Visit) -> None:
    """A server that hears and understands, and a microphone."""
    visit.server.config.update(hears=True, recognises=True, llm="openai")
    await visit.page.add_init_script(f"({MICROPHONE})()")
    await visit.connect()


async def on(visit: Visit) -> None:
    await expect(visit.page.locator("#mic")).to_have_attribute("data-voice", "on")


async def off(visit: Visit) -> None:
    await expect(visit.page.locator("#mic")).to_have_attribute("data-voice", "off")


async def test_a_microphone_is_offered_room_but_not_opened(visit: Visit) -> None:
    await ready(visit)
    (offer,) = visit.server.called("/offer")
    assert offer["sdp"].count("a=sendrecv") == 1
    assert offer["sdp"].count("a=recvonly") == 1
    assert await visit.page.evaluate("window.asked") == []


async def test_a_tap_opens_the_microphone_and_another_closes_it(visit: Visit) -> None:
    await ready(visit)
    await visit.page.click("#mic")
    await on(visit)
    await expect(visit.page.locator("#mic")).to_have_attribute("aria-pressed", "true")
    await expect(visit.page.locator("#mic-says")).to_contain_text("Just talk")
    (wish,) = await visit.page.evaluate("window.asked")
    assert wish == {"echoCancellation": True, "noiseSuppression": True, "autoGainControl": True}
    await visit.page.click("#mic")
    await off(visit)
    assert len(await visit.called("/end_turn", 1)) == 1
    assert await visit.page.evaluate("window.tracks[0].enabled") is False
    await visit.until(f"{LIVE} === 0")


async def test_held_down_it_listens_until_it_is_let_go(visit: Visit) -> None:
    await ready(visit)
    await visit.page.hover("#mic")
    await visit.page.mouse.down()
    await on(visit)
    await expect(visit.page.locator("#mic-says")).to_contain_text("Let go")
    await visit.page.mouse.move(5, 5)
    await visit.page.mouse.up()
    await off(visit)
    await visit.called("/end_turn", 1)


async def test_the_space_bar_held_talks_unless_somebody_writes(visit: Visit) -> None:
    await ready(visit)
    await visit.page.focus("#text")
    await visit.page.keyboard.press("Space")
    await off(visit)
    await visit.page.keyboard.down("Space")
    await on(visit)
    await visit.page.keyboard.up("Space")
    await off(visit)
    await expect(visit.page.locator("#text")).to_have_value("")
    await visit.page.fill("#text", "two")
    await visit.page.press("#text", "End")
    await visit.page.keyboard.down("Space")
    await visit.page.wait_for_timeout(HOLD_MS)
    await visit.page.keyboard.up("Space")
    await expect(visit.page.locator("#text")).to_have_value("two ")
    assert len(visit.server.called("/end_turn")) == 1


@pytest.mark.parametrize("key", ["Enter", "Space"])
async def test_the_button_works_with_keys(visit: Visit, key: str) -> None:
    await ready(visit)
    await visit.page.focus("#mic")
    await visit.page.keyboard.press(key)
    await on(visit)
    await visit.page.keyboard.press(key)
    await off(visit)


async def test_what_is_said_is_a_draft_until_it_is_whole_and_then_answered(visit: Visit) -> None:
    await ready(visit)
    entry = visit.page.locator(".entry")
    visit.server.tell("transcript", text="Why is", final=False)
    await expect(entry).to_have_attribute("data-state", "listening")
    visit.server.tell("transcript", text="Why is the sky", final=False)
    await expect(entry.locator(".asked")).to_have_text("Why is the sky")
    await expect(entry.locator(".asked svg")).to_have_attribute("aria-label", "spoken")
    visit.server.tell("transcript", text="Why is the sky blue?", final=True, turn=3)
    await expect(entry).to_have_attribute("data-state", "queued")
    visit.server.tell("reply", text="It is the air.", last=True, turn=3)
    visit.server.tell("start", text="It is the air.", first=True, turn=3)
    visit.server.tell("end", text="It is the air.", last=True, turn=3)
    await expect(entry).to_have_attribute("data-state", "said")
    await expect(entry.locator(".reply")).to_have_text("It is the air.")
    await expect(entry).to_have_count(1)


async def test_an_answer_that_comes_before_its_question_is_put_to_it(visit: Visit) -> None:
    await ready(visit)
    visit.server.tell("transcript", text="Hel", final=False)
    visit.server.tell("reply", text="Hello to you.", last=True, turn=1)
    visit.server.tell("transcript", text="Hello.", final=True, turn=1)
    await expect(visit.page.locator(".entry .asked")).to_have_text("Hello.")
    await expect(visit.page.locator(".entry .reply")).to_have_text("Hello to you.")
    await expect(visit.page.locator(".entry")).to_have_count(1)


async def test_a_model_that_hears_is_shown_with_the_words_that_come_later(visit: Visit) -> None:
    await ready(visit)
    visit.server.tell("reply", text="It is noon.", last=True, turn=1)
    visit.server.tell("start", text="It is noon.", first=True, turn=1)
    visit.server.tell("latency", first_audio_ms=400, turn=1)
    visit.server.tell("transcript", text="What", final=False, turn=1)
    await expect(visit.page.locator(".entry .asked")).to_have_text(["What"])
    visit.server.tell("transcript", text="What time is it?", final=True, turn=1)
    await expect(visit.page.locator(".entry .asked")).to_have_text(["What time is it?"])
    visit.server.tell("transcript", text="Thank you.", final=True)
    visit.server.tell("reply", text="You are welcome.", last=True, turn=2)
    await expect(visit.page.locator(".entry .reply")).to_have_text(["It is noon.", "You are welcome."])
    await expect(visit.page.locator(".entry")).to_have_count(2)
    assert visit.server.called("/human") == []


async def test_a_model_that_hears_is_timed_from_the_end_of_the_speech(visit: Visit) -> None:
    await ready(visit)
    visit.server.tell("state", state="listening")
    visit.server.tell("state", state="idle")
    visit.server.tell("reply", text="It is noon.", last=True, turn=1)
    await visit.page.wait_for_selector(".entry")
    visit.server.sound(True)
    visit.server.tell("start", text="It is noon.", first=True, turn=1)
    visit.server.tell("latency", first_audio_ms=400, turn=1)
    await expect(visit.page.locator(".entry-time")).to_contain_text("heard in")
    visit.server.tell("transcript", text="What time is it?", final=True, turn=1)
    await visit.page.click("#tab-latency")
    await expect(visit.page.locator(".turn .bar-label")).to_have_text(["first sound", "played here"])
    await expect(visit.page.locator(".turn .bar-value").last).to_contain_text("ms")
    await expect(visit.page.locator(".turn-label")).to_have_text("What time is it?")


async def test_an_answer_that_was_over_before_its_question_was_known_is_not_waited_for(visit: Visit) -> None:
    await ready(visit)
    label = visit.page.locator(".entry-label")
    visit.server.tell("interrupted", text="", spoken="", turn=1)
    visit.server.tell("transcript", text="Tell me", final=True, turn=1)
    await expect(label).to_have_text(["Not answered"])
    visit.server.tell("error", message="no voice today", stage="speak", over=True, turn=2)
    visit.server.tell("transcript", text="What time is it?", final=True, turn=2)
    await expect(label).to_have_text(["Not answered", "Not answered – no voice today"])
    await expect(visit.page.locator("#stop")).to_be_disabled()


async def test_a_question_that_nothing_answers_is_given_up_but_an_answer_may_be_late(visit: Visit) -> None:
    await ready(visit)
    await visit.page.clock.install()
    label, replies = visit.page.locator(".entry-label"), visit.page.locator(".entry .reply")
    visit.server.tell("transcript", text="Thank you.", final=True)
    await expect(label).to_have_text(["Thinking"])
    await expect(visit.page.locator(".turn")).to_have_count(1)
    await visit.page.clock.fast_forward(8_500)
    await expect(label).to_have_text(["Not answered"])
    await expect(visit.page.locator(".turn")).to_have_count(0)
    visit.server.tell("reply", text="You are welcome.", last=False, turn=1)
    await expect(replies).to_have_text(["You are welcome."])
    await expect(label).to_have_text(["Thinking"])
    visit.server.tell("transcript", text="Bye.", final=True)
    visit.server.tell("error", message="no voice today", stage="speak", over=True, turn=2)
    await expect(label).to_have_text(["Thinking", "Not answered – no voice today"])
    visit.server.tell("transcript", text="Bye, then.", final=True)
    await expect(label).to_have_count(3)
    await visit.page.clock.fast_forward(31_000)
    visit.server.tell("reply", text="Sold!", last=True, turn=3)
    await expect(visit.page.locator(".entry:last-child .bubble")).to_have_text(["Sold!"])


async def test_a_question_that_goes_on_after_all_stays_one_question(visit: Visit) -> None:
    await ready(visit)
    visit.server.tell("transcript", text="Tell me.", final=True, turn=1)
    visit.server.tell("reply", text="What?", last=False, turn=1)
    visit.server.tell("interrupted", text="", spoken="", turn=1)
    visit.server.tell("transcript", text="Tell me a", final=False)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "listening")
    await expect(visit.page.locator(".reply")).to_have_count(0)
    visit.server.tell("transcript", text="Tell me a story.", final=True, turn=2)
    await expect(visit.page.locator(".entry .asked")).to_have_text(["Tell me a story."])
    visit.server.tell("interrupted", text="", spoken="", turn=2)
    visit.server.tell("transcript", text="No, a joke.", final=True, turn=3)
    await expect(visit.page.locator(".entry .asked")).to_have_text(["Tell me a story.", "No, a joke."])


async def test_a_question_is_not_called_unanswered_while_its_speaker_goes_on(visit: Visit) -> None:
    await ready(visit)
    entry, label = visit.page.locator(".entry"), visit.page.locator(".entry-label")
    for turn, words in enumerate(["Tell me.", "Tell me a story.", "No, a joke."]):
        visit.server.tell("state", state="listening")
        visit.server.tell("transcript", text=words, final=True, turn=turn)
        visit.server.tell("state", state="thinking")
        visit.server.tell("reply", text="What?", last=False, turn=turn)
        await expect(visit.page.locator(".reply").last).to_have_text("What?")
        visit.server.tell("state", state="listening")
        visit.server.tell("interrupted", text="", spoken="", turn=turn)
        await expect(entry.last).to_have_attribute("data-state", "listening")
        await expect(visit.page.locator(".reply")).to_have_count(0)
    await expect(entry.locator(".asked")).to_have_text(["Tell me a story.", "No, a joke."])
    await expect(label).to_have_text(["Not answered", "Listening"])
    visit.server.tell("state", state="idle")
    await expect(label).to_have_text(["Not answered", "Not answered"])


async def test_what_was_not_understood_is_said_quietly_and_makes_room(visit: Visit) -> None:
    await ready(visit)
    visit.server.tell("transcript", text="Mumb", final=False)
    visit.server.tell("error", message="the recogniser is down", stage="listen", over=False)
    await expect(visit.page.locator(".entry-label")).to_have_text("Not understood – the recogniser is down")
    await expect(visit.page.locator("#notice")).to_be_empty()
    visit.server.tell("transcript", text="Better now.", final=True, turn=1)
    await expect(visit.page.locator(".entry .asked")).to_have_text(["Better now."])


async def test_a_spoken_turn_is_timed_from_the_end_of_the_speech(visit: Visit) -> None:
    await ready(visit)
    visit.server.tell("transcript", text="Tell me.", final=True, turn=1)
    visit.server.sound(True)
    visit.server.tell("start", text="So.", first=True, turn=1)
    visit.server.tell("latency", turn=1, recognised_ms=5000, first_token_ms=5005, first_audio_ms=5010)
    await expect(visit.page.locator(".entry-time")).to_contain_text(
        re.compile(r"heard in ([5-9]\d{3}|\d{5,}) ms")
    )
    await visit.page.click("#tab-latency")
    labels = visit.page.locator(".turn .bar-label")
    await expect(labels).to_have_text(["recognised", "first token", "first sound", "played here"])
    begin = "(all) => all.map((one) => Number(one.style.getPropertyValue('--begin')).toFixed(4))"
    begins = await visit.page.locator(".bar-fill").evaluate_all(begin)
    assert begins[0] == "0.0000"
    assert begins == sorted(begins)
    assert len(set(begins)) == 4


async def test_the_state_is_shown_on_the_picture(visit: Visit) -> None:
    await ready(visit)
    word = visit.page.locator(".mood")
    for state, shown in (("listening", "Listening"), ("thinking", "Thinking"), ("speaking", "Speaking")):
        visit.server.tell("state", state=state)
        await expect(word).to_have_text(shown)
        await expect(word).to_have_css("opacity", "1")
    visit.server.tell("state", state="idle")
    await expect(word).to_be_hidden()


@pytest.mark.parametrize(
    ("refusal", "title"),
    [
        ("NotAllowedError", "The browser blocks the microphone"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "The microphone is taken"),
    ],
)
async def test_a_microphone_that_does_not_open_is_explained(visit: Visit, refusal: str, title: str) -> None:
    await ready(visit)
    await visit.page.evaluate("(name) => { window.refusal = name; }", refusal)
    await visit.page.click("#mic")
    await expect(visit.page.locator("#mic-trouble-title")).to_have_text(title)
    await expect(visit.page.locator("#mic-trouble-fix")).not_to_be_empty()
    await off(visit)
    await visit.page.evaluate("() => { window.refusal = ''; }")
    await visit.page.click("#mic")
    await on(visit)
    await expect(visit.page.locator("#mic-trouble")).to_be_hidden()


async def test_an_address_that_browsers_do_not_trust_is_named(visit: Visit) -> None:
    await visit.page.add_init_script(
        "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
        "Object.defineProperty(globalThis, 'isSecureContext', { value: false });"
    )
    visit.server.config.update(hears=True, recognises=True)
    await visit.connect()
    await visit.page.click("#mic")
    await expect(visit.page.locator("#mic-trouble-fix")).to_contain_text("https")


async def test_a_microphone_that_is_pulled_out_is_missed(visit: Visit) -> None:
    await ready(visit)
    await visit.page.click("#mic")
    await on(visit)
    await visit.page.evaluate("window.tracks[0].dispatchEvent(new Event('ended'))")
    await off(visit)
    await expect(visit.page.locator("#mic-trouble-title")).to_have_text("The microphone is gone")


async def test_a_session_that_ends_closes_the_microphone_and_one_that_comes_back_gets_it(
    visit: Visit,
) -> None:
    await ready(visit)
    await visit.page.click("#mic")
    await on(visit)
    await visit.server.forget_sessions()
    await visit.called("/offer", 2)
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connected")
    await on(visit)
    assert await visit.page.evaluate(LIVE) == 1
    await visit.page.click("#end")
    await off(visit)
    assert await visit.page.evaluate(LIVE) == 0


async def test_another_microphone_can_be_chosen_and_is_remembered(visit: Visit) -> None:
    visit.server.config["voices"] = []
    await ready(visit)
    await expect(visit.page.locator("#casting")).to_be_hidden()
    await visit.page.click("#mic")
    await on(visit)
    await visit.page.click("#casting")
    await visit.page.select_option("#microphone", label="Head")
    await visit.until("window.asked.length === 2")
    assert (await visit.page.evaluate("window.asked"))[1]["deviceId"] == {"ideal": "device2"}
    await on(visit)
    assert await visit.page.evaluate(LIVE) == 1
    assert await visit.page.evaluate("localStorage.getItem('livetalk.microphone')") == "device2"


async def test_nobody_sees_a_page_whose_microphone_is_open_for_long(visit: Visit) -> None:
    await ready(visit)
    await visit.page.clock.install()
    await visit.page.click("#mic")
    await on(visit)
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await visit.page.evaluate(hide, True)
    await visit.page.clock.fast_forward(59_000)
    await on(visit)
    await visit.page.clock.fast_forward(2_000)
    await off(visit)
    await visit.page.evaluate(hide, False)
    await expect(visit.page.locator("#mic-trouble-title")).to_have_text("The microphone was switched off")
