"""A whole conversation: somebody speaks into Chromium's microphone, and the face answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from livetalk.types import Int16Array
from tests.e2e.house import CHROMIUM, browsing, running, until
from tests.e2e.talking import entry, talking
from tests.e2e.told import installed_in
from tests.listening.speech import quiet, speech
from tests.llm.chat_server import ChatServer, Part, served

QUESTION = "Would you please tell me a story about the sea?"
ANSWER: list[Part] = ["Once ", "there was a **great** sea. ", *["It was wide and deep and blue. "] * 12]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]


@asynccontextmanager
async def conversing(folder: Path, answer: list[Part], *sounds: Int16Array) -> AsyncIterator[Any]:
    """A page that is spoken to, a recogniser that understands the question, and a model that answers so."""
    model = ChatServer(scripts=[answer])
    told = ("--stt", "told", "--stt-options", json.dumps({"says": QUESTION}))
    async with served(model):
        llm = ("--llm-model", "stand-in", "--llm-url", model.url)
        async with talking(folder, sounds, *llm, *told, environment=installed_in(folder)) as page:
            yield page


async def test_what_is_said_is_drafted_answered_and_timed_and_another_word_stops_the_answer(
    tmp_path: Path,
) -> None:
    said = speech(QUESTION)
    async with conversing(tmp_path, ANSWER, quiet(0.5), said, quiet(4.0), said, quiet(3.0)) as page:
        await page.click("#mic")
        await until(page, "document.querySelector('.entry[data-state=listening] .asked')")
        await until(page, "document.body.dataset.mood === 'listening'")
        await until(page, f"{entry(0, '.asked')}?.textContent === '{QUESTION}'")
        await until(page, f"{entry(0, '.reply strong')}?.textContent === 'great'")
        await until(page, f"{entry(0, '.reply mark')}")
        await until(page, "document.body.dataset.mood === 'speaking'")
        await until(page, "document.querySelector('.entry').dataset.state === 'interrupted'")
        assert await page.evaluate(f"{entry(0, '.rest')}.textContent.length") > 0
        await until(page, f"{entry(1, '.reply mark')}")
        labels = await page.evaluate(
            "[...document.querySelectorAll('.turn:last-child .bar-label')].map((one) => one.textContent)"
        )
        assert labels[:3] == ["recognised", "first token", "first sentence"]
        assert labels[-1] == "played here"


async def test_what_is_said_while_the_button_is_held_is_answered_once_it_is_let_go(tmp_path: Path) -> None:
    async with conversing(tmp_path, ["Indeed."], quiet(0.5), speech(QUESTION), quiet(1.0)) as page:
        await page.hover("#mic")
        await page.mouse.down()
        await until(page, "document.querySelector('.entry[data-state=listening]')")
        async with page.expect_response(lambda response: response.url.endswith("/end_turn")) as waiting:
            await page.mouse.up()
        assert (await waiting.value).status == 200
        await until(page, f"{entry(0, '.reply')}?.textContent === 'Indeed.'")
        await until(page, "document.querySelector('.entry').dataset.state === 'said'")
        assert await page.get_attribute("#mic", "data-voice") == "off"


async def test_without_a_language_model_a_question_is_answered_by_advice() -> None:
    async with running() as address, browsing() as page:
        await page.goto(address)
        await until(page, "!document.querySelector('#modes').hidden")
        assert await page.is_checked("#mode-echo")
        await page.click("#modes label:has(#mode-chat)")
        await page.fill("#text", "Who are you?")
        await page.press("#text", "Enter")
        await until(page, f"{entry(0, '.reply')}?.textContent.includes('no language model')")
        await until(page, f"{entry(0, '.hint code')}")
        await until(page, f"{entry(0, '.reply mark')}")
