import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.text import clean
from livetalk.text.markup import Markup
from tests.text.written import marked, tokens


def plain(parts: list[str], *, chat: bool = True) -> str:
    markup = Markup(chat=chat)
    return "".join(map(markup.feed, parts)) + markup.flush()


@settings(max_examples=400)
@given(st.data(), marked, st.booleans())
def test_layout_comes_off_alike_however_the_text_is_divided(
    data: st.DataObject, text: str, chat: bool
) -> None:
    assert plain(tokens(data, text), chat=chat) == plain([text], chat=chat)


@given(marked)
def test_each_line_has_something_to_say_and_no_white_space_to_spare(text: str) -> None:
    lines = plain([text]).removesuffix("\n").split("\n")
    assert all(any(map(str.isalnum, line)) for line in lines) or lines == [""]
    assert not any("  " in line or line != line.lstrip() for line in lines)


@given(marked)
def test_a_whole_text_is_cleaned_by_the_same_rules(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", plain([text], chat=False)).strip()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Run:\n```sh\nrm -rf /. x\n```\nDone", "Run:\nDone"),
        ("Run: ```sh\nrm\n```\nDone", "Run:\nDone"),
        ("Use ```rm``` or ``cp``", "Use rm or cp"),
        ("````\n```\nin\n```\n````\nout", "out"),
        ("> ~~~\n> in\n> ~~~\n> out", "out"),
        ("```\nnever closed. ", ""),
        ("<think>Hm. Well.</think>\n\nYes.", "Yes."),
        ("<style>p {}</style>Yes<script src='x'>1</script>.", "Yes"),
        ("| a | **b** |\n|:--|--:|\n| 1 |  |\n|| $5 |", "a, b\n1\n$5"),
        ("| Yes. | No |\nx | y", "Yes. No\nx y"),
        ("it is `open\n[a](b)", "it is open\na"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a, b"),
        ("$$\na \\\\ b\n+ c\n$$\n- d", "a, b\n+ c\nd"),
        ("$$ open\n\n- d", "open\nd"),
    ],
)
def test_of_an_answer_only_what_an_ear_can_use_is_left(text: str, said: str) -> None:
    assert plain(list(text)).strip() == said


def test_what_no_text_to_come_can_change_is_handed_on_at_once() -> None:
    markup = Markup(chat=True)
    assert markup.feed("Hello **wor") == "Hello wor"
    assert markup.feed("ld**!\n") == "ld!\n"
    assert markup.feed("[a link") == ""
    assert markup.feed("](htt") == "a link"
    assert markup.feed("ps://x.y) ht") == ""
    assert markup.feed("ml is w") == " html is"
    assert markup.feed("ell") == " well"
    assert markup.flush() == ""


@pytest.mark.parametrize(
    "sign", ["*", "[", "](", "`", "(", "<", "&", "$", "\\", "【", "\n", "!", "- ", "~", "\u0301"]
)
def test_of_a_flood_of_signs_nothing_is_left(sign: str) -> None:
    assert plain([sign * 3] * 10_000) == ""


def test_a_flood_of_signs_behind_a_word_is_cut_off() -> None:
    assert plain(["So" + "(" * 5] + ["(" * 7] * 5_000) == "So" + "(" * 64
