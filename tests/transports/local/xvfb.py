"""A screen of the test's own: Xvfb, what it shows, and a click on a window's close button."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIZE = (400, 300)
HEADER = struct.Struct(">25I")
"""of the XWD file that Xvfb keeps its screen in (X11/XWDFile.h)"""


class Screen:
    """Runs in a folder of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="livetalk-xvfb-")
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(writing), "-fbdir", self._folder.name, "-nolisten", "tcp"),
                *("-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"),
            ],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"

    def picture(self) -> npt.NDArray[np.uint8]:
        """What it shows: (height, width, 3), RGB."""
        content = (Path(self._folder.name) / "Xvfb_screen0").read_bytes()
        header = HEADER.unpack_from(content)
        size, width, height, row, colours = header[0], header[4], header[5], header[12], header[19]
        pixels = np.frombuffer(content, np.uint8, row * height, size + colours * 12)
        return pixels.reshape(height, row // 4, 4)[:, :width, 2::-1]

    def close_window(self, title: str) -> None:
        """Ask a window to close, as a window manager does when its cross is clicked."""
        x11 = ctypes.CDLL(ctypes.util.find_library("X11"))
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = x11.XDefaultRootWindow.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.display.encode()))
        window = _find(x11, display, x11.XDefaultRootWindow(display), title.encode())
        assert window is not None, f"there is no window {title!r}"
        protocols = x11.XInternAtom(display, b"WM_PROTOCOLS", False)
        close = x11.XInternAtom(display, b"WM_DELETE_WINDOW", False)
        event = _ClientMessage(33, 0, 1, display, window, protocols, 32, (close, 0, 0, 0, 0))
        x11.XSendEvent(display, ctypes.c_ulong(window), False, ctypes.c_long(0), ctypes.byref(event))
        x11.XCloseDisplay(display)

    def end(self) -> None:
        """End it, and leave nothing."""
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent, as long as an XEvent is."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("content", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    ]


def _find(x11: ctypes.CDLL, display: ctypes.c_void_p, window: int, title: bytes) -> int | None:
    """The window of a title, at or below another one."""
    name = ctypes.c_char_p()
    if x11.XFetchName(display, ctypes.c_ulong(window), ctypes.byref(name)) and name.value == title:
        return window
    root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
    children = ctypes.POINTER(ctypes.c_ulong)()
    x11.XQueryTree(
        display,
        ctypes.c_ulong(window),
        ctypes.byref(root),
        ctypes.byref(parent),
        ctypes.byref(children),
        ctypes.byref(count),
    )
    for child in children[: count.value]:
        found = _find(x11, display, child, title)
        if found is not None:
            return found
    return None
