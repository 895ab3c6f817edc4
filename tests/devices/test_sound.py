from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import pytest

from livetalk.devices.portaudio import found_sound, open_sound
from livetalk.devices.sound import SoundDevice, pick
from livetalk.errors import OutputError


def device(name: str, host: str = "ALSA", default: bool = False) -> SoundDevice:
    return SoundDevice(name, host, index=0, channels=2, rate=48_000, default=default)


WINDOWS = [
    device("CABLE Input (VB-Audio Virtual C", "MME"),
    device("Speakers (High Definition Audio", "MME"),
    device("CABLE Input (VB-Audio Virtual Cable)", "Windows DirectSound"),
    device("CABLE Input (VB-Audio Virtual Cable)", "Windows WASAPI"),
    device("Speakers (High Definition Audio Device)", "Windows WASAPI", default=True),
]


def test_a_part_of_a_name_will_do_and_the_best_of_the_system_s_interfaces_has_it() -> None:
    found = pick(WINDOWS, "cable input")
    assert (found.name, found.host) == ("CABLE Input (VB-Audio Virtual Cable)", "Windows WASAPI")


def test_without_a_name_it_is_the_default_one() -> None:
    assert pick(WINDOWS, None).name == "Speakers (High Definition Audio Device)"


def test_a_whole_name_goes_before_a_part_of_another_one() -> None:
    assert pick([device("pulse monitor"), device("pulse")], "Pulse").name == "pulse"


def test_a_part_that_several_have_is_refused_with_their_names() -> None:
    with pytest.raises(OutputError, match="'cable' may be each of: cable A, cable B"):
        pick([device("cable A"), device("cable B")], "cable")


def test_a_name_that_none_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(OutputError, match="no sound device 'vb'; there are: cable A, cable B"):
        pick([device("cable A"), device("cable B"), device("cable B", "JACK Audio Connection Kit")], "vb")


def test_where_there_is_no_device_it_says_what_to_install() -> None:
    with pytest.raises(OutputError, match="there is no sound device; "):
        pick([], None)
    with pytest.raises(OutputError, match="no sound device is the default one"):
        pick([device("cable")], None)


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(OutputError, match=r"sound needs sounddevice: pip install \"livetalk\[camera\]\""):
        found_sound()


@pytest.fixture
def library() -> Any:
    """PortAudio, working again afterwards."""
    try:
        library: Any = importlib.import_module("sounddevice")
    except (ImportError, OSError) as error:
        pytest.skip(f"needs sounddevice and PortAudio (Debian: libportaudio2): {error}")
    return library


def test_a_library_that_could_not_begin_does_so_the_next_time(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise library.PortAudioError("its server is gone")

    with monkeypatch.context() as gone:
        gone.setattr(library, "_initialize", fail)
        for _ in range(2):
            with pytest.raises(OutputError, match="its server is gone"):
                found_sound()
    found_sound()
    library.query_devices()


def test_a_library_that_does_not_tell_its_devices_is_an_output_s_trouble(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise library.PortAudioError("internal")

    monkeypatch.setattr(library, "query_devices", fail)
    with pytest.raises(OutputError, match="internal"):
        found_sound()
    with pytest.raises(OutputError, match="internal"):
        open_sound(None, lambda block, asked: None, lambda: None)


LOOKING = """
from pathlib import Path
from livetalk.devices.portaudio import found_sound
import sounddevice
def libraries():
    return {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if ".so" in line}
loaded = libraries()
found_sound()
print(sorted(loaded - libraries()))
sounddevice._terminate()
print(sorted(loaded - libraries()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PortAudio loads none elsewhere")
def test_looking_for_devices_does_not_load_libraries_again() -> None:
    pytest.importorskip("sounddevice")
    done = subprocess.run([sys.executable, "-c", LOOKING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]
