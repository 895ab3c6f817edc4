"""In which language a text is written, guessed from its script and its commonest words."""

from __future__ import annotations

import re
from collections import Counter

from livetalk.types import Sentence

_SCRIPTS = (
    ("ja", 1, "\u3040-\u30ff\uff66-\uff9d"),
    ("zh", 3, "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"),
    ("ko", 2, "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"),
    ("ru", 1, "\u0400-\u052f"),
    ("el", 1, "\u0370-\u03ff\u1f00-\u1fff"),
    ("he", 1, "\u0590-\u05ff"),
    ("ar", 1, "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefe"),
    ("hi", 1, "\u0900-\u097f"),
    ("bn", 1, "\u0980-\u09ff"),
    ("ta", 1, "\u0b80-\u0bff"),
    ("th", 1, "\u0e00-\u0e7f"),
    ("ka", 1, "\u10a0-\u10ff"),
    ("hy", 1, "\u0530-\u058f"),
    ("en", 1, "A-Za-z\u00c0-\u024f\u1e00-\u1eff"),
)
"""(language that a script speaks for, weight of one of its characters, the characters)

A Chinese character says as much as about three letters."""

SCRIPT = re.compile("|".join(f"(?P<{tag}>[{characters}])" for tag, _, characters in _SCRIPTS))
"""one character of a known script; `lastgroup` names its language, "en" standing for all of Latin"""
_WEIGHTS = {tag: weight for tag, weight, _ in _SCRIPTS}

_STOP_WORDS = {
    "en": "the and is are was you i it to of that this with for what how have not my your hello do we",
    "de": "der die das und ist nicht ich du sie wir ein eine mit auf für was wie von zu hallo guten danke",
    "fr": "le la les et est je tu vous nous un une des du que qui pas dans pour avec ce bonjour sur au il",
    "es": "el la los las y es yo tú usted un una de que no en por para con cómo qué está hola del se",
    "it": "il lo la gli e è io tu un una di che non per con come sono del della ciao questo mi si",
    "pt": "o a os as e é eu você um uma de que não em por para com como do da está olá se mais",
    "nl": "de het een en is niet ik jij je we wij van dat met voor op wat hoe ook zijn hallo naar maar",
    "pl": "i w na nie jest to się że z do jak co ja ty czy dla od po cześć ale mam są jestem",
    "sv": "och är att det en ett jag du vi inte på med för som vad hur hej av den till har om",
    "tr": "ve bir bu ne için ile ben sen biz değil var mı mi da de çok nasıl merhaba gibi daha ama",
}
_LETTERS = {
    "de": "äöüß",
    "fr": "àâçèêëîïôœùû",
    "es": "ñ¿¡áíóú",
    "it": "àèìòù",
    "pt": "ãõçâêô",
    "pl": "ąćęłńśźż",
    "sv": "åäö",
    "tr": "ğışçöü",
}
_VOTERS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_VIETNAMESE = re.compile("[ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


_KIN = {"ja": "zh", "uk": "ru", "fa": "ar"}
"""language -> what a short text of it may look like"""
_AMID = 1.9
"""votes of what stands around a text: two words of its own outweigh them"""
LONGEST_AMID = 2_000
"""characters that are looked at"""


def language(text: str, amid: str = "") -> str:
    """The primary language tag of a text, such as "en" or "zh".

    Where it says little by itself, as a name or a number, what it stands amid counts: the text around it, or
    before it. "en" when nothing tells.
    """
    around = language(amid[-LONGEST_AMID:]) if amid else ""
    scripts: Counter[str] = Counter()
    for match in SCRIPT.finditer(text):
        scripts[match.lastgroup or "en"] += _WEIGHTS[match.lastgroup or "en"]
    if scripts["ja"] * 8 >= scripts["zh"] and scripts["ja"] * 2 >= scripts["en"] and scripts["ja"]:
        return "ja"
    if not scripts:
        return around or "en"
    found = max(scripts, key=lambda tag: scripts[tag])
    if found == "en":
        return _latin(text.lower(), amid[-LONGEST_AMID:].lower()) or around or "en"
    if found == "ru" and re.search("[іїєґІЇЄҐ]", text):
        return "uk"
    if found == "ar" and re.search("[پچژگک]", text):
        return "fa"
    return around if _KIN.get(around) == found else found


def _latin(text: str, amid: str) -> str:
    """Of text in Latin letters, by a vote; "" where nobody votes for its own words."""
    if len(_VIETNAMESE.findall(text)) * 15 > len(text):
        return "vi"
    votes, around = _votes(text), _votes(amid)
    if not any(votes.values()):
        return ""
    each = _AMID / (sum(around.values()) or 1)
    return max(votes, key=lambda language: votes[language] + each * around[language])


def _votes(text: str) -> dict[str, float]:
    """One for each common word, half for each letter that few languages have."""
    words = Counter(_WORD.findall(text))
    letters = Counter(text)
    return {
        language: sum(words[word] for word in voters)
        + 0.5 * sum(letters[letter] for letter in _LETTERS.get(language, ""))
        for language, voters in _VOTERS.items()
    }


def spoken_in(sentence: Sentence) -> str:
    """The language of a sentence, as far as it was told what it stands amid."""
    return sentence.language or language(sentence.text)


__all__ = ["LONGEST_AMID", "SCRIPT", "language", "spoken_in"]
