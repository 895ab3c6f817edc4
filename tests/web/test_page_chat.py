"""A question and its answer: what is asked, written, said, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Visit

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright (extra: test)")
expect: Any = playwright.expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

READ = """async ([source, growing]) => {
  const { parseMarkdown, plainText } = await import("/js/markdown.js");
  const blocks = parseMarkdown(source, growing);
  return { plain: plainText(blocks), kinds: blocks.map(({ kind }) => kind),
    dressed: blocks.flatMap(({ runs }) => runs)
      .filter(({ bold, italic, code, href }) => bold || italic || code || href)
      .map(({ text, bold, italic, code, href }) => (
        [text, bold ? "bold" : italic ? "italic" : code ? "code" : href])) };
}"""
PLACED = """async ([text, sentence, word]) => {
  const { findPlace } = await import("/js/place.js");
  const place = findPlace(text, sentence, 0);
  const at = sentence.indexOf(word);
  return place && text.slice(place.from(at), place.to(at + word.length));
}"""


async def chatting(visit: Visit, llm: str = "openai") -> None:
    visit.server.config["llm"] = llm
    await visit.connect()


async def test_with_a_language_model_a_text_is_a_question_and_the_choice_is_remembered(visit: Visit) -> None:
    await chatting(visit)
    await expect(visit.page.locator("#mode-chat")).to_be_checked()
    await visit.say("Who are you?")
    await visit.page.click("#modes label:has(#mode-echo)")
    await visit.page.reload()
    await expect(visit.page.locator("#mode-echo")).to_be_checked()
    await visit.page.click("#start")
    await visit.page.wait_for_selector("[data-picture=live]")
    await visit.say("Read this")
    asked = [(body["type"], body["interrupt"]) for body in visit.server.called("/human")]
    assert asked == [("chat", True), ("echo", True)]


async def test_without_a_language_model_a_text_is_said_and_a_chat_tells_how_to_get_one(visit: Visit) -> None:
    await chatting(visit, "none")
    await expect(visit.page.locator("#mode-echo")).to_be_checked()
    await expect(visit.page.locator("#mode-hint")).to_be_hidden()
    await visit.page.click("#modes label:has(#mode-chat)")
    await expect(visit.page.locator("#mode-hint")).to_contain_text("No language model")
    entry = await visit.say("Hello")
    visit.server.tell("reply", text="I would love to talk.", last=True, entry=entry, turn=1)
    await expect(visit.page.locator(".entry .reply")).to_have_text("I would love to talk.")
    await expect(visit.page.locator(".entry .hint code").first).to_have_text("--llm-model")
    await visit.page.reload()
    await expect(visit.page.locator("#mode-echo")).to_be_checked()


async def test_an_answer_appears_as_it_is_written_and_is_marked_as_it_is_said(visit: Visit) -> None:
    await chatting(visit)
    entry = await visit.say("Tell me")
    reply = visit.page.locator(".entry .reply")
    await expect(visit.page.locator(".entry .asked")).to_have_text("Tell me")
    await expect(visit.page.locator(".entry .dots")).to_be_visible()
    visit.server.tell("reply", text="It is **very", last=False, entry=entry, turn=1)
    await expect(reply.locator("strong")).to_have_text("very")
    await expect(reply.locator(".rest")).to_have_text(["It is ", "very"])
    visit.server.tell("reply", text=" big**. ", last=False, entry=entry, turn=1)
    visit.server.tell("reply", text="Is it?", last=True, entry=entry, turn=1)
    await expect(reply).to_have_text("It is very big. Is it?")
    visit.server.tell("start", text="It is very big.", first=True, entry=entry, turn=1)
    visit.server.tell("word", word="big", offset=11, text="It is very big.", entry=entry, turn=1)
    await expect(reply.locator("strong mark")).to_have_text("big")
    await expect(reply.locator(".said")).to_have_text(["It is ", "very "])
    visit.server.tell("interrupted", text="It is very big.", spoken="It is very", entry=entry, turn=1)
    await expect(reply.locator(".said")).to_have_text(["It is ", "very"])
    await expect(reply.locator(".rest")).to_have_text(["big", ". Is it?"])
    await expect(visit.page.locator(".entry-label")).to_have_text("Interrupted")


async def test_a_voice_that_breaks_off_leaves_the_rest_unsaid(visit: Visit) -> None:
    await chatting(visit)
    entry = await visit.say("Tell me")
    visit.server.tell("reply", text="It is big.", last=True, entry=entry, turn=1)
    visit.server.tell("start", text="It is big.", first=True, entry=entry, turn=1)
    visit.server.tell("word", word="is", offset=3, text="It is big.", entry=entry, turn=1)
    visit.server.tell("end", text="It is big.", last=True, broken=True, entry=entry, turn=1)
    await expect(visit.page.locator(".reply .said")).to_have_text("It is")
    await expect(visit.page.locator(".reply .rest")).to_have_text("big.")
    await expect(visit.page.locator(".entry-label")).to_have_text("Interrupted")


async def test_an_answer_that_nobody_heard_is_not_answered(visit: Visit) -> None:
    await chatting(visit)
    entry = await visit.say("Tell me")
    visit.server.tell("interrupted", text="", spoken="", entry=entry, turn=1)
    await expect(visit.page.locator(".entry-label")).to_have_text("Not answered")


async def test_a_voice_that_fails_in_one_sentence_does_not_end_the_answer(visit: Visit) -> None:
    await chatting(visit)
    entry = await visit.say("Tell me")
    visit.server.tell("reply", text="One. Two.", last=True, entry=entry, turn=1)
    visit.server.tell("error", message="no voice", stage="speak", over=False, entry=entry, turn=1)
    await expect(visit.page.locator("#notice")).to_have_text("no voice")
    await expect(visit.page.locator(".entry")).to_have_attribute("data-state", "queued")
    visit.server.tell("error", message="no mind", stage="think", over=True, entry=entry, turn=1)
    await expect(visit.page.locator(".entry-label")).to_have_text("Not answered – no mind")


async def test_an_answer_to_another_programs_question_is_shown_alone(visit: Visit) -> None:
    await chatting(visit)
    visit.server.tell("reply", text="Because.", last=True, turn=9)
    visit.server.tell("start", text="Because.", first=True, turn=9)
    await expect(visit.page.locator(".entry .reply")).to_have_text("Because.")
    await expect(visit.page.locator(".entry")).to_have_count(1)
    await expect(visit.page.locator(".asked")).to_have_count(0)


async def test_nothing_that_a_model_writes_becomes_markup_or_runs(visit: Visit) -> None:
    await chatting(visit)
    entry = await visit.say("Be evil")
    evil = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://b.example/?x=1) `<b>`"
    visit.server.tell("reply", text=evil, last=True, entry=entry, turn=1)
    reply = visit.page.locator(".entry .reply")
    await expect(reply).to_have_text("<img src=x onerror=alert(1)> a b <b>")
    assert await reply.locator("a").evaluate_all("(all) => all.map((one) => [one.href, one.rel])") == [
        ["https://b.example/?x=1", "noopener noreferrer"]
    ]
    assert await reply.locator("img, b").count() == 0


@pytest.mark.parametrize(
    ("source", "growing", "plain", "kinds", "dressed"),
    [
        ("a **b** *c* `d`", False, "a b c d", ["text"], [["b", "bold"], ["c", "italic"], ["d", "code"]]),
        ("# Title\n- one\n2. two", False, "Title\none\ntwo", ["heading", "item", "item"], []),
        ("```py\nx = **1**\n```\nso", False, "x = **1**\nso", ["code", "text"], [["x = **1**", "code"]]),
        ("2 * 3 * 4 and snake_case_name", False, "2 * 3 * 4 and snake_case_name", ["text"], []),
        ("never **closed", False, "never **closed", ["text"], []),
        ("not yet **closed", True, "not yet closed", ["text"], [["closed", "bold"]]),
        (
            "see https://a.example/x.",
            False,
            "see https://a.example/x.",
            ["text"],
            [["https://a.example/x", "https://a.example/x"]],
        ),
    ],
)
async def test_markdown_is_read_simply(
    visit: Visit, source: str, growing: bool, plain: str, kinds: list[str], dressed: list[list[str]]
) -> None:
    await visit.open()
    read = await visit.page.evaluate(READ, [source, growing])
    assert read == {"plain": plain, "kinds": kinds, "dressed": dressed}


@pytest.mark.parametrize(
    ("text", "sentence", "word", "found"),
    [
        ("One 😀 two — three", "One two, three", "three", "three"),
        ("“Quoted” he said", "Quoted he said", "said", "said"),
        ("你好， 世界", "你好 世界", "世", "世"),
        ("something else", "not there", "not", None),
    ],
)
async def test_a_sentence_is_found_though_signs_were_taken_out_of_it(
    visit: Visit, text: str, sentence: str, word: str, found: str | None
) -> None:
    await visit.open()
    assert await visit.page.evaluate(PLACED, [text, sentence, word]) == found


async def test_a_long_answer_is_shown_where_it_is_being_said(visit: Visit) -> None:
    await chatting(visit)
    entry = await visit.say("At length")
    sentences = [f"Sentence number {number} of a very long answer." for number in range(40)]
    visit.server.tell("reply", text="\n\n".join(sentences), last=True, entry=entry, turn=1)
    for number in (0, 20):
        text = sentences[number]
        visit.server.tell("start", text=text, first=number == 0, entry=entry, turn=1)
        visit.server.tell("word", word="number", offset=9, text=text, entry=entry, turn=1)
        await expect(visit.page.locator(f".reply > p:nth-child({number + 1}) mark")).to_be_in_viewport()
    visit.server.tell("end", text=sentences[-1], last=True, entry=entry, turn=1)
    await visit.until("log.scrollHeight - log.scrollTop - log.clientHeight < 2")
