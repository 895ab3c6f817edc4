"""Thoughts: what a reasoning model writes between <think> and </think> is for itself, and not said."""

from __future__ import annotations

OPEN, CLOSE = "<think>", "</think>"


class Aloud:
    """Takes a reply as it is written, and gives what is to be said of it."""

    def __init__(self) -> None:
        self._held = ""
        """an end that may be the beginning of a mark"""
        self._thinking = False
        self._begun = False

    def feed(self, text: str) -> str:
        """What can be said now."""
        said = ""
        rest = self._held + text
        while rest:
            mark = CLOSE if self._thinking else OPEN
            before, found, after = rest.partition(mark)
            if not found:
                held = _overlap(rest, mark)
                said += "" if self._thinking else rest[: len(rest) - held]
                self._held = rest[len(rest) - held :]
                return self._trimmed(said)
            said += "" if self._thinking else before
            self._thinking = not self._thinking
            rest = after
        self._held = ""
        return self._trimmed(said)

    def flush(self) -> str:
        """The reply ends here: what was held back."""
        held, self._held = self._held, ""
        return "" if self._thinking else held

    def _trimmed(self, said: str) -> str:
        """Without the blank lines that stand between the thoughts and the reply."""
        if not self._begun:
            said = said.lstrip()
            self._begun = bool(said)
        return said


def _overlap(text: str, mark: str) -> int:
    """How many characters at the end of the text the mark may begin with."""
    return next(
        (length for length in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:length])), 0
    )


__all__ = ["Aloud"]
