"""Parts of a text passed over while it is written: code blocks, hidden parts, the paths of addresses."""

from __future__ import annotations

import re
from typing import Protocol

from livetalk.text import marks

_LONGEST_END = 12
"""characters of the longest end of a hidden part, `</reasoning>`"""
_LONGEST_TAIL = 30
_CLOSING_BEGUN = re.compile(r"[ \t>]{0,40}(?:`{1,99}|~{1,99})?[ \t]{0,40}")


class Passage(Protocol):
    """A part that is passed over."""

    over: bool
    """whether the text behind what was passed is no part of it any more"""

    def end(self, text: str, at: int, *, final: bool) -> int | None:
        """Up to where it reaches in the text that is there; None: that takes text to come to tell."""


class Hidden:
    """A part up to a pattern of at most twelve characters."""

    def __init__(self, end: re.Pattern[str]) -> None:
        self._end = end
        self.over = False

    def end(self, text: str, at: int, *, final: bool) -> int | None:
        """Behind the pattern, or before what may be its beginning."""
        found = self._end.search(text, at)
        if found:
            self.over = True
            return found.end()
        passed = len(text) if final else len(text) - _LONGEST_END + 1
        return passed if passed > at else None


class CodeBlock:
    """The lines up to one that closes the block: as many of the signs that opened it, or more."""

    def __init__(self, fence: str) -> None:
        self._closing = re.compile(rf"[ \t>]{{0,40}}{fence[0]}{{{len(fence)},99}}[ \t]{{0,40}}(?=[\n\r]|\Z)")
        self._line_start = False
        self.over = False

    def end(self, text: str, at: int, *, final: bool) -> int | None:
        """Behind a line, the last without its end."""
        if self._line_start:
            if not final and _CLOSING_BEGUN.fullmatch(text, at):
                return None
            found = self._closing.match(text, at)
            if found:
                self.over = True
                return found.end()
        line_end = marks.LINE_BREAK.whole.search(text, at)
        self._line_start = line_end is not None
        return line_end.end() if line_end else len(text)


class Path:
    """What follows the host in an address; the marks behind it are the sentence's."""

    def __init__(self) -> None:
        self.over = False

    def end(self, text: str, at: int, *, final: bool) -> int | None:
        """Behind the last character that belongs to it for certain."""
        path = marks.PATH.match(text, at)
        end = path.end() if path else at
        tail = marks.PATH_TAIL.match(text, end)
        tail_end = tail.end() if tail else end
        if tail_end == len(text) and tail_end - end < _LONGEST_TAIL and not final:
            return end if end > at else None
        self.over = True
        return end + (text[end : end + 1] == ">")


__all__ = ["CodeBlock", "Hidden", "Passage", "Path"]
