"""Runs the scripts of tests/node: clients and servers of WebRTC that were not written here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node"

needs_werift = pytest.mark.skipif(
    shutil.which("node") is None or not (FOLDER / "node_modules" / "werift").is_dir(),
    reason="needs node, and npm ci in tests/node",
)


@contextmanager
def node(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script of the folder; it is killed at the end."""
    process = subprocess.Popen(
        ["node", script, *arguments], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """The next that it prints."""
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    assert said, f"{process.args!r} said nothing"
    return said


__all__ = ["line", "needs_werift", "node"]
