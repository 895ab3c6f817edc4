"""The answer where no language model is configured: how to configure one, in the language of the question."""

from __future__ import annotations

from collections.abc import Iterator

from livetalk.language import language
from livetalk.protocols import Cancel, Chat, LLMOptions

ADVICE = {
    "en": (
        "I would love to talk with you, but no language model is set up yet. Start me with the name of one, "
        "in the setting LLM model, and with its address, in the setting LLM URL. Ollama on this computer "
        "will do. Until then I can only say your text as it is."
    ),
    "zh": (
        "我很想和你聊天，但是还没有配置语言模型。启动时请在设置 LLM model 中写上模型的名称，"
        "在 LLM URL 中写上它的地址，用本机的 Ollama 就可以。在那之前，我只能照原文念你输入的文字。"
    ),
    "ja": (
        "お話ししたいのですが、言語モデルがまだ設定されていません。"
        "設定 LLM model にモデルの名前を、LLM URL にそのアドレスを指定して起動してください。"
        "このパソコンの Ollama でもかまいません。"
        "それまでは、入力された文をそのまま読み上げることしかできません。"
    ),
    "de": (
        "Ich würde gern mit dir reden, aber es ist noch kein Sprachmodell eingerichtet. Starte mich mit "
        "seinem Namen in der Einstellung LLM model und mit seiner Adresse in der Einstellung LLM URL. "
        "Ollama auf diesem Rechner genügt. Bis dahin kann ich nur vorlesen, was du schreibst."
    ),
    "fr": (
        "J'aimerais bien parler avec vous, mais aucun modèle de langage n'est configuré. Démarrez-moi avec "
        "son nom dans le réglage LLM model, et son adresse dans LLM URL. Ollama sur cet ordinateur suffit. "
        "En attendant, je peux seulement dire votre texte tel quel."
    ),
    "es": (
        "Me gustaría hablar contigo, pero todavía no hay ningún modelo de lenguaje configurado. Iníciame "
        "con su nombre en el ajuste LLM model y su dirección en LLM URL. Basta con Ollama en este "
        "ordenador. Hasta entonces solo puedo decir tu texto tal cual."
    ),
}
"""primary language tag -> what is said"""


class Advice:
    """Says how to get a language model; needs nothing."""

    def __init__(self, options: LLMOptions) -> None:
        """Take the options of any other; there is nothing to be set."""

    def load(self) -> None:
        """Nothing to do."""

    def reply(self, chat: Chat, cancel: Cancel) -> Iterator[str]:
        """The advice in the language of the last question, English where it is in none of ours."""
        asked = next((each.text for each in reversed(chat.messages) if each.role == "user"), "")
        yield ADVICE.get(language(asked), ADVICE["en"])

    def close(self) -> None:
        """Nothing to let go of."""


__all__ = ["ADVICE", "Advice"]
