"""Which mark of layout may begin with which character, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable

from livetalk.text import marks
from livetalk.text.layout import Layout
from livetalk.text.marks import Mark

Rules = tuple[tuple[Mark, Callable[[Layout, re.Match[str]], None]], ...]

_AT_LINE_START: Rules = (
    (marks.INDENT, Layout.keep_line_start),
    (marks.FENCE, Layout.fence),
    (marks.HEADING, Layout.keep_line_start),
    (marks.QUOTE, Layout.keep_line_start),
    (marks.BULLET, Layout.keep_line_start),
    (marks.TASK, Layout.keep_line_start),
    (marks.FOOTNOTE_TEXT, Layout.drop),
    (marks.DEFINITION, Layout.definition),
    (marks.BAR, Layout.open_row),
)
_ADDRESS: Rules = ((marks.ADDRESS, Layout.address),)
_ADDRESSES: dict[str, Rules] = dict.fromkeys("hHfFwW", _ADDRESS)
_IN_CODE: dict[str, Rules] = {
    "\n": ((marks.LINE_BREAK, Layout.end_line),),
    "\r": ((marks.LINE_BREAK, Layout.end_line),),
    "*": ((marks.POWER, Layout.power), (marks.PRODUCT, Layout.product), (marks.STAR, Layout.drop)),
    "_": ((marks.UNDERSCORE, Layout.soft_blank),),
    "#": ((marks.HASH, Layout.drop),),
    "|": ((marks.BAR, Layout.bar),),
    "`": ((marks.TICKS, Layout.ticks),),
    "<": ((marks.CODE_TAG, Layout.placeholder),),
    **_ADDRESSES,
}
_IN_FORMULA: dict[str, Rules] = {
    "$": (
        (marks.NEW_PRICE, Layout.new_price),
        (marks.DISPLAY, Layout.close_formula),
        (marks.DOLLAR, Layout.close_formula),
    ),
    "&": ((marks.ALIGNED, Layout.blank),),
    "{": ((marks.BRACE, Layout.drop),),
    "}": ((marks.OVER, Layout.over), (marks.BRACE, Layout.drop)),
    "\\": (
        (marks.ENVIRONMENT, Layout.drop),
        (marks.ROW_END, Layout.comma),
        (marks.SPACING, Layout.blank),
        (marks.COMMAND, Layout.command),
    ),
}
_ANYWHERE: dict[str, Rules] = {
    **_IN_CODE,
    "~": ((marks.STRUCK, Layout.drop),),
    "`": ((marks.INLINE_FENCE, Layout.fence), (marks.TICKS, Layout.ticks)),
    "!": ((marks.IMAGE, Layout.drop),),
    "[": ((marks.FOOTNOTE, Layout.footnote), (marks.LINK, Layout.open_link)),
    "]": (
        (marks.TARGET, Layout.close_link),
        (marks.LOOSE_TARGET, Layout.close_link),
        (marks.LONG_TARGET, Layout.long_target),
        (marks.LABEL, Layout.close_link),
        (marks.CLOSED, Layout.close_link),
    ),
    "【": ((marks.SOURCE, Layout.picture),),
    "<": (
        (marks.COMMENT, Layout.comment),
        (marks.AUTOLINK, Layout.drop),
        (marks.TAG, Layout.tag),
        (marks.CONTROL, Layout.blank),
        (marks.PLACEHOLDER, Layout.placeholder),
    ),
    "&": ((marks.ENTITY, Layout.entity),),
    "$": (
        (marks.PRICE, Layout.price),
        (marks.DISPLAY, Layout.open_formula),
        (marks.DOLLAR, Layout.open_formula),
    ),
    "\\": (
        (marks.FORMULA_OPENED, Layout.open_formula),
        (marks.FORMULA_CLOSED, Layout.close_formula),
        (marks.ENVIRONMENT, Layout.open_environment),
        (marks.ESCAPE, Layout.escape),
    ),
    "^": ((marks.RAISED, Layout.raised),),
}


def rules_for(character: str, layout: Layout) -> Rules:
    """The marks that may begin with a character here; the first that fits is taken."""
    if layout.code:
        return _IN_CODE.get(character, ())
    line = _AT_LINE_START if layout.line_start and not layout.formula else ()
    formula = _IN_FORMULA.get(character, ()) if layout.formula else ()
    return line + formula + _ANYWHERE.get(character, ())


__all__ = ["rules_for"]
