from __future__ import annotations

import socket

import pytest

from livetalk.cli import main


def test_an_unknown_command_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 1
    assert "unknown command 'dance'; there are: serve" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    told = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1 port {port}" in told
    assert "choose another --port or --host" in told


def test_an_avatar_that_is_not_there_is_named_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--avatar", "nobody"]) == 1
    assert "no avatar 'nobody'" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--models-dir", "/dev/null/models"]) == 1
    assert "/dev/null/models" in capsys.readouterr().err
