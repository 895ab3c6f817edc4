"""Where the server understands no speech, the browser's own recogniser does, if it has one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

RECOGNISER = """() => {
  window.runs = [];
  window.SpeechRecognition = window.webkitSpeechRecognition = class {
    constructor() { window.runs.push(this); }
    start() { this.running = true; }
    stop() { if (this.running) { this.running = false; this.onend(); } }
    abort() { this.stop(); }
    hear(transcript, isFinal) {
      const result = Object.assign([{ transcript }], { isFinal });
      this.onresult({ resultIndex: 0, results: [result] });
    }
  };
}"""
"""Understands what it is told to, in the shape of the Web Speech API."""
HEAR = "([text, whole]) => window.runs.at(-1).hear(text, whole)"


async def ready(visit: Visit) -> None:
    await visit.page.add_init_script(f"({RECOGNISER})()")
    await visit.connect()
    await visit.page.click("#mic")
    await expect(visit.page.locator("#mic")).to_have_attribute("data-voice", "on")


async def hear(visit: Visit, text: str, *, whole: bool) -> None:
    await visit.page.evaluate(HEAR, [text, whole])


async def test_its_words_are_drafts_and_its_sentences_are_asked(visit: Visit) -> None:
    await ready(visit)
    await expect(visit.page.locator("#notice")).to_contain_text("Your browser turns speech into text")
    run = await visit.page.evaluate("[runs[0].lang, runs[0].continuous, runs[0].interimResults]")
    assert run == ["en-US", True, True]
    await hear(visit, "why is", whole=False)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "listening")
    await hear(visit, "why is the sky blue", whole=True)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    (body,) = visit.server.called("/human")
    assert (body["text"], body["type"], body["interrupt"]) == ("why is the sky blue", "chat", True)
    assert visit.server.called("/interrupt_talk") == []
    await expect(visit.page.locator(".entry")).to_have_count(1)


async def test_words_over_the_avatar_stop_it_but_not_its_own(visit: Visit) -> None:
    await ready(visit)
    entry = await visit.say("The rain in Spain stays mainly in the plain.")
    text = "The rain in Spain stays mainly in the plain."
    visit.server.tell("start", text=text, first=True, entry=entry, turn=1)
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "speaking")
    await hear(visit, "rain in Spain", whole=False)
    await hear(visit, "rain in Spain stays", whole=True)
    assert visit.server.called("/interrupt_talk") == []
    assert len(visit.server.called("/human")) == 1
    await hear(visit, "wait a moment", whole=False)
    await hear(visit, "wait a moment please", whole=False)
    assert len(await visit.called("/interrupt_talk", 1)) == 1
    await hear(visit, "wait a moment please stop", whole=True)
    assert [body["type"] for body in await visit.called("/human", 2)] == ["echo", "chat"]


async def test_it_begins_again_when_it_ends_by_itself_and_gives_up_when_it_cannot(visit: Visit) -> None:
    await ready(visit)
    await visit.page.evaluate("runs[0].onend()")
    await visit.until("runs.length === 2 && runs[1].running")
    await visit.page.evaluate("runs[1].onend(), runs[2].onend()")
    await expect(visit.page.locator("#mic")).to_have_attribute("data-voice", "off")
    await expect(visit.page.locator("#mic-trouble")).to_be_visible()


async def test_its_trouble_is_explained(visit: Visit) -> None:
    await ready(visit)
    await visit.page.evaluate("runs[0].onerror({ error: 'network' })")
    await expect(visit.page.locator("#mic-trouble-title")).to_contain_text("out of reach")
    await expect(visit.page.locator("#mic")).to_have_attribute("data-voice", "off")


async def test_where_nobody_understands_speech_the_button_says_so(visit: Visit) -> None:
    await visit.page.add_init_script("delete window.webkitSpeechRecognition; delete window.SpeechRecognition")
    await visit.connect()
    await visit.page.click("#mic")
    await expect(visit.page.locator("#mic-trouble-title")).to_have_text("Nobody here understands speech yet")
    await expect(visit.page.locator("#mic-trouble-fix code")).to_have_text("--stt")
