import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.language import language


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


GERMAN = "Hier ist der Plan für die Woche. Wir gehen ins Museum und dann essen wir."


@pytest.mark.parametrize(
    ("text", "amid", "tag"),
    [
        ("Day 1:", GERMAN, "de"),
        ("42", GERMAN, "de"),
        ("2024", "今年是哪一年", "zh"),
        ("Windows 11", "我用的是什么", "zh"),
        ("Die Hard", "I like the film and you do.", "en"),
        ("東京", "日本の首都はどこですか", "ja"),
        ("Привет", "Привіт, як справи?", "uk"),
        ("مرحبا", "سلام، چطوری؟", "fa"),
        ("Hello, how are you?", GERMAN, "en"),
        ("Ciao, come stai?", "In Italian you say this to a friend.", "it"),
        ("你好", GERMAN, "zh"),
        ("42", "", "en"),
    ],
)
def test_what_says_little_by_itself_is_of_the_language_that_it_stands_amid(
    text: str, amid: str, tag: str
) -> None:
    assert language(text, amid) == tag


@given(st.text(), st.text())
def test_guessing_a_language_never_fails(text: str, amid: str) -> None:
    assert 2 <= len(language(text, amid)) <= 3
