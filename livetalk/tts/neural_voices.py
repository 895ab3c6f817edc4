"""Microsoft's neural voices: one for each language, taken where none is named; Edge and Azure share them."""

from __future__ import annotations

VOICE_OF = {
    "en": "en-US-AvaNeural",
    "zh": "zh-CN-XiaoxiaoNeural",
    "ja": "ja-JP-NanamiNeural",
    "ko": "ko-KR-SunHiNeural",
    "de": "de-DE-KatjaNeural",
    "fr": "fr-FR-DeniseNeural",
    "es": "es-ES-ElviraNeural",
    "it": "it-IT-ElsaNeural",
    "pt": "pt-BR-FranciscaNeural",
    "nl": "nl-NL-ColetteNeural",
    "pl": "pl-PL-ZofiaNeural",
    "sv": "sv-SE-SofieNeural",
    "tr": "tr-TR-EmelNeural",
    "ru": "ru-RU-SvetlanaNeural",
    "uk": "uk-UA-PolinaNeural",
    "el": "el-GR-AthinaNeural",
    "he": "he-IL-HilaNeural",
    "ar": "ar-EG-SalmaNeural",
    "fa": "fa-IR-DilaraNeural",
    "hi": "hi-IN-SwaraNeural",
    "bn": "bn-IN-TanishaaNeural",
    "ta": "ta-IN-PallaviNeural",
    "th": "th-TH-PremwadeeNeural",
    "vi": "vi-VN-HoaiMyNeural",
    "ka": "ka-GE-EkaNeural",
    "hy": "hy-AM-AnahitNeural",
}
"""primary language tag -> short name"""
AUTO = "auto"
KNOWN = (AUTO, *VOICE_OF.values())


def voice_for(language: str, *wanted: str) -> str:
    """The first voice that is named, else the one of the language; a bare language means its own."""
    named = next((each for each in wanted if each not in ("", AUTO)), "")
    return VOICE_OF.get(named, named) or VOICE_OF.get(language, VOICE_OF["en"])


def locale(voice: str) -> str:
    """The language that a voice's name begins with, "en-US" of "en-US-AvaNeural"."""
    parts = voice.split("-")
    return "-".join(parts[: 3 if len(parts) > 3 else 2])


__all__ = ["AUTO", "KNOWN", "VOICE_OF", "locale", "voice_for"]
