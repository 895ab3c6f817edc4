"""Scripts: texts to be spoken one after another, a line each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from livetalk.errors import SettingsError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Script:
    """A text file; empty lines, and those that begin with #, are passed over."""

    path: Path
    repeat: bool = False
    """begin again after the last line; the file is read anew each time"""
    pause_s: float = 0.5
    """seconds between lines"""

    def lines(self) -> Iterator[str]:
        """The lines to be said.

        Raises:
            SettingsError: the file cannot be read, or has none, when it is read first.
        """
        lines = self.read()
        yield from lines
        while self.repeat:
            try:
                lines = self.read()
            except SettingsError as error:
                logger.warning("%s; the lines from before are said again", error)
            yield from lines

    def read(self) -> list[str]:
        """Read the file.

        Raises:
            SettingsError: it cannot be, or has no line to say.
        """
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"the script {self.path} cannot be read: {error}") from error
        lines = [line.strip() for line in text.splitlines()]
        wanted = [line for line in lines if line and not line.startswith("#")]
        if not wanted:
            raise SettingsError(f"the script {self.path} has no line to say; write one text a line")
        return wanted


__all__ = ["Script"]
