"""`livetalk devices`: the cameras and sound devices that an output can play to, by the names of targets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from livetalk import flags
from livetalk.devices import advice
from livetalk.devices.cameras import found_cameras
from livetalk.devices.portaudio import found_sound
from livetalk.errors import OutputError

TEXT = "Tell which virtual cameras and sound devices there are, and what to install where there is none."
EPILOG = (
    "These are targets: livetalk push camera:/dev/video2?sound=NAME shows the avatar to other programs as a "
    "camera, and its voice goes to the sound device NAME. A part of that name will do."
)


def run(arguments: Sequence[str]) -> int:
    """Tell what there is.

    Raises:
        SettingsError: an argument is unknown.
    """
    flags.parser("devices", TEXT, EPILOG).parse_args(list(arguments))
    _tell("Virtual cameras", _cameras, f"none; {advice.for_camera()}")
    _tell("Sound devices", _sound, f"none; {advice.for_sound()}")
    return 0


def _cameras() -> list[str]:
    return [f"camera:{each.name}  ({each.label})" for each in found_cameras()]


def _sound() -> list[str]:
    """A device that a system lists in several ways is told once."""
    told: dict[str, str] = {}
    for each in found_sound():
        default = ", the default one" if each.default else ""
        told.setdefault(each.name, f"sound:{each.name}  ({each.host}, {each.rate} Hz{default})")
    return list(told.values())


def _tell(title: str, find: Callable[[], list[str]], otherwise: str) -> None:
    try:
        found = find() or [otherwise]
    except OutputError as error:
        found = [str(error)]
    sys.stdout.write(f"{title}\n" + "".join(f"  {each}\n" for each in found))


__all__ = ["run"]
