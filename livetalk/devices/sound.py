"""Sound devices that can be played to, as PortAudio lists them; and which of them a name means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from livetalk.devices import advice
from livetalk.errors import OutputError

HOSTS = ("Windows WASAPI", "Core Audio", "ALSA", "JACK Audio Connection Kit", "Windows DirectSound", "MME")
"""where a name is found several times, the first of these has it; Windows lists a device in all of its own"""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device that can be played to."""

    name: str
    host: str
    """the system's interface that it is reached by"""
    index: int
    """PortAudio's"""
    channels: int
    rate: int
    """Hz, that it likes best"""
    default: bool
    """the one that is taken where none is named"""


def pick(devices: Sequence[SoundDevice], name: str | None) -> SoundDevice:
    """The device that a name means: all of it, or a part that only one has; None means the default one.

    Raises:
        OutputError: none, or several.
    """
    if not devices:
        raise OutputError(f"there is no sound device; {advice.for_sound()}; {advice.for_portaudio()}")
    wanted = [each for each in devices if (each.default if name is None else _same(each.name, name))]
    wanted = wanted or [each for each in devices if name is not None and name.lower() in each.name.lower()]
    if name is None and not wanted:
        raise OutputError("no sound device is the default one; name one of `livetalk devices`")
    if not wanted:
        known = ", ".join(dict.fromkeys(each.name for each in devices))
        raise OutputError(f"no sound device {name!r}; there are: {known}. {advice.for_sound()}")
    best = min(_preference(each) for each in wanted)
    wanted = [each for each in wanted if _preference(each) == best]
    if len(wanted) > 1 and len({each.name for each in wanted}) > 1:
        raise OutputError(f"{name!r} may be each of: {', '.join(each.name for each in wanted)}")
    return wanted[0]


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _preference(device: SoundDevice) -> int:
    return HOSTS.index(device.host) if device.host in HOSTS else len(HOSTS)


def listed(library: Any) -> list[SoundDevice]:
    """The devices of PortAudio."""
    hosts = library.query_hostapis()
    default = _default(hosts)
    return [
        SoundDevice(
            each["name"],
            hosts[each["hostapi"]]["name"],
            each["index"],
            each["max_output_channels"],
            round(each["default_samplerate"]),
            each["index"] == default,
        )
        for each in library.query_devices()
        if each["max_output_channels"] > 0
    ]


def _default(hosts: Sequence[Any]) -> int:
    """The default device of the interface that is liked best, -1 where there is none."""
    order = {name: place for place, name in enumerate(HOSTS)}
    having = [host for host in hosts if host["default_output_device"] >= 0]
    having.sort(key=lambda host: order.get(host["name"], len(HOSTS)))
    return int(having[0]["default_output_device"]) if having else -1


__all__ = ["SoundDevice", "listed", "pick"]
