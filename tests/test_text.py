import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livetalk.text import SentenceCutter, clean, cut, language


def texts(text: str, limit: int = 240, first_limit: int | None = None) -> list[str]:
    return [piece.text for piece in cut(text, limit, first_limit=first_limit)]


def bare(text: str) -> str:
    return "".join(text.split())


def spoken(text: str) -> str:
    return "".join(filter(str.isalnum, text))


PARTS = (
    'Hello| world|. |! |?|...|…| e.g. |3.14|Mr. |U.S. |"|”|\n| |A|- |---|, |; '
    "|你好|。|！|「|」|，|🙂|👩🏽\u200d🚀|e\u0301|नमस्ते|।|שלום"
)
written = st.lists(
    st.one_of(
        st.sampled_from(PARTS.split("|")),
        st.text(max_size=6),
    ),
    max_size=25,
).map("".join)


@given(written, st.integers(8, 60))
def test_pieces_hold_every_letter_once_and_in_order(text: str, limit: int) -> None:
    assert spoken("".join(texts(text, limit))) == spoken(text)


@given(written)
def test_with_room_enough_the_pieces_hold_every_mark_too(text: str) -> None:
    pieces = texts(text, 10_000)
    assert bare("".join(pieces)) == (bare(text) if spoken(text) else "")


@given(written, st.integers(8, 60), st.one_of(st.none(), st.integers(1, 30)))
@example("HelloHelloHelloHello, Hello", 8, 22)
def test_each_piece_is_a_stretch_of_the_text_with_something_to_say(
    text: str, limit: int, first: int | None
) -> None:
    end = 0
    for piece in cut(text, limit, first_limit=first):
        assert text[piece.offset : piece.offset + len(piece.text)] == piece.text == piece.text.strip()
        assert spoken(piece.text)
        assert len(piece.text) <= limit
        assert piece.offset >= end
        end = piece.offset + len(piece.text)


@settings(max_examples=300)
@given(st.data(), written, st.integers(8, 60), st.one_of(st.none(), st.integers(1, 30)))
def test_a_text_fed_in_tokens_is_cut_like_the_whole(
    data: st.DataObject, text: str, limit: int, first: int | None
) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=30)))
    cutter = SentenceCutter(limit, first_limit=first)
    pieces: list[str] = []
    for start, end in zip([0, *places], [*places, len(text)], strict=True):
        pieces += cutter.feed(text[start:end])
    assert pieces + cutter.flush() == texts(text, limit, first)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello Mr. Smith. How are you?", ["Hello Mr. Smith.", "How are you?"]),
        ("Pi is 3.14, v1.2 is out. Fine.", ["Pi is 3.14, v1.2 is out.", "Fine."]),
        (
            "Take fruit, e.g. apples. Go to the U.S. Army.",
            ["Take fruit, e.g. apples.", "Go to the U.S. Army."],
        ),
        ("J. R. R. Tolkien wrote. So do I. Really.", ["J. R. R. Tolkien wrote.", "So do I.", "Really."]),
        ("Wait... what? No… yes! Ok", ["Wait... what?", "No… yes!", "Ok"]),
        ('"Why?" she said. "No." He left.', ['"Why?" she said.', '"No."', "He left."]),
        ("1. Wash. 2. Dry.", ["1. Wash.", "2. Dry."]),
        (
            "你好。今天好吗？「好！」他说……再见；走",
            ["你好。", "今天好吗？", "「好！」", "他说……", "再见；", "走"],
        ),
        ("価格は3.5円です。次", ["価格は3.5円です。", "次"]),
        ("Title\nFirst line\n\nSecond", ["Title", "First line", "Second"]),
        ("मैं ठीक हूँ। आप?", ["मैं ठीक हूँ।", "आप?"]),
        ("كيف حالك؟ بخير.", ["كيف حالك؟", "بخير."]),
        ("Hello. !!! --- World", ["Hello. !!!", "--- World"]),
        ("--- Hello", ["--- Hello"]),
        ("See example.com. Then go.", ["See example.com.", "Then go."]),
        (" ... --- !? 🙂 ", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, pieces: list[str]) -> None:
    assert texts(text) == pieces


def test_a_long_sentence_is_cut_at_a_clause_then_at_a_blank_then_anywhere() -> None:
    assert texts("one two, three four, five six seven", 24) == ["one two, three four,", "five six seven"]
    assert texts("one two three four five six", 12) == ["one two", "three four", "five six"]
    assert [len(piece) for piece in texts("字" * 600)] == [240, 240, 120]
    assert [len(piece) for piece in texts("a" * 5000)] == [240] * 20 + [200]
    assert texts("今天天气很好，我们去公园", 9) == ["今天天气很好，", "我们去公园"]


def test_a_hard_cut_spares_combined_characters() -> None:
    pieces = texts("e\u0301" * 100, 25)
    assert {len(piece) for piece in pieces[:-1]} == {24}
    assert not any(unicodedata.combining(piece[0]) for piece in pieces)


def test_the_first_piece_may_be_a_clause_so_that_speech_starts_early() -> None:
    text = "Well, my dear friend, I would like to tell you a story, a long one."
    assert texts(text, first_limit=30) == [
        "Well, my dear friend,",
        "I would like to tell you a story, a long one.",
    ]
    assert texts("Well, yes. And no, never, not at all, sir.", first_limit=12) == [
        "Well, yes.",
        "And no, never, not at all, sir.",
    ]


def test_a_sentence_leaves_the_cutter_when_the_next_word_begins() -> None:
    cutter = SentenceCutter()
    assert cutter.feed("It is 3") == []
    assert cutter.feed(".") == []
    assert cutter.feed("5 now.") == []
    assert cutter.feed(" The") == ["It is 3.5 now."]
    assert cutter.flush() == ["The"]
    assert cutter.flush() == []


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


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Hello, how are you?", "en"),
        ("Das ist ein Test und ich bin müde", "de"),
        ("Je ne sais pas où il est", "fr"),
        ("¿Cómo estás? Muy bien.", "es"),
        ("Ciao, come stai? Questo è un gatto.", "it"),
        ("Eu não sei o que é isso", "pt"),
        ("Ik weet het niet, maar dat is goed", "nl"),
        ("Cześć, nie wiem co to jest", "pl"),
        ("Jag är inte trött", "sv"),
        ("Merhaba, bu çok güzel", "tr"),
        ("Xin chào, bạn khỏe không?", "vi"),
        ("请打开 WebRTC 连接", "zh"),
        ("The word 你好 means hello", "en"),
        ("東京へ行きます", "ja"),
        ("안녕하세요", "ko"),
        ("Привет, как дела?", "ru"),
        ("Привіт, як справи?", "uk"),
        ("مرحبا بالعالم", "ar"),
        ("سلام، چطوری؟", "fa"),
        ("שלום עולם", "he"),
        ("Γειά σου", "el"),
        ("नमस्ते दुनिया", "hi"),
        ("สวัสดี", "th"),
        ("12:30", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_guessed_from_script_and_common_words(text: str, tag: str) -> None:
    assert language(text) == tag


@given(st.text())
def test_guessing_a_language_never_fails(text: str) -> None:
    assert 2 <= len(language(text)) <= 3
