"""Sound devices that can be played to, by PortAudio."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from livetalk.devices import advice
from livetalk.errors import OutputError
from livetalk.types import Float32Array

BUFFER_S = 0.1
"""that a device holds ready: enough for a thread that waits for the interpreter"""
USUAL_RATE = 48_000
UNLIKELY_S = 5.0
"""a time further off than this is no time"""
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A device asks for a block."""

    rate: int
    """Hz"""
    ago_s: float
    """since it did"""
    ahead_s: float
    """from then until the block's first frame is heard, as the device has it"""
    ran_dry: bool = False
    """it had nothing to play before this"""


Fill: TypeAlias = Callable[[Float32Array, Asked], None]
"""called for each block, (frames, channels), to be filled in; on the device's thread"""


class SoundStream(Protocol):
    """A device that plays."""

    @property
    def rate(self) -> int:
        """Hz."""

    def close(self) -> None:
        """End it at once."""


class _PortAudio:
    """The library as one process has it; it looks for devices anew only while it plays to none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._playing = 0

    def devices(self) -> list[SoundDevice]:
        """Those that are there now, or were when the first stream was opened."""
        with self._lock:
            return _listed(self._fresh())

    def open(self, name: str | None, fill: Fill, ended: Callable[[], object]) -> SoundStream:
        """Begin to play; see `open_sound`."""
        with self._lock:
            library = self._fresh()
            device = pick(_listed(library), name)
            try:
                stream = _Stream(library, device, fill, ended, self._closed)
            except library.PortAudioError as error:
                raise OutputError(f"cannot play to {device.name!r}: {error}") from error
            self._playing += 1
        return stream

    def _fresh(self) -> Any:
        library = _package()
        if not self._playing:
            library._terminate()
            library._initialize()
        return library

    def _closed(self) -> None:
        with self._lock:
            self._playing -= 1


class _Stream:
    """A stream of PortAudio's; the device has a thread of its own, which asks for block after block."""

    def __init__(
        self,
        library: Any,
        device: SoundDevice,
        fill: Fill,
        ended: Callable[[], object],
        closed: Callable[[], None],
    ) -> None:
        self.rate = _rate(library, device)
        self._library = library
        self._fill = fill
        self._closed = closed
        self._stream = library.OutputStream(
            device=device.index,
            samplerate=self.rate,
            channels=min(2, device.channels),
            dtype="float32",
            latency=BUFFER_S,
            callback=self._ask,
            finished_callback=ended,
        )
        try:
            self._stream.start()
        except library.PortAudioError:
            self._stream.close()
            raise

    def close(self) -> None:
        """End it at once."""
        try:
            self._stream.close()
        except self._library.PortAudioError as error:
            raise OutputError(f"a sound device cannot be closed: {error}") from error
        finally:
            self._closed()

    def _ask(self, block: Float32Array, frames: int, times: Any, status: Any) -> None:
        ago_s = self._stream.time - times.currentTime
        ahead_s = times.outputBufferDacTime - times.currentTime
        # some of the interfaces below PortAudio leave times out, or take them from another clock
        ago_s = ago_s if 0 <= ago_s < UNLIKELY_S else 0.0
        ahead_s = ahead_s if 0 < ahead_s < UNLIKELY_S else self._stream.latency
        self._fill(block, Asked(self.rate, ago_s, ahead_s, bool(status.output_underflow)))


def _rate(library: Any, device: SoundDevice) -> int:
    """What to open a device at; ALSA says 44100 Hz of those that take any rate, and servers then resample."""
    if device.host != "ALSA":
        return device.rate
    try:
        library.check_output_settings(device=device.index, samplerate=USUAL_RATE)
    except library.PortAudioError:
        return device.rate
    return USUAL_RATE


_PORTAUDIO = _PortAudio()


def open_sound(name: str | None, fill: Fill, ended: Callable[[], object]) -> SoundStream:
    """Begin to play to a device, the default one where none is named.

    `fill` is called on the device's thread, `ended` once, when it is lost or closed.

    Raises:
        OutputError: it is not there, or cannot be played to; says what to do.
    """
    return _PORTAUDIO.open(name, fill, ended)


def prove_sound(name: str | None) -> None:
    """See whether a device is there.

    Raises:
        OutputError: it is not; says what to do.
    """
    pick(found_sound(), name)


def found_sound() -> list[SoundDevice]:
    """The devices that can be played to.

    Raises:
        OutputError: the package or its library is missing; says what to do.
    """
    return _PORTAUDIO.devices()


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


def _listed(library: Any) -> list[SoundDevice]:
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


def _package() -> Any:
    try:
        return importlib.import_module("sounddevice")
    except ImportError as error:
        raise OutputError(f"sound needs sounddevice: {advice.PACKAGES}") from error
    except OSError as error:
        raise OutputError(f"sounddevice finds no PortAudio; {advice.for_portaudio()}") from error


__all__ = [
    "BUFFER_S",
    "Asked",
    "Fill",
    "SoundDevice",
    "SoundStream",
    "found_sound",
    "open_sound",
    "pick",
    "prove_sound",
]
