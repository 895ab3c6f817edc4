"""How far an avatar is, told on a terminal: a bar, and a line for each doubt."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import TextIO

from livetalk.creation.watch import Step
from livetalk.creation.worker import Told

WORDS: dict[Step, str] = {
    "fetch": "fetching what finds faces (36 MB, once)",
    "convert": "reading the pictures",
    "find": "finding the face",
    "cut": "cutting out who is seen",
    "animate": "making the photo live",
    "steady": "steadying the face",
    "loop": "looking for a loop",
    "encode": "writing the body",
    "prepare": "preparing the lips",
}
WIDTH = 24
"""characters of the bar"""
_ERASE = "\r\x1b[K"


class Teller:
    """Writes to a terminal; a context, so that the bar's line is ended whatever happens."""

    def __init__(self, out: TextIO, pictures: Path) -> None:
        """Tell `out`; pictures of doubts are copied into the folder `pictures`."""
        self._out = out
        self._bar = out.isatty()
        self._folder = pictures
        self._pictures: list[str] = []

    def __enter__(self) -> Teller:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def tell(self, told: Told) -> None:
        """Show what the process told."""
        if told.kind == "doubt":
            self._clear()
            shown = f" (see {self._folder / told.picture})" if told.picture else ""
            self._out.write(f"note: {told.text}{shown}\n")
            self._pictures += [told.picture] if told.picture else []
            self._out.flush()
        elif told.step is not None:
            self.show(WORDS[told.step], told.share)

    def show(self, words: str, share: float) -> None:
        """Show how much of something is done."""
        if self._bar:
            filled = round(WIDTH * share)
            bar = "#" * filled + "." * (WIDTH - filled)
            line = f"[{bar}] {words}"
            self._out.write(_ERASE + line[: shutil.get_terminal_size().columns - 1])
            self._out.flush()

    def keep_pictures(self, scratch: Path) -> None:
        """Copy the pictures of doubts to where a maker was told that they are."""
        for name in self._pictures:
            self._folder.mkdir(exist_ok=True)
            shutil.copy(scratch / name, self._folder / name)

    def _clear(self) -> None:
        if self._bar:
            self._out.write(_ERASE)
            self._out.flush()


__all__ = ["WORDS", "Teller"]
