"""NewFile: what a recording is written to; it never replaces another, and no one else may read it."""

from __future__ import annotations

import os
from pathlib import Path

MODE = 0o600
BOX_HEAD = 8
"""bytes of an MP4 box's length and name"""


class NewFile:
    """Takes all that it is given, or raises OSError."""

    failure: OSError | None = None
    """why it took no more; FFmpeg, which calls it, may pass on another error"""

    def __init__(self, path: Path) -> None:
        """Make it.

        Raises:
            OSError: it is there already, or cannot be made.
        """
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
        self._number = os.open(path, flags, MODE)

    def write(self, data: bytes) -> int:
        """Write all of it where the file stands."""
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._number, left) :]
        except OSError as error:
            self.failure = error
            raise
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere in it."""
        return os.lseek(self._number, offset, whence)

    def tell(self) -> int:
        """Where it stands."""
        return self.seek(0, os.SEEK_CUR)

    def append(self, data: bytes) -> None:
        """Write at its end."""
        self.seek(0, os.SEEK_END)
        self.write(data)

    def cut(self) -> None:
        """Take off what stands behind its last whole fragment of an MP4, which players would stumble over."""
        end = self.seek(0, os.SEEK_END)
        at = whole = 0
        while at + BOX_HEAD <= end:
            self.seek(at)
            head = os.read(self._number, BOX_HEAD)
            length = int.from_bytes(head[:4], "big")
            if length < BOX_HEAD or at + length > end:
                break
            at += length
            if head[4:] in (b"moov", b"mdat"):
                whole = at
        os.ftruncate(self._number, whole)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._number)


__all__ = ["NewFile"]
