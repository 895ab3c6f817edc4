import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livetalk.text import cut, cutting
from livetalk.text.cutting import first_clause
from tests.text.written import bare, spoken, texts, written


@given(written, st.integers(8, 60))
def test_pieces_hold_every_letter_once_and_in_order(text: str, limit: int) -> None:
    assert spoken("".join(texts(text, limit))) == spoken(text)


@given(written)
def test_with_room_enough_the_pieces_hold_every_mark_too(text: str) -> None:
    pieces = texts(text, 10_000)
    assert bare("".join(pieces)) == (bare(text) if spoken(text) else "")


@given(written, st.integers(8, 60))
@example("HelloHelloHelloHello, Hello", 8)
def test_each_piece_is_a_stretch_of_the_text_with_something_to_say(text: str, limit: int) -> None:
    end = 0
    for piece in cut(text, limit):
        assert text[piece.offset : piece.offset + len(piece.text)] == piece.text == piece.text.strip()
        assert spoken(piece.text)
        assert len(piece.text) <= limit
        assert piece.offset >= end
        end = piece.offset + len(piece.text)


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
        ("No. I won't. No. 5 is alive.", ["No.", "I won't.", "No. 5 is alive."]),
        ("By Smith et al. (2019). AT&T Corp. & Co.", ["By Smith et al. (2019).", "AT&T Corp. & Co."]),
        (
            "Am 3. Oktober kam Nr. 5, d. h. der 1. Zug, z. B. Die Zahl ist 42. Das stimmt.",
            ["Am 3. Oktober kam Nr. 5, d. h. der 1. Zug, z. B. Die Zahl ist 42.", "Das stimmt."],
        ),
        ("Er sagt: „Ja.“ Dann: »Nein.« Er geht.", ["Er sagt: „Ja.“", "Dann: »Nein.«", "Er geht."]),
        ("On dit « Oui. » Il dit. « Non. »", ["On dit « Oui.", "» Il dit.", "« Non. »"]),
        ("En EE. UU. viven 3.000.000. ¿Sí?", ["En EE. UU. viven 3.000.000.", "¿Sí?"]),
        ("डॉ. शर्मा आए। ठीक।", ["डॉ. शर्मा आए।", "ठीक।"]),
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


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Of course, I can.", "Of course,"),
        ("Certainly: here it is.", "Certainly:"),
        ("Well, my friend, let us see.", "Well, my friend,"),
        ("Yes, I can.", None),
        ("Sure thing — let me look.", "Sure thing —"),
        ("No problem. And now, let us go.", None),
        ("There are 1,000,000 at 10:30, they say.", "There are 1,000,000 at 10:30,"),
        ("The numbers 1, 2, 3, and so on.", "The numbers 1, 2, 3,"),
        ("Take fruit e.g., or so, now.", "Take fruit e.g., or so,"),
        ("This (by the way, I like it, too) works, see.", "This (by the way, I like it, too) works,"),
        ("“Well, hello there, friend,” she said.", "“Well, hello there, friend,”"),
        ("„Gut so, ja“, sagte er.", "„Gut so, ja“,"),
        ('"Go on, please', None),
        ("好的，我来帮你，请稍等。", "好的，我来帮你，"),
        ("没问题，马上。", "没问题，"),
        ("もちろん、できます。", "もちろん、"),
        ("はい、わかりました。", None),
        ("네, 물론이죠, 도와드릴게요.", "네, 물론이죠,"),
        ("بالتأكيد، يمكنني ذلك.", "بالتأكيد،"),
        ("जी हाँ, ज़रूर।", "जी हाँ,"),
        ("So it is, ", None),
    ],
)
def test_the_first_clause_is_the_earliest_worth_speaking(text: str, clause: str | None) -> None:
    end = first_clause(text, 240, final=True)
    assert (None if end is None else text[:end]) == clause


def test_a_first_clause_is_no_longer_than_a_piece() -> None:
    assert first_clause("a rather long beginning, then more", 20, final=True) is None
    assert first_clause("a rather long beginning, then more", 24, final=True) == 24


def test_the_marks_behind_a_sentence_are_looked_at_with_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    ends_sentence = cutting._ends_sentence

    def counted(text: str, start: int, found: re.Match[str]) -> bool:
        looked_at.append(found.start())
        return ends_sentence(text, start, found)

    monkeypatch.setattr(cutting, "_ends_sentence", counted)
    assert len(cut("I. " * 100)) == 100
    assert looked_at == [each.start() for each in re.finditer(r"\.", "I. " * 100)]
