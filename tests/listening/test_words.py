import pytest

from livetalk.listening.words import sounds_finished, takes_the_floor


@pytest.mark.parametrize(
    "text", ["Uh-huh.", "mm", "Yeah.", "Okay, yeah.", "I see.", "嗯", "对对。", "うんうん", "", "…", "♪"]
)
def test_signs_of_listening_do_not_take_the_floor(text: str) -> None:
    assert not takes_the_floor(text)


@pytest.mark.parametrize(
    "text", ["Stop.", "No!", "Wait, what?", "Yeah, but no.", "等一下", "ちょっと待って", "Was?", "42"]
)
def test_words_take_the_floor(text: str) -> None:
    assert takes_the_floor(text)


@pytest.mark.parametrize(
    "text",
    ["How are you?", "Tell me a story.", "What is it for?", "停！", "你好吗？", "そうです。", "Like that."],
)
def test_a_whole_sentence_sounds_finished(text: str) -> None:
    assert sounds_finished(text)


@pytest.mark.parametrize(
    "text", ["", "I want", "I want to.", "And...", "Well…", "and.", "我想要和。", "だから。", "?"]
)
def test_a_sentence_that_more_follows_does_not(text: str) -> None:
    assert not sounds_finished(text)
