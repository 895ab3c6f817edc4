"""Texts as people and language models write them, and what they come to."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from livetalk.text import cut

PARTS = (
    'Hello| world|. |! |?|...|…| e.g. |3.14|Mr. |U.S. |"|”|\n| |A|- |---|, |; '
    "|你好|。|！|「|」|，|🙂|👩🏽\u200d🚀|e\u0301|नमस्ते|।|שלום"
)
MARKS = (
    "*~**~_~`~``~```~```py\nx = 1\n```\n~# ~> ~+ ~1. ~[~]~](~](http://a.b/c)~(~)~[1]~[^1]: ~[a]: http://x.y"
    "~http://~https://www.a.com/x?y=z.~www.~h~ht~w~<~>~<br>~<b>~</b>~<think>~</think>~<!--~-->~&amp;~&~;~#~&#~65"
    '~$~$$~$5~5*3~5 * 3~2**3~\\~\\(~\\)~\\begin{a}~\\frac{a}{b}~{~}~^2~^\\circ~!~![~x](y)~<a href="x">~|'
    "~| a | b ~|---|~\r\n~\t~\x00~می\u200cروم~\u1100~\u1161~\u0338~=~/~:~@~【~†~】~—~„~“~か~\u3099~3~<x~im|>"
)
written = st.lists(
    st.one_of(st.sampled_from(PARTS.split("|")), st.text(max_size=6)),
    max_size=25,
).map("".join)
marked = st.lists(
    st.one_of(st.sampled_from(PARTS.split("|")), st.sampled_from(MARKS.split("~")), st.text(max_size=4)),
    max_size=25,
).map("".join)


def tokens(data: st.DataObject, text: str) -> list[str]:
    """A text divided anywhere, or into its characters."""
    places = data.draw(st.one_of(st.just(range(len(text))), st.lists(st.integers(0, len(text)), max_size=30)))
    return [text[start:end] for start, end in pairwise([0, *sorted(places), len(text)])]


def texts(text: str, limit: int = 240) -> list[str]:
    return [piece.text for piece in cut(text, limit)]


def bare(text: str) -> str:
    return "".join(text.split())


def spoken(text: str) -> str:
    return "".join(filter(str.isalnum, text))
