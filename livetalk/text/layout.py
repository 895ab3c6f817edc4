"""What each mark of layout does to the text that is said."""

from __future__ import annotations

import html
import re

from livetalk.text import latex, marks
from livetalk.text.passing import CodeBlock, Hidden, Passage, Path
from livetalk.text.plain import Plain

_TARGET_END = re.compile(r"\)|(?=\s)")
_LINE_END = re.compile(r"(?=[\n\r])")
_COMMENT_END = re.compile(r"-->")
_MARKS = "*_`~#|"


class Layout:
    """Where in the layout the text stands, and what its marks do; each method takes the mark found."""

    def __init__(self, *, chat: bool) -> None:
        self.plain = Plain()
        self.passage: Passage | None = None
        """what is being passed over"""
        self.line_start = True
        """whether nothing but marks stands before on the line"""
        self._chat = chat
        self.code = False
        """whether code is open within the line"""
        self.formula = ""
        """the sign that opened the formula"""
        self._row = self._link = False

    def drop(self, _found: re.Match[str]) -> None:
        """The mark says nothing."""

    def keep_line_start(self, _found: re.Match[str]) -> None:
        """Another mark of a line's start may follow."""
        self.line_start = True

    def blank(self, _found: re.Match[str]) -> None:
        """White space stands for it."""
        self.plain.blank()

    def soft_blank(self, _found: re.Match[str]) -> None:
        """Words do not grow together over it."""
        self.plain.soft_blank()

    def comma(self, _found: re.Match[str]) -> None:
        """A short pause stands for it."""
        self.plain.comma()

    def picture(self, _found: re.Match[str]) -> None:
        """It is there for the eye."""
        self.plain.picture()

    def end_line(self, found: re.Match[str]) -> None:
        """The line ends, and what may not reach over its end, or over an empty line."""
        self.plain.newline()
        if self.formula in ("$", "(") or _before(found) in "\r\n":
            self.formula = ""
        self._row = self.code = self._link = False
        self.line_start = True

    def product(self, _found: re.Match[str]) -> None:
        """Numbers multiplied."""
        self.plain.write(" × ")

    def power(self, _found: re.Match[str]) -> None:
        """A number raised."""
        self.plain.write("^")

    def raised(self, found: re.Match[str]) -> None:
        """Squares, cubes and degrees."""
        self.plain.write({"2": "²", "3": "³"}.get(found[0].strip("^{}"), "°"))

    def open_row(self, _found: re.Match[str]) -> None:
        """A row of a table begins."""
        self._row = True

    def bar(self, _found: re.Match[str]) -> None:
        """Between cells, or between other things."""
        if self._row and self._chat:
            self.plain.comma()
        else:
            self.plain.blank()

    def ticks(self, found: re.Match[str]) -> None:
        """Code within a line begins, or ends."""
        before = _before(found)
        self.code = not self.code and not (before.isascii() and before.isalnum())

    def fence(self, found: re.Match[str]) -> None:
        """A block of code begins."""
        if self._chat:
            self.plain.newline()
            self.passage = CodeBlock(found["fence"])

    def open_link(self, _found: re.Match[str]) -> None:
        """The text of a link begins."""
        self._link = True
        self.plain.soft_blank()

    def footnote(self, _found: re.Match[str]) -> None:
        """A footnote's number, up to its bracket."""
        self._link = True
        self.plain.picture()

    def close_link(self, found: re.Match[str]) -> None:
        """The text of a link ends, or a bracket."""
        if not self._link and found[0] == "]":
            self.plain.write("]")
        self._link = False

    def long_target(self, _found: re.Match[str]) -> None:
        """Where a link leads, at length."""
        self._link = False
        self.passage = Hidden(_TARGET_END)

    def definition(self, _found: re.Match[str]) -> None:
        """A line that says where a link leads."""
        self.passage = Hidden(_LINE_END)

    def comment(self, _found: re.Match[str]) -> None:
        """What only the author reads."""
        self.passage = Hidden(_COMMENT_END)

    def tag(self, found: re.Match[str]) -> None:
        """An element of HTML begins or ends."""
        name = found["name"].lower()
        if name in marks.BLOCK_TAGS or name in marks.HIDDEN_TAGS:
            self.end_line(found)
        elif name in marks.CELL_TAGS:
            self.plain.comma()
        if name in marks.HIDDEN_TAGS and self._chat and not found[0].startswith("</"):
            self.passage = Hidden(re.compile(f"(?i:</{name}>)"))

    def placeholder(self, found: re.Match[str]) -> None:
        """A name in angle brackets."""
        self.plain.blank()
        self.plain.write(found["name"].rstrip("/"))
        self.plain.picture()

    def entity(self, found: re.Match[str]) -> None:
        """A character by its name or number."""
        self.plain.write(html.unescape(found[0]))

    def price(self, _found: re.Match[str]) -> None:
        """A price."""
        self.plain.write("$")

    def open_formula(self, found: re.Match[str]) -> None:
        r"""A formula begins: `$`, `$$`, `\(` or `\[`."""
        self.formula = found[0].lstrip("\\")

    def open_environment(self, _found: re.Match[str]) -> None:
        """A formula of several lines."""
        self.formula = "["

    def new_price(self, found: re.Match[str]) -> None:
        """A price where a formula seemed to be open."""
        self.close_formula(found)
        self.price(found)

    def close_formula(self, _found: re.Match[str]) -> None:
        """It ends."""
        self.formula = ""

    def escape(self, found: re.Match[str]) -> None:
        """A sign that is meant as it stands; of those of layout none is said."""
        if found["sign"] not in _MARKS:
            self.plain.write(found["sign"])

    def command(self, found: re.Match[str]) -> None:
        """A command in a formula."""
        self.plain.write(latex.said(found["name"]))

    def over(self, _found: re.Match[str]) -> None:
        """Between the parts of a fraction."""
        self.plain.write("/")

    def address(self, found: re.Match[str]) -> None:
        """Of an address only the host is said."""
        self.plain.write(found["host"])
        if found.string[found.end() : found.end() + 1] in ("/", "?", "#", ">"):
            self.passage = Path()


def _before(found: re.Match[str]) -> str:
    """The character before a mark; none at the start of the text."""
    return found.string[max(0, found.start() - 1) : found.start()]


__all__ = ["Layout"]
