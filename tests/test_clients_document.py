"""The examples in docs/clients.md are run as they stand there, another address aside."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from tests.listening.test_ear import FakeSTT
from tests.server.conftest import FakeService, within
from tests.server.filming import pictures
from tests.server.simply import serving
from tests.server.test_uploads import wav

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "clients.md"
REPLY = "I heard you. And that is all."


def block(name: str) -> str:
    """What stands between two markers of the document."""
    found = re.search(
        rf"<!-- {name} -->\n```sh\n(.*?)```\n<!-- /{name} -->", DOCUMENT.read_text("utf-8"), re.S
    )
    assert found is not None, name
    return found[1]


async def run(script: str, folder: Path) -> str:
    """What a script says; it has to succeed."""
    shell = await asyncio.create_subprocess_exec(
        "bash", "-ec", script, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, errors = await within(shell.communicate())
    assert shell.returncode == 0, errors
    return str(said.decode())


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
async def test_the_examples_do_what_the_document_says(tmp_path: Path) -> None:
    service = FakeService()
    service.stt = FakeSTT("And this?")
    (tmp_path / "question.wav").write_bytes(wav(0.3))
    try:
        async with serving(service, tmp_path / "cache") as address:
            said = {
                name: await run(block(name).replace("http://127.0.0.1:8010", address), tmp_path)
                for name in ("speak", "chat", "conversation")
            }
            sessions = len(service.sessions)
    finally:
        await asyncio.get_running_loop().run_in_executor(None, service.close)
    assert sessions == 1, "the jar was kept"
    assert '"spoken": "Hello there."' in said["speak"]
    assert '"url": "/clip/1.mp4"' in said["speak"]
    assert pictures((tmp_path / "clip.mp4").read_bytes()) > 10
    assert '"state": "thinking"' in said["chat"] or '"state": "speaking"' in said["chat"]
    assert said["conversation"].count(f'"spoken": "{REPLY}"') == 4, "in data, and at the top level"
    assert '"heard": "And this?"' in said["conversation"]
    assert '"turn": 3' in said["conversation"]
