"""Sound played by PortAudio: a device has a thread of its own, which asks for block after block."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from livetalk.devices import advice
from livetalk.devices.sound import SoundDevice, listed, pick
from livetalk.errors import OutputError
from livetalk.types import Float32Array

BUFFER_S = 0.1
"""that a device holds ready: enough for a thread that waits for the interpreter"""
USUAL_RATE = 48_000
UNLIKELY_S = 5.0
"""a time further off than this is no time"""


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
        OutputError: the package or its library is missing, or does not work; says what to do.
    """
    return _PORTAUDIO.devices()


class _PortAudio:
    """The library as one process has it; it looks for devices anew only while it plays to none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._playing = 0
        self._kept: set[str] = set()
        """libraries that stay loaded"""

    def devices(self) -> list[SoundDevice]:
        """Those that are there now, or were when the first stream was opened."""
        with self._lock:
            return self._listed(_package())

    def open(self, name: str | None, fill: Fill, ended: Callable[[], object]) -> SoundStream:
        """Begin to play; see `open_sound`."""
        with self._lock:
            library = _package()
            device = pick(self._listed(library), name)
            try:
                stream = _Stream(library, device, fill, ended, self._closed)
            except library.PortAudioError as error:
                raise OutputError(f"cannot play to {device.name!r}: {error}") from error
            self._playing += 1
        return stream

    def _listed(self, library: Any) -> list[SoundDevice]:
        """What the library tells; where nothing plays it begins anew, also if it could not the last time."""
        try:
            if not self._playing:
                if library._initialized:
                    self._keep_libraries()
                    library._terminate()
                library._initialize()
            return listed(library)
        except library.PortAudioError as error:
            raise OutputError(f"PortAudio does not tell which sound devices there are: {error}") from error

    def _keep_libraries(self) -> None:
        """Have those stay that PortAudio loaded.

        It lets go of ALSA's and PulseAudio's when it ends, some seventy. Loading them again holds up all
        threads, and for long where they must come from the disk.
        """
        maps = Path("/proc/self/maps")
        if sys.platform != "linux" or not maps.exists():  # some containers have no /proc
            return
        mapped = (line.split(maxsplit=5) for line in maps.read_text().splitlines())
        paths = {fields[5] for fields in mapped if len(fields) > 5 and ".so" in fields[5]}
        for path in paths - self._kept:
            with contextlib.suppress(OSError):  # a file that is mapped, and no library
                ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_NODELETE | os.RTLD_LAZY)
        self._kept |= paths

    def _closed(self) -> None:
        with self._lock:
            self._playing -= 1


class _Stream:
    """A stream of PortAudio's."""

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


def _package() -> Any:
    try:
        return importlib.import_module("sounddevice")
    except ImportError as error:
        raise OutputError(f"sound needs sounddevice: {advice.PACKAGES}") from error
    except OSError as error:
        raise OutputError(f"sounddevice finds no PortAudio; {advice.for_portaudio()}") from error


_PORTAUDIO = _PortAudio()

__all__ = [
    "BUFFER_S",
    "Asked",
    "Fill",
    "SoundStream",
    "found_sound",
    "open_sound",
    "prove_sound",
]
