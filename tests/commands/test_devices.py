from __future__ import annotations

from pathlib import Path

import pytest

from livetalk.cli import main
from livetalk.commands import devices
from livetalk.devices import cameras
from livetalk.devices.cameras import FoundCamera, found_cameras
from livetalk.devices.sound import SoundDevice
from livetalk.errors import OutputError

pyvirtualcam = pytest.importorskip("pyvirtualcam")


def test_devices_are_told_by_the_names_that_targets_take(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "found_cameras", lambda: [FoundCamera("/dev/video2", "livetalk")])
    found = [
        SoundDevice("CABLE Input", "Windows WASAPI", 3, 2, 48_000, default=False),
        SoundDevice("Speakers", "Windows WASAPI", 4, 2, 44_100, default=True),
        SoundDevice("CABLE Input", "MME", 1, 2, 44_100, default=False),
    ]
    monkeypatch.setattr(devices, "found_sound", lambda: found)
    assert main(["devices"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Virtual cameras",
        "  camera:/dev/video2  (livetalk)",
        "Sound devices",
        "  sound:CABLE Input  (Windows WASAPI, 48000 Hz)",
        "  sound:Speakers  (Windows WASAPI, 44100 Hz, the default one)",
    ]


def test_where_there_are_none_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> list[SoundDevice]:
        raise OutputError("sound needs sounddevice")

    monkeypatch.setattr(devices, "found_cameras", lambda: [])
    monkeypatch.setattr(devices, "found_sound", missing)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert main(["devices"]) == 0
    told = capsys.readouterr().out
    assert "  none; install v4l2loopback" in told
    assert "  sound needs sounddevice" in told


def test_cameras_of_linux_are_the_virtual_ones_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    monkeypatch.setattr(cameras, "LINUX", tmp_path / "class")
    (tmp_path / "class").mkdir()
    for place, number, label in (("pci0000", 0, "Webcam"), ("virtual", 2, "livetalk")):
        folder = tmp_path / "devices" / place / f"video{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{label}\n")
        (tmp_path / "class" / folder.name).symlink_to(folder)
    assert found_cameras() == [FoundCamera("/dev/video2", "livetalk")]


def test_an_unknown_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--all"]) == 1
    assert "--all" in capsys.readouterr().err
