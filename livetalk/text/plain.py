"""Characters that are said, put together: white space in order, no pictographs, no control codes."""

from __future__ import annotations

import re
import unicodedata

_PICTOGRAPHS = (
    "\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\ue000-\uf8ff\ufe0e\ufe0f\u20e3"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff\U000e0000-\U000e007f\U000f0000-\U0010ffff"
)
_RUN = re.compile(
    rf"(?P<word>[^\W_{_PICTOGRAPHS}]+)|(?P<blank>\s+)|(?P<pictograph>[{_PICTOGRAPHS}]+)|(?P<other>.)",
    re.DOTALL,
)
_NOT_TEXT = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d"
_MARKS = ".,!?;:…。，、！？；：،؛؟।"
_MOST_MUTE = 64
"""characters that may stand in a row without a letter or digit among them; more of them are dropped"""


class Plain:
    """Text without layout, written bit by bit.

    White space becomes one blank, a line break one newline. A line with no letter or digit is left out, so
    a newline that was handed on always has something to say before and behind it. What comes out does not
    depend on how the text was divided.
    """

    def __init__(self) -> None:
        self._ready: list[str] = []
        self._lead: list[str] = []
        """a line's beginning, while it has no letter or digit"""
        self._said = False
        """whether the line has one"""
        self._last = ""
        self._gap = ""
        self._joiner = ""
        self._soft = False
        self._after_picture = False
        self._mute = 0

    def write(self, text: str) -> None:
        """Characters as they are to be said."""
        for found in _RUN.finditer(text):
            if found.lastgroup == "word":
                self._word(found[0])
            elif found.lastgroup == "blank":
                self.blank()
            elif found.lastgroup == "pictograph":
                self.picture()
            else:
                self._sign(found[0])

    def blank(self) -> None:
        """White space, or what takes its place."""
        self._gap = self._gap or " "
        self._joiner = ""

    def soft_blank(self) -> None:
        """A blank where letters or digits stand on both sides, else nothing."""
        self._soft = True

    def comma(self) -> None:
        """A short pause, if something was said before it and something follows in the line."""
        self._gap = ", "

    def picture(self) -> None:
        """Something that is seen, not said: a mark behind it moves up to the word before."""
        self.blank()
        self._after_picture = True

    def newline(self) -> None:
        """The line ends here."""
        if self._said:
            self._ready.append("\n")
        self._lead.clear()
        self._said = self._soft = self._after_picture = False
        self._last = self._gap = self._joiner = ""
        self._mute = 0

    def take(self) -> str:
        """What was written since the last call."""
        text = "".join(self._ready)
        self._ready.clear()
        return text

    def _word(self, run: str) -> None:
        self._put(run)
        self._mute = 0
        if not self._said:
            self._said = True
            self._ready += self._lead
            self._lead.clear()

    def _sign(self, character: str) -> None:
        if character in _JOINERS:
            self._joiner = character
        elif unicodedata.category(character) not in _NOT_TEXT and self._mute < _MOST_MUTE:
            self._put(character)
            self._mute += 1

    def _put(self, run: str) -> None:
        gap = self._gap_before(run[0])
        between = _shapes_letters(self._last) and _shapes_letters(run[0]) and not gap
        (self._ready if self._said else self._lead).append(gap + (self._joiner if between else "") + run)
        self._last = run[-1]
        self._gap = self._joiner = ""
        self._soft = self._after_picture = False

    def _gap_before(self, character: str) -> str:
        if not self._last or (self._after_picture and character in _MARKS):
            return ""
        if self._gap == ", ":
            return self._gap if self._last.isalnum() or self._last in ")%°" else " "
        if self._soft and not self._gap and _is_spaced(self._last) and _is_spaced(character):
            return " "
        return self._gap


def _is_spaced(character: str) -> bool:
    """Whether it is a letter or digit of a script that sets blanks between words."""
    return character.isalnum() and unicodedata.east_asian_width(character) not in "WF"


def _shapes_letters(character: str) -> bool:
    """Whether a joiner beside it may belong to a script whose letters it shapes."""
    return "\u0600" <= character <= "\uffff"


__all__ = ["Plain"]
