"""What tests of outputs on this computer play to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from bench.sound_server import PulseServer
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
