"""Clean text cut into pieces to be spoken, each a sentence where that can be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"[.!?…؟۔।॥።။។。！？；｡]+[\"'”’»)\]}」』）】》〉]*(?:[“«](?=\s))?|\n")
_WIDE_ENDS = "।॥።။។。！？；｡"
_CLAUSE_END = re.compile(r"[,;:][\"'”’»)\]}]*(?=\s)|[、，；：،؛]+[」』）】》〉”’]*|—|–(?=\s)")
_SPEAKABLE = re.compile(r"[^\W_]")
_SETTLED = re.compile(r".*[^\W_]", re.DOTALL)
_LETTER_AND_STOP = re.compile(r"(?<!\w)[^\W\d_]\.\Z")
_BLANK = re.compile(r"\s*")
_ABBREVIATIONS = (
    "mr mrs ms dr prof st sen rep gen col sgt capt lt rev hon vs cf ca al mt ft gov pres approx resp inc ltd "
    "co corp e.g i.e z.b d.h u.a z d u v bzw bspw evtl ggf inkl sog vgl mio mrd hr fr av mme mlle sr sra "
    "srta ud uds ee dott sig sig.ra ing m.in ul np tzn डॉ"
)
_COUNTED = "no nos nr fig vol p pp eq sec art abs abb jan feb aug sept oct nov dec"
_ARTICLES = (
    "am im vom zum zur beim ab bis seit der die das dem den des montag dienstag mittwoch donnerstag freitag "
    "samstag sonntag"
)
_BEFORE_NAMES = frozenset(_ABBREVIATIONS.split())
"""abbreviations that a name or an example follows; z, d, u and v begin German ones such as "z. B." """
_BEFORE_NUMBERS = frozenset(_COUNTED.split())
"""words that are abbreviations if a number follows"""
_BEFORE_ORDINALS = frozenset(_ARTICLES.split())
"""German words that make the number behind them an ordinal, whose full stop ends nothing: "am 3. Oktober" """
_QUOTES = {
    **dict(zip("([{（「『《〈【“«»”‘", ")]}）」』》〉】”»«”’", strict=True)),
    "„": "“”",
    '"': '"',
}
"""what closes a bracket or a quotation"""
_WIDE_WEIGHT = 3
"""letters that a wide character, such as a Chinese one, counts for"""
_WORTH_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that is spoken in one go."""

    text: str
    """without white space around it"""
    offset: int
    """index of its first character in the whole text"""


def cut(text: str, limit: int = 240) -> list[Piece]:
    """Cut a text at the ends of its sentences, and further where a piece would pass `limit` characters.

    A long sentence ends at a clause mark, else at white space, else anywhere but inside a combined character.

    Put together, the pieces have every character of the text but white space. A stretch with no letter or
    digit (a rule, a lone smiley) belongs to the piece before it, at the start to the one after; where it
    would pass the limit, and where the whole text is like that, it is dropped.
    """
    return [piece for piece, _ in settled_pieces(text, limit, final=True)]


def settled_pieces(text: str, limit: int, *, final: bool) -> Iterator[tuple[Piece, int]]:
    """The pieces that no text to come can change, each with the index where it ends.

    Up to its last letter or digit, an unfinished text is settled: every mark before has its next word.
    """
    if not final:
        text = _settled(text)
    start = 0
    while start < len(text):
        start += len(_blank(text, start))
        end = _piece_end(text, start, limit)
        if end is None:
            if not final:
                return
            end = len(text)
        piece = text[start:end].rstrip()
        if _SPEAKABLE.search(piece):
            yield Piece(piece, start), end
        start = end


def first_clause(text: str, limit: int, *, final: bool) -> int | None:
    """Where the first clause of a reply ends, if it may be spoken before the sentence is complete.

    That is the earliest clause mark with something worth speaking before it and a word behind it, and before
    the first sentence ends. Not inside quotes or brackets, not behind an abbreviation, not between numbers.
    Worth speaking are two words, or eight letters, or three wide characters, which say as much: a lone
    "Well," or "Yes," lasts a third of a second, less than most voices take to begin the next piece, and the
    hole behind it would be heard; so it goes with what follows, up to the next mark.
    """
    if not final:
        text = _settled(text)
    sentence = next(_sentence_ends(text, 0, limit), limit + 1)
    for found in _CLAUSE_END.finditer(text, 0, sentence):
        following = _SPEAKABLE.search(text, found.end())
        if following and found.end() <= limit and _may_pause(text, found, following[0]):
            return found.end()
    return None


def _may_pause(text: str, mark: re.Match[str], following: str) -> bool:
    before = text[: mark.start()].rstrip()
    if not before or before[-1] == "." or (before[-1].isdigit() and following.isdigit()):
        return False
    words = [word for word in before.split() if any(map(str.isalpha, word))]
    letters = sum(
        _WIDE_WEIGHT if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in before
        if letter.isalpha()
    )
    return (len(words) > 1 or letters >= _WORTH_LETTERS) and not _is_open(text[: mark.end()])


def _is_open(written: str) -> bool:
    """Whether a bracket or a quotation waits to be closed."""
    closing: list[str] = []
    for character in written:
        if closing and character in closing[-1]:
            closing.pop()
        elif character in _QUOTES:
            closing.append(_QUOTES[character])
    return bool(closing)


def _settled(text: str) -> str:
    """The part of a text that is still being written that nothing to come can change."""
    found = _SETTLED.match(text)
    return found[0] if found else ""


def _piece_end(text: str, start: int, limit: int) -> int | None:
    """Where the piece that begins at `start` ends; None: with the text, as far as it is written."""
    *_, end = None, *_sentence_ends(text, start, start + limit)
    too_long = len(text) - start > limit
    if end is not None and (too_long or _SPEAKABLE.search(text, end)):
        return end
    return _break(text, start, start + limit) if too_long else None


def _sentence_ends(text: str, start: int, latest: int) -> Iterator[int]:
    """Behind each mark that ends the first sentence, the quotes it closes included; none is said between."""
    spoken = _SPEAKABLE.search(text, start, latest)
    if spoken:
        end = None
        for found in _SENTENCE_END.finditer(text, spoken.end(), latest + 1):
            if end is not None and _SPEAKABLE.search(text, end, found.start()):
                return
            if found.end() <= latest and _ends_sentence(text, spoken.start(), found):
                end = found.end()
                yield end


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
    return marks != "." or not _awaits_more(text[start : found.start()], following)


def _awaits_more(written: str, following: str) -> bool:
    """Whether a full stop stands behind an abbreviation, an initial, or the number of a list's item."""
    *earlier, word = written.split()
    word = word.lstrip("\"'“‘(«")
    initial = len(word) == 1 and word.isupper() and word != "I"
    spaced = len(word) == 1 and word.isalpha() and bool(_LETTER_AND_STOP.search(" ".join(earlier[-1:])))
    dotted = "." in word and all(part.isalpha() and len(part) < 3 for part in word.split("."))
    if word.isdigit() and len(word) < 3:
        return not earlier or earlier[-1].rstrip(",").lower() in _BEFORE_ORDINALS
    if word.lower() in _BEFORE_NUMBERS:
        return following.isdigit()
    return initial or dotted or spaced or word.lower() in _BEFORE_NAMES


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


__all__ = ["Piece", "cut", "first_clause", "settled_pieces"]
