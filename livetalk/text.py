"""Text made fit to be spoken: cleaned of what nobody says, and cut into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from livetalk.language import language

_PICTOGRAPHS = (
    "\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\ue000-\uf8ff\ufe0e\ufe0f\u20e3"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff\U000e0000-\U000e007f\U000f0000-\U0010ffff"
)
_PICTOGRAPH = re.compile(rf"[ \t]*(?:[{_PICTOGRAPHS}]\u200d?[ \t]*)+(?P<mark>[.,!?;:…]?)")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*(?:[ \t]+\"[^\"\n]*\")?\)")
_URL = re.compile(
    r"<?(?<![A-Za-z0-9])(?:https?|ftp)://(?:[!-.0-~]*@)?(?:www\.)?(?P<host>[A-Za-z0-9.-]*[A-Za-z0-9])(?::\d+)?(?:[/?#](?:[!-~]*[A-Za-z0-9/=&#%+-])?)?>?"
)
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|(?:[-*_=][ \t]*){3,}$)", re.MULTILINE)
_PRODUCT = re.compile(r"(?<=\d)[ \t]*\*[ \t]*(?=\d)")
_SPAN_MARK = re.compile(r"\*+|`+|~~|(?<!\w)#(?=\w)|(?<!\w)_+|_+(?!\w)")
_JOINER = re.compile(r"(?<![\u0600-\uffff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\uffff])")

_SENTENCE_END = re.compile(r"[.!?…؟۔।॥።။។。！？；｡]+[\"'”’»)\]}」』）】》〉]*|\n")
_WIDE_ENDS = "।॥።။។。！？；｡"
_CLAUSE_END = re.compile(r"[,;:](?=\s)|[、，：،؛]|—|–(?=\s)")
_SPEAKABLE = re.compile(r"[^\W_]")
_BLANK = re.compile(r"\s*")
_BLANKS = re.compile(r"[^\S\n]+")
_ABBREVIATIONS = (
    "mr mrs ms dr prof st sen rep gen col sgt capt lt rev hon vs no nos fig vol pp eq sec cf ca approx resp "
    "e.g i.e z.b d.h u.a bzw nr hr fr mme mlle sr sra srta ud uds dott sig sig.ra ing m.in ul np tzn"
)
_NO_END = frozenset(_ABBREVIATIONS.split())
"""abbreviations that a name, a number or an example follows"""


def clean(text: str) -> str:
    """What is to be said of a text: no marks of layout, no pictographs, addresses as bare host names.

    White space becomes one blank, or one newline where there was one. Characters stay in logical order,
    whichever way the script runs. Takes any string, even broken Unicode.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _BLANKS.sub(" ", text)  # first, since runs of blanks make the other patterns slow
    text = _FENCE.sub("", text)
    text = _URL.sub(lambda url: url["host"], _LINK.sub(r"\1", text))
    text = _PICTOGRAPH.sub(lambda found: found["mark"] or " ", text)
    text = _LINE_MARK.sub("", text.replace("|", " "))
    text = _SPAN_MARK.sub("", _PRODUCT.sub(" × ", text)).replace("_", " ")
    text = _JOINER.sub("", "".join(filter(_is_text, text)))
    return re.sub(r" ?\n[ \n]*", "\n", _BLANKS.sub(" ", text)).strip()


def _is_text(character: str) -> bool:
    """Whether it is more than a control code; joiners shape the letters of some scripts."""
    return (
        character.isspace()
        or character in "\u200c\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that is spoken in one go."""

    text: str
    """without white space around it"""
    offset: int
    """index of its first character in the whole text"""


def cut(text: str, limit: int = 240, *, first_limit: int | None = None) -> list[Piece]:
    """Cut a text at the ends of its sentences, and further where a piece would pass `limit` characters.

    A long sentence ends at a clause mark, else at white space, else anywhere but inside a combined character.
    With `first_limit`, a first sentence longer than that ends at a clause mark before it, if there is one, so
    that speech starts early.

    Put together, the pieces have every character of the text but white space. A stretch with no letter or
    digit (a rule, a lone smiley) belongs to the piece before it, at the start to the one after; where it
    would pass the limit, and where the whole text is like that, it is dropped.
    """
    return [piece for piece, _ in _pieces(text, limit, first_limit, final=True)]


class SentenceCutter:
    """Cuts a text that is still being written, as `cut` would cut the whole."""

    def __init__(self, limit: int = 240, *, first_limit: int | None = None) -> None:
        self._limit = limit
        self._first_limit = first_limit
        self._text = ""

    def feed(self, token: str) -> list[str]:
        """Take what was written next; return the pieces that it completes."""
        self._text += token
        return self._take(final=False)

    def flush(self) -> list[str]:
        """The text ends here: return what is left of it."""
        pieces = self._take(final=True)
        self._text = ""
        return pieces

    def _take(self, *, final: bool) -> list[str]:
        found = list(_pieces(self._text, self._limit, self._first_limit, final=final))
        if found:
            self._first_limit = None
            self._text = self._text[found[-1][1] :]
        return [piece.text for piece, _ in found]


class SpokenText:
    """A text that is still being written, as sentences to be spoken."""

    def __init__(self, limit: int = 240) -> None:
        self._cutter = SentenceCutter(limit, first_limit=40)

    def feed(self, token: str) -> list[str]:
        """Take what was written next."""
        return [said for piece in self._cutter.feed(token) if (said := clean(piece))]

    def flush(self) -> list[str]:
        """The text ends here."""
        return [said for piece in self._cutter.flush() if (said := clean(piece))]


def _pieces(text: str, limit: int, first_limit: int | None, *, final: bool) -> Iterator[tuple[Piece, int]]:
    """The pieces that no text to come can change, each with the index where it ends.

    Up to its last letter or digit, an unfinished text is settled: every mark before has its next word.
    """
    if not final:
        text = text[: max((match.end() for match in _SPEAKABLE.finditer(text)), default=0)]
    start = 0
    while start < len(text):
        start += len(_blank(text, start))
        end = _piece_end(text, start, limit, first_limit)
        if end is None:
            if not final:
                return
            end = len(text)
        piece = text[start:end].rstrip()
        if _SPEAKABLE.search(piece):
            first_limit = None
            yield Piece(piece, start), end
        start = end


def _piece_end(text: str, start: int, limit: int, first_limit: int | None) -> int | None:
    """Where the piece that begins at `start` ends; None: with the text, as far as it is written."""
    end = None
    for sentence_end in _sentence_ends(text, start, start + limit):
        if end is not None and _SPEAKABLE.search(text, end, sentence_end):
            break
        end = sentence_end
    if first_limit is not None and (end or len(text)) - start > first_limit:
        most = min(first_limit, limit)
        clauses = [found.end() for found in _CLAUSE_END.finditer(text, start, start + most)]
        if clauses and _SPEAKABLE.search(text, start, clauses[-1]):
            return clauses[-1]
    too_long = len(text) - start > limit
    if end is not None and (too_long or _SPEAKABLE.search(text, end)):
        return end
    return _break(text, start, start + limit) if too_long else None


def _sentence_ends(text: str, start: int, latest: int) -> Iterator[int]:
    """Behind each mark that ends a sentence, the quotes it closes included."""
    spoken = _SPEAKABLE.search(text, start, latest)
    if spoken:
        for found in _SENTENCE_END.finditer(text, spoken.end(), latest + 1):
            if found.end() <= latest and _ends_sentence(text, spoken.start(), found):
                yield found.end()


def _ends_sentence(text: str, start: int, found: re.Match[str]) -> bool:
    marks = found[0]
    blank = _blank(text, found.end())
    next_at = found.end() + len(blank)
    following = text[next_at : next_at + 1]
    if marks == "\n" or "\n" in blank or not following or marks[0] in _WIDE_ENDS:
        return True
    if not blank:
        return "." not in marks and unicodedata.east_asian_width(following) in "WF"
    if following.islower():
        return marks.strip("!?؟۔") == ""
    return marks != "." or not _awaits_more(text[start : found.start()])


def _awaits_more(written: str) -> bool:
    """Whether a full stop stands behind an abbreviation, an initial, or the number of a list's item."""
    word = written.split()[-1].lstrip("\"'“‘(«")
    initial = len(word) == 1 and word.isupper() and word != "I"
    dotted = "." in word and all(part.isalpha() and len(part) < 3 for part in word.split("."))
    return initial or dotted or word.lower() in _NO_END or (written.isdigit() and len(written) < 3)


def _break(text: str, start: int, latest: int) -> int:
    """Where to cut a sentence that is too long, no later than `latest`."""
    clauses = [found.end() for found in _CLAUSE_END.finditer(text, start, latest)]
    if clauses:
        return clauses[-1]
    blanks = [at for at in range(latest, start, -1) if text[at].isspace()]
    if blanks:
        return blanks[0]
    end = latest
    while end > start and (text[end - 1] == "\u200d" or _continues(text[end])):
        end -= 1
    return end if end > start else latest


def _blank(text: str, start: int) -> str:
    """The white space there."""
    found = _BLANK.match(text, start)
    return found[0] if found else ""


def _continues(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return (
        unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf", "Cs"}
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


__all__ = ["Piece", "SentenceCutter", "SpokenText", "clean", "cut", "language"]
