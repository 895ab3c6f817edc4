from __future__ import annotations

import importlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livetalk.avatar.bundle import open_bundle
from livetalk.cli import BROKEN_PIPE, main
from livetalk.engines.musetalk import importing


def test_an_unknown_command_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 1
    assert "unknown command 'dance'; there are: serve, " in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    told = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1 port {port}" in told
    assert "choose another --port or --host" in told


def test_a_relay_without_credentials_is_told_before_anything_is_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--avatar", "nobody", "--ice-servers", "turn:turn.example"]) == 1
    told = capsys.readouterr().err
    assert "turn:turn.example has no credentials" in told
    assert "LIVETALK_TURN_SECRET" in told


def test_a_target_that_is_none_is_told_before_anything_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["push", "srt://secret", "--avatar", "nobody", "--outputs", "stage=rtmp://h/a/k"]) == 1
    told = capsys.readouterr().err
    assert "no output 'srt'" in told
    assert "rtmps" in told
    assert "stage" in told
    assert "secret" not in told


def test_an_avatar_that_is_not_there_is_named_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--avatar", "nobody"]) == 1
    assert "no avatar 'nobody'" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--models-dir", "/dev/null/models"]) == 1
    assert "/dev/null/models" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_server_that_is_told_to_stop_while_it_loads_ends() -> None:
    program = (
        "import os, signal\n"
        "from livetalk import avatars\n"
        "opened = avatars.open_bundle\n"
        "def open_and_interrupt(*args):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return opened(*args)\n"
        "avatars.open_bundle = open_and_interrupt\n"
        "from livetalk.cli import main\n"
        "raise SystemExit(main(['--port', '0']))\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    _, told = server.communicate(timeout=60)
    assert server.returncode == 0, told
    assert "ready" not in told


THEIRS = Path(__file__).parent / "engines" / "musetalk" / "goldens" / "avatar_livetalking_syn"


def test_a_folder_of_another_programs_becomes_a_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--avatars-dir", str(tmp_path), "--cache-dir", str(tmp_path / "cache")]
    for name in ("../ada", "/ada", "", ".."):
        assert main(["avatar", "import", str(THEIRS), "--id", name, *folders]) == 1
        assert "cannot be an avatar's id" in capsys.readouterr().err
    assert main(["avatar", "import", str(THEIRS), "--id", "ada", *folders]) == 0
    assert f"{tmp_path / 'ada'} is ready" in capsys.readouterr().out
    assert open_bundle(tmp_path / "ada", tmp_path / "cache").id == "ada"
    assert main(["avatar", "import", str(THEIRS), "--id", "ada", *folders]) == 1
    assert "there is an avatar 'ada' already" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("part", ["write_video", "write_prepared"])
def test_ctrl_c_in_the_middle_of_an_import_leaves_nothing_half_made(
    tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importing, part, lambda *_: signal.raise_signal(signal.SIGINT))
    folders = ["--avatars-dir", str(tmp_path), "--cache-dir", str(tmp_path / "cache")]
    assert main(["avatar", "import", str(THEIRS), "--id", "ada", *folders]) == 130
    assert capsys.readouterr().err == "livetalk: stopped\n"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


@pytest.mark.parametrize(
    ("command", "status", "told"), [("serve", 0, ""), ("render", 130, "livetalk: stopped\n")]
)
def test_ctrl_c_while_a_commands_libraries_load_is_told_plainly(
    command: str,
    status: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(importlib, "import_module", lambda _: signal.raise_signal(signal.SIGINT))
    assert main([command]) == status
    assert capsys.readouterr().err == told


def test_the_engine_without_weights_says_what_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--engine", "musetalk", "--models-dir", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "musetalk.json is missing; bring it with: livetalk models download musetalk" in told


DEVICES = (sys.executable, "-m", "livetalk", "devices")
"""a command that tells something, whatever the machine has"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_reader_that_has_enough_ends_a_command_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody_reads:
        told = subprocess.run(DEVICES, stdout=nobody_reads, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (told.returncode, told.stderr) == (BROKEN_PIPE, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_without_somewhere_to_tell_does_its_work(closed: str) -> None:
    shell = ("sh", "-c", f'exec "$@" {closed}', "sh")
    told = subprocess.run((*shell, *DEVICES), stderr=subprocess.PIPE, timeout=60, check=False)
    assert (told.returncode, told.stderr) == (0, b"")


@pytest.mark.parametrize(
    "targets",
    [
        ["rtmp://here/app/key", "rtmp://there/app/key"],
        ["--outputs", "rtmp=rtmp://here/app/key", "rtmp://there/app/key"],
        ["--outputs", "stage=rtmp://here/app/key", "stage", "stage"],
    ],
)
def test_targets_that_cannot_be_told_apart_are_refused(
    targets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["push", *targets]) == 1
    assert "two targets of one kind need names" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["rtmp://host/secret/secret", "whip+https://host/secret"])
def test_a_target_in_place_of_a_name_is_not_repeated(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--outputs", value]) == 1
    told = capsys.readouterr().err
    assert "an output is NAME=TARGET" in told
    assert "host" not in told
