"""A whole conversation with people's own voices: what they say is heard, answered, and talked over."""

from __future__ import annotations

import io
import os
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livetalk.audio.clip import decode_clip
from livetalk.types import SAMPLE_RATE, Int16Array
from tests.e2e.house import CHROMIUM, ROOT, until
from tests.e2e.playing import until_level
from tests.e2e.talking import entry, talking, words
from tests.listening.speech import quiet
from tests.llm.chat_server import ChatServer, Part, served
from tests.stt.transcription_server import Asked, TranscriptionServer, running, said

SHARED = Path(os.environ.get("LIVETALK_SHARED", ROOT.parent / "shared")) / "media"
LONGEST_S = 90.0
BETWEEN_S = 6.0
"""until the speaker goes on; the avatar speaks by then"""
THINKS_S = 1.0
"""longer than people pause within a sentence: nothing of an answer sounds before they go on"""
LOST_S = 0.25
"""of a stretch of speech, at most: where a faint sound begins and ends is a matter of opinion"""
MOODS = ["listening", "thinking", "speaking"]
MARKS = [
    *("recognised", "first token", "first sentence", "first sound", "first lips"),
    *("sent out", "played here"),
]
SHOWN = "[...document.querySelectorAll('.turn:last-child .bar-label')].map((one) => one.textContent)"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Two stretches of a recording, and what a recogniser is to have understood of each."""

    recording: str
    first_s: tuple[float, float]
    then_s: tuple[float, float]
    question: str
    objection: str
    answer: list[Part]
    """two sentences, the second very long"""
    correction: str


ENGLISH = ("Would you tell me a story about the sea?", "No, about a mountain, please.")
MANDARIN = ("请给我讲一个大海的故事，好吗？", "不，请讲一个高山的故事。")
STORY: list[Part] = ["Once there was a sea. ", "It was ", *["wide and deep and blue and "] * 20, "cold."]
TALE: list[Part] = ["从前有一片大海。", "它", *["又宽又深又蓝"] * 30, "。"]
SPOKEN = [
    Spoken("eng", (3.0, 9.1), (12.0, 18.8), *ENGLISH, STORY, "As you wish."),
    Spoken("yongen", (0.2, 3.4), (3.9, 6.5), *ENGLISH, STORY, "As you wish."),
    Spoken("sun", (0.0, 6.1), (6.2, 11.1), *MANDARIN, TALE, "好，听你的。"),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM} (Debian: chromium)"),
]


def stretches(spoken: Spoken) -> tuple[Int16Array, Int16Array]:
    """What is said first, and over the answer."""
    recording = SHARED / f"{spoken.recording}.wav"
    if not recording.is_file():
        pytest.skip(f"{recording} is not there: recordings of people are not part of the repository")
    sound = np.concatenate(list(decode_clip(recording.read_bytes(), LONGEST_S)))
    first, then = (
        sound[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        for begin, end in (spoken.first_s, spoken.then_s)
    )
    return first, then


def length_s(asked: Asked) -> float:
    """How long a recording is that a recogniser was given."""
    with wave.open(io.BytesIO(asked.content)) as file:
        return float(file.getnframes() / file.getframerate())


def within(expected: list[str], found: list[str]) -> bool:
    """Whether they come in this order, whatever comes between."""
    rest = iter(found)
    return all(each in rest for each in expected)


@dataclass(frozen=True, slots=True)
class Scene:
    """A page that a person talks to, and the providers behind it."""

    page: Any
    recogniser: TranscriptionServer
    model: ChatServer

    def expect(self, words: str, answer: list[Part]) -> None:
        """What is understood from now on, and what is answered."""
        self.recogniser.answers = [said(words)]
        self.recogniser.asked.clear()
        self.model.scripts = [answer]

    @property
    def heard_s(self) -> float:
        """How much the recogniser got of it, at most."""
        return max(map(length_s, self.recogniser.asked))


@asynccontextmanager
async def scene(folder: Path, *sounds: Int16Array) -> AsyncIterator[Scene]:
    """One in which these sounds are heard once the microphone is opened."""
    model = ChatServer()
    with running() as recogniser:
        async with served(model):
            llm = ("--llm-model", "stand-in", "--llm-url", model.url)
            stt = ("--stt-model", "stand-in", "--stt-url", recogniser.url)
            async with talking(folder, sounds, *llm, *stt) as page:
                yield Scene(page, recogniser, model)


@pytest.mark.parametrize("spoken", SPOKEN, ids=lambda spoken: spoken.recording)
async def test_a_person_is_heard_whole_and_answered_and_stops_the_answer_by_talking(
    spoken: Spoken, tmp_path: Path
) -> None:
    first, then = stretches(spoken)
    async with scene(tmp_path, quiet(0.5), first, quiet(BETWEEN_S), then, quiet(3.0)) as it:
        it.expect(spoken.question, [THINKS_S, *spoken.answer])
        await it.page.click("#mic")
        await until(it.page, f"{entry(0, '.asked')}?.textContent === '{spoken.question}'")
        await until(it.page, f"{entry(0, '.reply mark')}")
        await until_level(it.page, loud=True)
        assert it.heard_s >= len(first) / SAMPLE_RATE - LOST_S
        it.expect(spoken.objection, [2 * THINKS_S, spoken.correction])
        await until(it.page, "document.querySelector('.entry').dataset.state === 'interrupted'")
        await until_level(it.page, loud=False)
        await until(it.page, f"{entry(1, '.asked')}?.textContent === '{spoken.objection}'")
        await until_level(it.page, loud=True)
        await until(it.page, "document.querySelectorAll('.entry')[1].dataset.state === 'said'")
        assert it.heard_s >= len(then) / SAMPLE_RATE - LOST_S
        await compare(it, spoken)


async def compare(it: Scene, spoken: Spoken) -> None:
    """What the page shows in the end, and what the language model knows."""
    written = "".join(each for each in spoken.answer if isinstance(each, str))
    told = await it.page.evaluate(words(0, ".reply .said"))
    assert written.startswith(told)
    assert 0 < len(told) < len(written)
    assert await it.page.evaluate(words(1, ".reply")) == spoken.correction
    remembered = [each["content"] for each in it.model.asked[-1]["messages"][1:]]
    assert remembered == [spoken.question, told.rstrip(), spoken.objection]
    moods = await it.page.evaluate("window.moods")
    assert within(MOODS * 2, moods), moods
    assert await it.page.evaluate(SHOWN) == MARKS
