from __future__ import annotations

import numpy as np
import pytest

from livetalk.stt.credits import without_credits
from tests.stt.sounds import noise

FAINT, CLEAR, LONG = noise(1.0, level=20), noise(1.0), noise(4.0, level=20)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for watching!",
        " Thanks for watching. ",
        "Please subscribe to my channel.",
        "Subtitles by the Amara.org community",
        "字幕由Amara.org社区提供",
        "字幕by索兰娅",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "谢谢观看",
        "ご視聴ありがとうございました",
        "시청해주셔서 감사합니다.",
        "Untertitel der Amara.org-Community",
        "Sous-titres réalisés para la communauté d'Amara.org",
        "Subtítulos realizados por la comunidad de Amara.org",
        "Субтитры сделал DimaTorzok",
    ],
)
def test_credits_are_dropped_only_out_of_a_short_and_faint_sound(text: str) -> None:
    assert without_credits(text, FAINT) == ""
    assert without_credits(text, CLEAR) == text.strip()
    assert without_credits(text, LONG) == text.strip()


@pytest.mark.parametrize(
    "text", ["Thank you.", "Bye.", "you", "谢谢", "Thank you for watching my dog.", "Mein Untertitel fehlt."]
)
def test_what_people_say_stays(text: str) -> None:
    assert without_credits(text, FAINT) == text


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_blanks_are_nothing(text: str) -> None:
    assert without_credits(text, CLEAR) == ""


def test_a_word_within_silence_makes_a_sound_clear() -> None:
    sound = np.concatenate([noise(0.5, level=5), noise(0.15), noise(0.5, level=5)])
    assert without_credits("Thanks for watching", sound) == "Thanks for watching"


def test_a_sound_of_nothing_is_faint() -> None:
    assert without_credits("Thanks for watching", np.zeros(0, np.int16)) == ""
    assert without_credits("Thanks for watching", np.zeros(10, np.int16)) == ""
