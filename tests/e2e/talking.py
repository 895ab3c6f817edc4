"""A page whose microphone hears a file."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from livetalk.types import SAMPLE_RATE, Int16Array
from tests.e2e.house import browsing, running, until
from tests.e2e.playing import KEEP_CONNECTIONS

FLAGS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
KEEP_MOODS = """
window.moods = [];
new MutationObserver(() => {
  const { mood } = document.body?.dataset ?? {};
  if (mood && mood !== window.moods.at(-1)) window.moods.push(mood);
}).observe(document, { subtree: true, attributeFilter: ["data-mood"] });
"""
"""the state that the picture showed, each time that it was another"""


def recorded(path: Path, sounds: Sequence[Int16Array]) -> Path:
    """A file for Chromium's microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.concatenate(sounds).tobytes())
    return path


@asynccontextmanager
async def talking(
    folder: Path, sounds: Sequence[Int16Array], *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Any]:
    """A connected page of such a server; its microphone hears the sounds once it is opened."""
    heard = recorded(folder / "said.wav", sounds)
    async with (
        running(*arguments, environment=environment) as address,
        browsing(*FLAGS, f"--use-file-for-fake-audio-capture={heard}%noloop") as page,
    ):
        await page.add_init_script(KEEP_CONNECTIONS + KEEP_MOODS)
        await page.goto(address)
        await page.click("#start")
        await until(page, "document.querySelector('#video').videoWidth === 512")
        yield page


def entry(number: int, selector: str) -> str:
    """An element of an entry, for a script."""
    return f"document.querySelectorAll('.entry')[{number}]?.querySelector('{selector}')"


def words(number: int, selector: str) -> str:
    """The text of the elements of an entry, put together, for a script."""
    found = f"document.querySelectorAll('.entry')[{number}].querySelectorAll('{selector}')"
    return f"[...{found}].map((one) => one.textContent).join('')"


__all__ = ["entry", "recorded", "talking", "words"]
