"""Layout taken off a text while it is written: Markdown, HTML, formulas and addresses become plain text."""

from __future__ import annotations

import re

from livetalk.text import marks
from livetalk.text.layout import Layout
from livetalk.text.rules import rules_for

_LONGEST = 1000
"""characters after which a mark that is not complete is none"""
_CONTEXT = 2
"""read characters kept, for the patterns that look back"""
_SPECIAL = re.compile(rf"[\n\r*_`~#|\[\]<&$\\!【^{{}}]|{marks.ADDRESS_HEAD}")


class Markup:
    """Plain text from a text with layout, as it comes in.

    What comes out does not depend on how the text was divided. With `chat`, for a language model's answer,
    what only the eye can use is left out (code blocks, hidden thoughts), and commas part a table's cells.
    """

    def __init__(self, *, chat: bool = False) -> None:
        self._layout = Layout(chat=chat)
        self._text = ""
        self._at = 0
        """index of the first character that is not read yet"""

    def feed(self, text: str) -> str:
        """Take what was written next; return the plain text that no text to come can change."""
        self._text += text
        return self._read(final=False)

    def flush(self) -> str:
        """The text ends here: return what is left of it."""
        return self._read(final=True)

    def _read(self, *, final: bool) -> str:
        while self._at < len(self._text):
            end = self._step(final=final)
            if end is None:
                break
            self._at = end
        context = max(0, self._at - _CONTEXT)
        self._text = self._text[context:]
        self._at -= context
        return self._layout.plain.take()

    def _step(self, *, final: bool) -> int | None:
        """Read one mark, or the words up to the next; where that ends, None: with text to come."""
        passage = self._layout.passage
        if passage is None:
            return self._read_mark(final=final)
        end = passage.end(self._text, self._at, final=final)
        if passage.over:
            self._layout.passage = None
        return end

    def _read_mark(self, *, final: bool) -> int | None:
        waiting = not final and len(self._text) - self._at < _LONGEST
        for mark, act in rules_for(self._text[self._at], self._layout):
            if waiting and mark.begun.fullmatch(self._text, self._at):
                return None
            found = mark.whole.match(self._text, self._at, self._at + _LONGEST)
            if found:
                self._layout.line_start = False
                act(self._layout, found)
                return found.end()
        self._layout.line_start = False
        end = self._words_end(final=final)
        self._layout.plain.write(self._text[self._at : end])
        return end

    def _words_end(self, *, final: bool) -> int:
        start = self._at + 1
        found = _SPECIAL.search(self._text, start)
        if not found and not final:
            found = marks.ADDRESS_HEAD_BEGUN.search(self._text, max(start, len(self._text) - 8))
        return found.start() if found else len(self._text)


__all__ = ["Markup"]
