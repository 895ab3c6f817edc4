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


@given(st.text())
def test_guessing_a_language_never_fails(text: str) -> None:
    assert 2 <= len(language(text)) <= 3
