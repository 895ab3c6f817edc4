"""A window on this computer, and its loudspeaker: a session without a browser."""

from __future__ import annotations

import subprocess
import sys
import threading
from importlib.util import find_spec

from livetalk.devices.portaudio import prove_sound
from livetalk.errors import OutputError
from livetalk.protocols import MediaSource, OutputOptions
from livetalk.transports.local import wire
from livetalk.transports.local.show import Show
from livetalk.transports.local.speaker import Speaker
from livetalk.transports.local.target import parse
from livetalk.types import Picture

NO_TK = (
    "a window needs tkinter, which this Python was built without: on Debian and Ubuntu "
    "apt install python3-tk, on macOS brew install python-tk, on Windows tick tcl/tk in Python's installer"
)

OPEN_LIMIT_S = 20.0
"""a display that does not answer for so long is none"""
WORKER = "livetalk.transports.local.window_worker"


class PreviewOutput(Show):
    """`preview`, with the default sound device, `preview?sound=NAME` or `preview?sound=none`.

    The output ends when its window is closed.
    """

    def __init__(self, target: str, options: OutputOptions) -> None:
        wanted = parse(target, "sound")
        if wanted.name is not None:
            raise OutputError(f"{target!r}: a preview has no name; its sound is chosen by preview?sound=NAME")
        self._device = wanted.sound
        super().__init__(lambda _: Window(), None if wanted.sound == "" else Speaker(wanted.sound))

    def start(self, source: MediaSource) -> None:
        """Begin.

        Raises:
            OutputError: no window can be shown here, or there is no such sound device; says what to do.
        """
        if find_spec("tkinter") is None or find_spec("_tkinter") is None:
            raise OutputError(NO_TK)
        if self._device != "":
            prove_sound(self._device)
        self.use(Window())
        super().start(source)


class Window:
    """A window in a process of its own: Tk wants the first thread of one."""

    def __init__(self) -> None:
        """Open it.

        Raises:
            OutputError: there is nowhere to show it.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._pictures = self._process.stdin
        limit = threading.Timer(OPEN_LIMIT_S, self._process.kill)
        limit.start()
        answer = self._process.stdout.readline().decode(errors="replace").strip()
        limit.cancel()
        self._process.stdout.close()
        if answer != wire.READY:
            self.close()
            raise OutputError(f"no window can be shown: {answer or 'its process ended'}")

    def show(self, picture: Picture) -> bool:
        """Show it now; False where the window was closed."""
        try:
            self._write(wire.packed(picture))
        except (OSError, ValueError):  # its process ended; or we closed the pipe
            return False
        return True

    def close(self) -> None:
        """Close it."""
        self.interrupt()
        self._process.wait()
        self._pictures.close()

    def interrupt(self) -> None:
        """End its process; who writes to it is told."""
        self._process.kill()

    def _write(self, part: bytes) -> None:
        left = memoryview(part)
        while left:
            left = left[self._pictures.write(left) or 0 :]


__all__ = ["PreviewOutput"]
