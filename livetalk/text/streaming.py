"""A text that is still being written, cut into pieces to be spoken as soon as each is certain."""

from __future__ import annotations

import unicodedata

from livetalk.text.cutting import first_clause, settled_pieces
from livetalk.text.markup import Markup


class SpokenText:
    """A text that is still being written, as sentences to be spoken.

    For what a language model answers, token by token: layout is taken off (`Markup`), code blocks are left
    out, and a line's end always ends a piece. However the text is divided into tokens, the pieces are the
    same: those that `cut` makes of each clean line, but that the first may end at a clause (`first_clause`).

    A piece is handed out with the first letter or digit that follows it, since a quote may still close behind
    the mark, a second mark may come, a full stop may turn out to be an abbreviation's. At a line's end it is
    handed out at once, nothing behind it counts. So the last piece may leave with `feed`, and `flush` may
    return nothing: speech never waits for the end of a text only to know that it was the end.
    """

    def __init__(self, limit: int = 240, *, early: bool = True) -> None:
        """Make one; `early` lets the first piece end at a clause."""
        self._limit = limit
        self._early = early
        self._begin()

    def feed(self, token: str) -> list[str]:
        """Take what was written next; return the pieces that are certain now, each with something to say."""
        return self._take(self._markup.feed(token), final=False)

    def flush(self) -> list[str]:
        """The text ends here: return what is left of it. What is fed then is another text."""
        pieces = self._take(self._markup.flush(), final=True)
        self._begin()
        return pieces

    def _begin(self) -> None:
        self._markup = Markup(chat=True)
        self._line = ""
        """what is not handed out of the line that is being written"""
        self._silent = self._early
        """whether the first piece is still to come, and may be a clause"""

    def _take(self, written: str, *, final: bool) -> list[str]:
        *lines, rest = written.split("\n")
        pieces: list[str] = []
        for line in lines:
            pieces += self._cut(line, final=True)
        return pieces + self._cut(rest, final=final)

    def _cut(self, written: str, *, final: bool) -> list[str]:
        """Add to the line; its accents are composed here, since they may come apart from their letters."""
        if not written and not final:
            return []
        self._line = unicodedata.normalize("NFC", self._line + written)
        pieces: list[str] = []
        if self._silent:
            clause = first_clause(self._line, self._limit, final=final)
            if clause:
                pieces.append(self._line[:clause].strip())
                self._line = self._line[clause:]
                self._silent = False
        found = list(settled_pieces(self._line, self._limit, final=final))
        end = found[-1][1] if found else 0
        self._line = "" if final else self._line[end:]
        self._silent = self._silent and not found
        return pieces + [piece.text for piece, _ in found]


__all__ = ["SpokenText"]
