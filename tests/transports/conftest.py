"""What outputs are tried with: a sound server, a stream server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.sound_server import PulseServer
from bench.stream_server import Nginx, running
from livetalk.devices.portaudio import found_sound
from livetalk.errors import OutputError


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    """A sound server that plays nowhere, which PortAudio finds as the device `pulse`."""
    for program in ("pulseaudio", "pactl", "parec"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    server = PulseServer()
    try:
        server.start()
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        try:
            names = {each.name for each in found_sound()}
        except OutputError as error:
            pytest.skip(str(error))
        if "pulse" not in names:
            pytest.skip("PortAudio does not reach PulseAudio: libasound2-plugins is not installed")
        yield server
    finally:
        server.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nginx]:
    """A stream server."""
    try:
        made = Nginx(tmp_path / "nginx")
    except BenchError as error:
        pytest.skip(str(error))
    with running(made):
        yield made
