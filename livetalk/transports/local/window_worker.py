"""The program that shows a window, fed through its pipes: `python -m` this module.

It prints a line, `ready` or what is the matter. It ends when its input does, or when its window is closed.
"""

from __future__ import annotations

import signal
import sys
import tkinter

import cv2

from livetalk.transports.local.wire import READY, pictures
from livetalk.types import Picture

TITLE = "livetalk"


def ppm(picture: Picture) -> bytes:
    """A picture as Tk reads it."""
    rgb = cv2.cvtColor(picture, cv2.COLOR_YUV2RGB_I420)
    return b"P6 %d %d 255\n" % (rgb.shape[1], rgb.shape[0]) + rgb.tobytes()


class Shown:
    """The window."""

    def __init__(self) -> None:
        """Open it.

        Raises:
            tkinter.TclError: there is nowhere to show it.
        """
        self._root = tkinter.Tk(className=TITLE)
        self._root.title(TITLE)
        self._root.resizable(False, False)
        self._root.protocol("WM_DELETE_WINDOW", self._close)
        self._photo = tkinter.PhotoImage(master=self._root)
        tkinter.Label(self._root, image=self._photo, borderwidth=0).pack()
        self._root.update()
        self.closed = False

    def show(self, picture: Picture) -> None:
        """Show it, and do what the window was asked for meanwhile."""
        self._photo.configure(data=ppm(picture), format="PPM")
        self._root.update()

    def _close(self) -> None:
        self.closed = True


def main() -> None:
    """Show what comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that feeds us
    try:
        shown = Shown()
    except tkinter.TclError as error:
        sys.stdout.write(f"{error}\n")
        return
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    for picture in pictures(sys.stdin.buffer):
        shown.show(picture)
        if shown.closed:
            return


if __name__ == "__main__":
    main()
