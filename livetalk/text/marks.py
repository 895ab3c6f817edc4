r"""How the marks of layout look: Markdown (CommonMark, GitHub's tables and tasks), HTML, LaTeX, addresses.

Each has two patterns, since it may arrive in parts: `whole` is the mark, `begun` is a text that ends before
one can tell. A pattern may look two characters back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BULLETS = r"[-*+•‣◦▪]"
_BLOCKS = "br hr p div li ul ol tr table thead tbody h1 h2 h3 h4 h5 h6 blockquote pre details summary section"
_CELLS = "td th"
_HIDDEN = "think thinking reasoning script style"
_SPANS = (
    "a abbr b bdi bdo big center cite code dd del dfn dl dt em figcaption figure font footer header i img "
    "ins kbd mark nav q rp rt ruby s samp small span strike strong sub sup time tt u var wbr"
)
BLOCK_TAGS = frozenset(_BLOCKS.split())
CELL_TAGS = frozenset(_CELLS.split())
HIDDEN_TAGS = frozenset(_HIDDEN.split())
"""elements whose content is not said: scripts, and what a reasoning model thinks before it answers"""
_TAGS = "|".join(f"{_BLOCKS} {_CELLS} {_HIDDEN} {_SPANS}".split())
_VALUE_BEGUN = r"=\s*+(?:\"[^\"<>]*+\"?|'[^'<>]*+'?|[^\s\"'<>=]*+)"
_VALUE = r"=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>=]++)"
_ATTRIBUTES = rf"(?:\s++(?:[\w:.-]++\s*+{_VALUE}|(?:open|hidden|async|defer)\b))*+"
_NAME = r"[A-Za-z][\w .:@+/-]{0,40}"
_PRICE_BEGUN = r"\$(?:\d[\d.,]{0,20}[kKmMbB]?n?)?"
_PRICE = r"\$(?=\d[\d.,]{0,20}(?:[kKmMbB]n?)?(?![\w\\^{$]))"
_TARGET = r"(?:[^\s()]++|\([^\s()]*+\))*+"
_INTO_PATH = r"A-Za-z0-9/=&#%+\-\u00c0-\u024f\u0370-\u05ff\u0620-\u06d3"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of layout."""

    begun: re.Pattern[str]
    """all that is there may still become the mark, or a longer one"""
    whole: re.Pattern[str]


def _mark(begun: str, whole: str) -> Mark:
    return Mark(re.compile(begun), re.compile(whole))


def _at_once(whole: str) -> Mark:
    """A mark that no character behind it can change."""
    return _mark(r"(?!)", whole)


LINE_BREAK = _mark(r"\r", r"\r\n?|\n")
STAR = _at_once(r"\*")
PRODUCT = _mark(r"(?<=\d)\*|(?<=\d )\* ?", r"(?<=\d)\*(?=\d)|(?<=\d )\* (?=\d)")
POWER = _mark(r"(?<=\d)\*\*?", r"(?<=\d)\*\*(?=\d)")
UNDERSCORE = _at_once(r"_")
STRUCK = _mark(r"~", r"~~")
HASH = _at_once(r"(?<!\w)#")
BAR = _at_once(r"\|")
TICKS = _mark(r"`{1,7}", r"`{1,8}")

INDENT = _at_once(r"[ \t]+")
HEADING = _mark(r"#{1,6}", r"#{1,6}(?=[ \t])")
QUOTE = _at_once(r">")
BULLET = _mark(_BULLETS, rf"{_BULLETS}(?=[ \t])")
TASK = _mark(r"\[[ xX]?\]?", r"\[[ xX]\](?=[ \t])")
FOOTNOTE_TEXT = _mark(r"\[(?:\^[^\]\n]{0,40}\]?)?", r"\[\^[^\]\n]{1,40}\]:")
DEFINITION = _mark(
    r"\[[^\]\n]{0,80}(?:\](?::[ \t]{0,8}<?h?t?t?p?s?)?)?", r"\[[^\]\n]{1,80}\]:[ \t]{1,8}<?(?=https?:)"
)
FENCE = _mark(
    r"`{1,7}|`{3,8}[^`\n\r]*|~{1,7}|~{3,8}[^\n\r]*",
    r"(?P<fence>`{3,8}(?=[^`\n\r]*(?:[\n\r]|\Z))|~{3,8})[^\n\r]*",
)
INLINE_FENCE = _mark(
    r"`{1,7}|`{3,8}[ \t]{0,8}[\w+#.-]{0,30}[ \t]{0,8}",
    r"(?P<fence>`{3,8})[ \t]{0,8}[\w+#.-]{0,30}[ \t]{0,8}(?=[\n\r]|\Z)",
)
"""a code block that begins behind other words, as language models write them"""

IMAGE = _mark(r"(?<![^\s\[])!", r"(?<![^\s\[])!(?=\[)")
LINK = _mark(r"\[(?:!|[^\[\]\n]{0,200}\]?)", r"\[(?=!\[|[^\[\]\n]{0,200}\][(\[])")
FOOTNOTE = _mark(r"\[(?:(?:[1-9]\d{0,2})?|\^[^\]\n]{0,40})", r"\[(?:[1-9]\d{0,2}|\^[^\]\n]{1,40})(?=\])")
SOURCE = _mark(r"【[^】\n]{0,60}", r"【[^】†\n]{0,30}†[^】\n]{0,30}】")
TARGET = _mark(
    rf"\](?:\((?:<[^<>\n]*+>?|{_TARGET}(?:\([^\s()]*+)?)(?:[ \t]++(?:\"[^\"\n]*+\"?|'[^'\n]*+'?)?)?[ \t]*)?",
    rf"\]\((?:<[^<>\n]*+>|{_TARGET})(?:[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'))?[ \t]*\)",
)
LOOSE_TARGET = _mark(
    r"\]\((?:[a-z]{0,6}:?|(?:https?:|ftp:|mailto:|/|#)[^()\n]{0,400})",
    r"\]\((?:https?:|ftp:|mailto:|/|#)[^()\n]{0,400}\)",
)
"""no correct one, but nobody would say it"""
LONG_TARGET = _at_once(r"\]\([^\s()]{600}")
LABEL = _mark(r"\](?:\[[^\[\]\n]{0,80})?", r"\]\[[^\[\]\n]{0,80}\]")
CLOSED = _at_once(r"\]")

COMMENT = _mark(r"<(?:!-?)?", r"<!--")
AUTOLINK = _mark(r"(?i:<h?t?t?p?s?:?/?)", r"(?i:<(?=https?://))")
TAG = _mark(
    rf"(?i:</?(?:[A-Za-z][A-Za-z0-9]*+|(?:{_TAGS}){_ATTRIBUTES}(?:\s++(?:[\w:.-]++\s*+(?:{_VALUE_BEGUN})?)?)?/?)?)",
    rf"(?i:</?(?P<name>{_TAGS}){_ATTRIBUTES}\s*+/?>)",
)
CODE_TAG = _mark(rf"</?(?:{_NAME})?", rf"</?(?P<name>{_NAME})>")
PLACEHOLDER = _mark(rf"(?<![\w)])</?(?:{_NAME})?", rf"(?<![\w)])</?(?P<name>{_NAME})>")
"""an element of no known name, or a word to be filled in"""
CONTROL = _mark(r"<(?:\|\w{0,30}\|?)?", r"<\|\w{1,30}\|>")
"""a token that steers a model and slipped into its answer"""
ENTITY = _mark(
    r"&(?:#?|#\d{1,7}|#[xX][0-9a-fA-F]{0,6}|[A-Za-z][A-Za-z0-9]{0,31})",
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});",
)

PRICE = _mark(_PRICE_BEGUN + r"|(?<=\d)\$", _PRICE + r"|(?<=\d)\$(?=[\s.,;:!?)]|\Z)")
NEW_PRICE = _mark(rf"(?<=\s){_PRICE_BEGUN}", rf"(?<=\s){_PRICE}")
"""one that shows that no formula is open"""
DISPLAY = _mark(r"\$", r"\$\$")
DOLLAR = _at_once(r"\$")
FORMULA_OPENED = _mark(r"\\", r"\\[(\[]")
FORMULA_CLOSED = _mark(r"\\", r"\\[)\]]")
ESCAPE = _mark(r"\\", r"\\(?P<sign>[!-/:-@\[-`{-~])")
RAISED = _mark(r"\^\{?(?:[23]?|\\[circ]{0,4})\}?", r"\^(?:\{[23]\}|[23](?![^\W_])|\\circ|\{\\circ\})")
ENVIRONMENT = _mark(r"\\(?:[a-z]{0,5}|(?:begin|end)\{[A-Za-z*]{0,20})", r"\\(?:begin|end)\{[A-Za-z*]{1,20}\}")
COMMAND = _mark(r"\\[A-Za-z]{0,20}", r"\\(?P<name>[A-Za-z]{1,20})")
ROW_END = _mark(r"\\", r"\\\\")
SPACING = _mark(r"\\", r"\\[,;:! ]")
OVER = _mark(r"\}[ \t]?", r"\}[ \t]?\{")
BRACE = _at_once(r"[{}]")
ALIGNED = _at_once(r"&")

ADDRESS = _mark(
    r"(?i:(?<![A-Za-z0-9])(?:h|ht|htt|https?:?/?|f|ft|ftp:?/?|w|ww|www"
    r"|(?:https?|ftp)://[!-.0-~]*|www\.[A-Za-z0-9.-]*))",
    r"(?i:(?<![A-Za-z0-9])(?:(?:https?|ftp)://(?:[A-Za-z0-9_.~%:!$&'*+,;=-]{0,200}@)?(?:www\.)?|www\.)"
    r"(?P<host>[A-Za-z0-9.-]{0,250}[A-Za-z0-9])(?::\d{1,5})?)",
)
ADDRESS_HEAD = r"(?i:(?<![A-Za-z0-9])(?:https?://|ftp://|www\.))"
ADDRESS_HEAD_BEGUN = re.compile(r"(?i:(?<![A-Za-z0-9])(?:h|ht|htt|https?:?/?|f|ft|ftp:?/?|w|ww|www))\Z")
PATH = re.compile(rf"(?:[!$'()*,.:;?@\\^_{{}}~]{{0,30}}+[{_INTO_PATH}])*+")
PATH_TAIL = re.compile(r"[!$'()*,.:;?@\\^_{}~]{0,30}")
