from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.tts.word_places import WordPlaces


def found(text: str, *words: str) -> list[tuple[str, int] | None]:
    places = WordPlaces(text)
    return [places.find(word) for word in words]


def test_each_word_is_where_it_stands() -> None:
    text = "Hello, hello there 😀 don't you?"
    assert found(text, "Hello", "hello", "there", "don't", "you") == [
        ("Hello", 0),
        ("hello", 7),
        ("there", 13),
        ("don't", 21),
        ("you", 27),
    ]


@pytest.mark.parametrize(
    ("text", "words", "offsets"),
    [
        ("It costs 1,000 euros.", ["It", "costs", "one", "thousand", "euros"], [0, 3, None, None, 15]),
        ("a cat", ["a", "cat"], [0, 2]),
        ("cat a", ["a"], [4]),
        ("Ｈｅｌｌｏ １２", ["hello", "12"], [0, 6]),
        ("HELLO World", ["hello", "world"], [0, 6]),
        ("今天，我们去公园。", ["今天", "我们", "去", "公园"], [0, 3, 5, 6]),
        ("我用iPhone打电话", ["我", "用", "iPhone", "打", "电话"], [0, 1, 2, 8, 9]),
        ("He said: “no.”", ["He", "said:", "“no.”"], [0, 3, 10]),
        ("İstanbul is big", ["İstanbul", "is", "big"], [0, 9, 12]),
        ("one", ["", "...", "one", "one"], [None, None, 0, None]),
    ],
)
def test_what_the_provider_writes_otherwise_has_no_place_and_the_rest_has(
    text: str, words: list[str], offsets: list[int | None]
) -> None:
    assert [place and place[1] for place in found(text, *words)] == offsets


def test_a_word_that_was_changed_takes_no_place_far_away() -> None:
    text = "1 is a number. " + "Some more words come here, and many of them. " + "Here is one."
    assert found(text, "one", "is", "a", "number") == [None, ("is", 2), ("a", 5), ("number", 7)]


def test_a_long_part_that_is_read_otherwise_does_not_lose_the_rest() -> None:
    text = "See https://example.org/a/very/long/path?with=parameters&more=ones now please"
    words = ["See", "example", "dot", "org", "slash", "eh", "now", "please"]
    assert [place and place[0] for place in found(text, *words)][-2:] == ["now", "please"]


@given(st.text(), st.lists(st.text(max_size=6), max_size=20))
def test_places_never_go_back_and_hold_what_they_say(text: str, words: list[str]) -> None:
    end = 0
    for place in found(text, *words, *text.split()):
        if place is not None:
            word, offset = place
            assert offset >= end
            assert text[offset : offset + len(word)] == word
            end = offset + len(word)
