"""Who works in a folder, alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from livetalk.locks import alone
from tests.fakes import WAIT_S, background, blocks

OTHER = """
import sys
from pathlib import Path
from livetalk.locks import alone
with alone(Path(sys.argv[1])):
    print("alone", flush=True)
    sys.stdin.read()
"""


def enter(folder: Path) -> None:
    with alone(folder):
        pass


def test_another_thread_waits_until_nobody_is_alone(tmp_path: Path) -> None:
    with alone(tmp_path):
        other = background(lambda: enter(tmp_path))
        assert blocks(other)
        enter(tmp_path.parent)
    other.result(WAIT_S)


def test_another_process_is_waited_for_even_if_it_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"alone\n"
        waiting = background(lambda: enter(tmp_path))
        assert blocks(waiting)
        process.kill()
        waiting.result(WAIT_S)


def test_a_folder_that_is_not_there_holds_up_nobody(tmp_path: Path) -> None:
    enter(tmp_path / "nowhere")
    assert not list(tmp_path.iterdir())
