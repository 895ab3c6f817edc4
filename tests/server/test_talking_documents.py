"""The examples in README.md, docs/conversation.md and docs/events.md are run as they stand there."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from livetalk.settings import chosen_llm, load
from tests.server.conftest import FakeService, Viewer, within
from tests.server.test_uploads import wav
from tests.test_clients_document import run

ROOT = Path(__file__).resolve().parents[2]
CONVERSATION = (ROOT / "docs" / "conversation.md").read_text("utf-8")
LOCAL = "http://127.0.0.1:8010"
CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


def example(text: str, viewer: Viewer) -> str:
    """The same for this server and this session."""
    address = str(viewer.client.make_url("")).rstrip("/")
    return text.replace("session=…", f"session={viewer.session_id}").replace(LOCAL, address)


def block(document: str, name: str) -> str:
    """What stands between two markers of a document."""
    text = (ROOT / document).read_text("utf-8")
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```\n<!-- /{name} -->", text, re.S)
    assert found is not None, name
    return found[1]


@asynccontextmanager
async def listening(script: str) -> AsyncIterator[asyncio.StreamReader]:
    """What a script that listens to the end is told, once it is connected."""
    shell = await asyncio.create_subprocess_exec("bash", "-c", script, stdout=asyncio.subprocess.PIPE)
    try:
        assert shell.stdout is not None
        assert (await within(shell.stdout.readline())).startswith(b"HTTP/1.1 200")
        yield shell.stdout
    finally:
        shell.terminate()
        await shell.wait()


def commands() -> list[list[str]]:
    """The flags of each line of the document that starts the server."""
    lines = [
        shlex.split(line, comments=True) for line in CONVERSATION.splitlines() if line.startswith("livetalk ")
    ]
    return [words[1:] for words in lines]


@CURL
async def test_the_routes_are_asked_as_the_readme_says(viewer: Viewer, tmp_path: Path) -> None:
    (tmp_path / "speech.wav").write_bytes(wav(0.3))
    asked, listen, stop = re.split("curl -N (.*)\n", example(block("README.md", "human"), viewer))
    async with listening(f"session={viewer.session_id}; exec curl -isN {listen}") as events:
        said = await run(asked.replace('"default"', '"fake"'), tmp_path)
        assert said.count('"code": 0') == 3, said
        while await within(events.readline()) != b"event: start\n":
            assert not events.at_eof()
        assert '"code": 0' in await run(f"session={viewer.session_id}; {stop}", tmp_path)


@CURL
async def test_a_persona_is_changed_as_the_document_says(
    viewer: Viewer, service: FakeService, tmp_path: Path
) -> None:
    found = re.search(r"```sh\n(curl .*?/persona.*?)```", CONVERSATION, re.S)
    assert found is not None
    said = await run(example("session=…\n" + found[1], viewer), tmp_path)
    assert '"code": 0' in said
    assert service.sessions.get(viewer.session_id).conversation.persona.system_prompt == "You are a pirate."


@pytest.mark.parametrize("flags", commands(), ids=" ".join)
def test_a_language_model_is_chosen_as_the_document_says(flags: list[str]) -> None:
    assert chosen_llm(load(flags)) == "openai"


async def test_a_program_asks_by_websocket_as_the_document_says(viewer: Viewer, tmp_path: Path) -> None:
    (tmp_path / "ask.py").write_text(example(block("docs/events.md", "socket"), viewer), "utf-8")
    said = await run(f"{shlex.quote(sys.executable)} ask.py {viewer.session_id}", tmp_path)
    assert said.count("'event': 'start'") == 2, "a sentence each"
    assert said.count("'last': True, 'event': 'end'") == 1
