import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.text import clean


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Title\n\n**Bold**, _it_, `code` ~~gone~~", "Title\nBold, it, code gone"),
        ("[a link](http://a.b/c) ![alt](x.png)", "a link alt"),
        ("https://www.example.com/path?x=1. Then", "example.com. Then"),
        ("看https://a.com/b。好", "看a.com。好"),
        ("http://user:pw@h.com:80/x, <https://x.org/>", "h.com, x.org"),
        ("```python\nprint(1)\n```\nDone", "print(1)\nDone"),
        ("- a\n* b\n> c\n---\n1. d", "a\nb\nc\n1. d"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"),
        ("snake_case, C#, #tag, 2*3", "snake case, C#, tag, 2 × 3"),
        ("I ❤️ you 👩‍👩‍👧, ok👍🏽! 1️⃣", "I you, ok! 1"),
        ("a\ud83db\x00\x07c\u200bd\ufeff\u00ad", "abcd"),
        ("می‌روم", "می‌روم"),
        ("he\u200dllo", "hello"),
        ("cafe\u0301  \t x\r\n\r\n y", "café x\ny"),
        ("שלום, עולם!", "שלום, עולם!"),
        ("a<br>b<br/>c &amp; d&nbsp;e", "a\nb\nc & d e"),
        ('<p class="x">H<sub>2</sub>O</p><!-- no --><b>yes</b>', "H2O\nyes"),
        ("if a<b and c > d, dear <your name>!", "if a<b and c > d, dear your name!"),
        ("Press `<Enter>` or [Esc], see [1], [^2].", "Press Enter or [Esc], see,."),
        ('[![badge](a.b/c)](d.e) [see][1]\n\n[1]: https://a.b/c "T"', "badge see"),
        ("[wiki](https://a.org/x_(y)) [odd](https://a.b/c d), a](b c)", "wiki odd, a](b c)"),
        ("[data](data:image/png;base64," + "iVBORw0K/" * 500 + ") here", "data here"),
        ("https://a.org/wiki/Köln, www.b.org/x?y", "a.org, b.org"),
        ("`~/x` ~5 ~~~~ ~~no~~", "~/x ~5 no"),
        ("    ~~~\n    x\n    ~~~", "x"),
        ("- [ ] do\n- [x] done\n> - 1. deep", "do\ndone\n1. deep"),
        ("It costs $5, $10M or 5$; $x$, $AAPL is $1.50", "It costs $5, $10M or 5$; x, AAPL is $1.50"),
        (r"\(a \neq \frac{1}{2}\), $x^2_{1}$, $180^\circ$ \*star\* \$3", "a ≠ 1/2, x² 1, 180° star $3"),
        ("2**3 is 8, 2 * 3 is 6, **2** *3*", "2^3 is 8, 2 × 3 is 6, 2 3"),
        (r"C:\Users\me, {name}", r"C:\Users\me, {name}"),
        ("太好了😊，来吧【4:0†source】。【注意】", "太好了，来吧。【注意】"),
        ("x<|im_end|>", "x"),
        ("**> 5** is more, *# 1*", "> 5 is more, 1"),
        ("Hi!\n\n***\n!!!\n", "Hi!"),
    ],
)
def test_cleaning_leaves_what_is_said(text: str, said: str) -> None:
    assert clean(text) == said


@given(st.text())
def test_cleaning_never_fails_and_leaves_no_control_or_double_space(text: str) -> None:
    said = clean(text)
    assert "  " not in said
    assert said == said.strip()
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in said if character != "\n")


@given(st.text(st.sampled_from("[]()*_`#<>/: \nhttp.w@"), max_size=300))
def test_cleaning_never_fails_on_marks(text: str) -> None:
    assert "`" not in clean(text)
