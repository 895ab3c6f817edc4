"""What plays is shown, whoever asked for it, and as far as it was heard."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_sound_of_another_program_is_called_a_sound_clip(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="", first=True, turn=1)
    await expect(visit.page.locator(".entry .bubble")).to_have_text("Sound clip")
    visit.server.tell("end", text="", last=True, turn=1)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "said")
    await expect(visit.page.locator(".entry .again")).to_be_hidden()
    await visit.page.click("#language")
    await expect(visit.page.locator(".entry .bubble")).to_have_text("声音片段")


async def test_a_live_voice_is_called_one(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="", first=True, turn=1, live=True)
    await expect(visit.page.locator(".entry .bubble")).to_have_text("Live voice")
    visit.server.tell("interrupted", text="", turn=1)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "interrupted")
    await expect(visit.page.locator(".entry .again")).to_be_hidden()


async def test_a_sound_of_another_program_shows_the_name_that_came_with_it(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="", first=True, turn=1, name="jingle.mp3")
    await expect(visit.page.locator(".entry .bubble")).to_have_text("jingle.mp3")


async def test_an_action_s_own_sound_is_called_like_the_action(visit: Visit) -> None:
    await visit.connect()
    caption = visit.page.locator("#caption")
    visit.server.tell("start", text="One two.", first=True, turn=1)
    await expect(caption).to_contain_text("One two.")
    visit.server.tell("start", text="", first=True, turn=2, action="say-hello")
    await expect(visit.page.locator(".entry .bubble").last).to_have_text("Say hello")
    await expect(caption).not_to_have_class(re.compile(r"\bon\b"))


async def test_a_text_of_another_program_grows_sentence_by_sentence_in_one_bubble(visit: Visit) -> None:
    await visit.connect()
    bubble = visit.page.locator(".entry .bubble")
    visit.server.tell("start", text="One two.", first=True, turn=4)
    visit.server.tell("end", text="One two.", last=False, turn=4)
    await expect(bubble).to_have_text("One two.")
    visit.server.tell("start", text="Three four.", first=False, turn=4)
    visit.server.tell("word", word="Three", offset=0, text="Three four.", turn=4)
    await expect(bubble).to_have_text("One two. Three four.")
    await expect(visit.page.locator(".entry mark")).to_have_text("Three")
    visit.server.tell("end", text="Three four.", last=True, turn=4)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "said")
    await expect(visit.page.locator(".entry")).to_have_count(1)


async def test_chinese_sentences_are_put_together_without_a_space(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="你好。", first=True, turn=1)
    visit.server.tell("end", text="你好。", last=False, turn=1)
    visit.server.tell("start", text="再见。", first=False, turn=1)
    await expect(visit.page.locator(".entry .bubble")).to_have_text("你好。再见。")


async def test_a_text_queued_by_another_program_gets_a_bubble_of_its_own(visit: Visit) -> None:
    await visit.connect()
    for turn in (1, 2):
        visit.server.tell("start", text="The same words.", first=True, turn=turn)
        visit.server.tell("end", text="The same words.", last=True, turn=turn)
    await expect(visit.page.locator(".entry[data-state=said]")).to_have_count(2)


async def test_another_programs_text_does_not_pass_for_one_that_was_typed(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("Hello there, friend.")
    visit.server.tell("start", text="Hello", first=True, turn=1)
    await expect(visit.page.locator(".entry[data-state=speaking] .bubble")).to_have_text("Hello")
    visit.server.tell("end", text="Hello", last=True, turn=1)
    visit.server.tell("start", text="Hello there, friend.", first=True, turn=2, entry=entry)
    await expect(visit.page.locator(".entry[data-state=speaking] .bubble")).to_have_text(
        "Hello there, friend."
    )
    await expect(visit.page.locator(".entry")).to_have_count(2)


async def test_an_interrupted_text_of_another_program_keeps_what_was_said(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="One two.", first=True, turn=1)
    visit.server.tell("end", text="One two.", last=False, turn=1)
    visit.server.tell("start", text="Three four five.", first=False, turn=1)
    visit.server.tell("interrupted", text="Three four five.", spoken="Three four", turn=1)
    visit.server.tell("interrupted", text="", spoken="", turn=2)  # had been waiting behind it
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "interrupted")
    await expect(visit.page.locator(".entry .said")).to_have_text("One two. Three four")
    await expect(visit.page.locator(".entry .rest")).to_have_text("five.")
    await expect(visit.page.locator(".entry")).to_have_count(1)


async def test_a_turn_whose_beginning_went_by_unheard_is_shown_from_its_next_word_on(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("word", word="late", offset=4, text="Too late to see it begin.", turn=7)
    await expect(visit.page.locator(".entry .bubble")).to_have_text("Too late to see it begin.")
    await expect(visit.page.locator(".entry mark")).to_have_text("late")


async def test_what_had_not_begun_when_all_was_stopped_was_not_said(visit: Visit) -> None:
    await visit.connect()
    await visit.page.locator(".switch", has=visit.page.locator("#interrupt")).click()
    spoken = await visit.say("Being said")
    visit.server.tell("start", text="Being said", first=True, turn=1, entry=spoken)
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "speaking")
    await visit.say("Behind it")
    await visit.page.click("#stop")
    labels = visit.page.locator(".entry-label")
    await expect(labels).to_have_text(["Interrupted", "Not said"])


async def test_a_line_that_was_half_said_when_the_connection_broke_was_cut_off(visit: Visit) -> None:
    await visit.connect()
    entry = await visit.say("One two three")
    visit.server.tell("start", text="One two three", first=True, turn=1, entry=entry)
    visit.server.tell("word", word="One", offset=0, text="One two three", turn=1, entry=entry)
    await expect(visit.page.locator(".entry mark")).to_have_text("One")
    await visit.server.forget_sessions()
    await expect(visit.page.locator(".entry-label")).to_have_text("Cut off – the connection was lost")
    await expect(visit.page.locator(".entry .said")).to_have_text("One")
    await expect(visit.page.locator(".entry .rest")).to_have_text("two three")


async def test_a_session_that_says_it_is_closed_is_left_at_once(visit: Visit) -> None:
    await visit.connect()
    await visit.page.clock.install()  # no timer of the page runs by itself from here on
    await visit.page.clock.pause_at(4_000_000_000)
    visit.server.tell("closed")
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "connecting")
    await expect(visit.page.locator("#wait-why")).to_have_text("The server ended the conversation")


async def test_speech_begun_by_another_program_appears_too(visit: Visit) -> None:
    await visit.connect()
    visit.server.tell("start", text="Sent by another program", first=True)
    await expect(visit.page.locator(".entry .bubble")).to_have_text("Sent by another program")


async def test_events_are_read_however_the_network_cuts_them(visit: Visit) -> None:
    await visit.open()
    events = await visit.page.evaluate(
        """async (pieces) => {
          const { EventParser } = await import("/js/events.js");
          const parser = new EventParser();
          return pieces.flatMap((piece) => parser.push(piece));
        }""",
        [
            ": ping\n\nev",
            'ent: word\r\ndata: {"word"',
            ': "hi"}\r',
            "\n\r\n",
            "data: not json\n\n",
            'data: {"a": 1}\n\n',
        ],
    )
    assert events == [{"name": "word", "data": {"word": "hi"}}, {"name": "message", "data": {"a": 1}}]
