"""The examples of the documents about voices: settings that start, and a plugin that speaks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from livetalk.protocols import VoiceOptions
from livetalk.settings import Settings, load, voice_options
from livetalk.steadfast import make_voice
from tests.tts.contract import KEY, TEXT, all_of
from tests.tts.sounds import joined, tone, wav
from tests.tts.stand_in import StandIn

DOCUMENTS = (Path(__file__).resolve().parents[2] / "docs").glob("voices*.md")
TEXT_OF_ALL = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
OTHER_COMMANDS = ("voices", "doctor")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT_OF_ALL, re.DOTALL)


def commands() -> Iterator[list[str]]:
    """The flags of each line that starts the server."""
    for line in "\n".join(blocks("sh")).splitlines():
        words = [word for word in shlex.split(line, comments=True) if not word.startswith("LIVETALK_")]
        if words[:1] == ["livetalk"] and words[1] not in OTHER_COMMANDS:
            yield words[1:]


def starts(settings: Settings) -> None:
    make_voice(settings.tts, voice_options(settings), settings.tts_fallback)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIVETALK_TTS_KEY", KEY)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("flags", [*commands()], ids=" ".join)
def test_a_command_line_starts(flags: list[str]) -> None:
    starts(load(flags))


@pytest.mark.parametrize("block", blocks("yaml"))
def test_a_file_of_settings_starts(block: str, tmp_path: Path) -> None:
    file = tmp_path / "livetalk.yaml"
    file.write_text(block, "utf-8")
    assert yaml.safe_load(block)["tts"]
    starts(load(["--config", str(file)]))


def test_there_are_examples() -> None:
    assert len([*commands()]) > 6
    assert len(blocks("yaml")) > 3


def test_the_plugin_of_ones_own_speaks() -> None:
    (block,) = blocks("python")
    made: dict[str, Any] = {}
    exec(block, made)
    stand_in = StandIn(wav(tone(24_000), 24_000))
    with stand_in.serving([web.post("/speak", stand_in.sound)]):
        tts = made["acme"](VoiceOptions(url=stand_in.url))
        tts.load()
        try:
            pcm, _ = joined(all_of(tts))
        finally:
            tts.close()
    assert pcm.tobytes() == tone(24_000).tobytes()
    assert TEXT.encode()[:5] in stand_in.bodies[0]
