"""Words that take the floor, and those that only say that one listens; texts that sound finished."""

from __future__ import annotations

import re

_BACKCHANNELS = (
    "uh huh|uhhuh|mm hmm|mhm|mmhmm|mm|hm|hmm|uh|um|er|ah|oh|aha|yeah|yep|yes|ok|okay|right|sure|i see|"
    "ja|genau|aha|ach so|oui|ouais|d'accord|sí|vale|claro|si|certo|sim|да|ага|угу|понятно|"
    "嗯|嗯嗯|对|对对|是|是的|好|好的|哦|噢|啊|うん|うんうん|はい|ええ|そう|へえ|なるほど|네|예|응|음"
)
BACKCHANNELS = frozenset(_BACKCHANNELS.split("|"))
"""what listeners say while they go on listening"""
_DANGLING = (
    "and|but|or|so|because|if|when|the|a|an|of|to|at|with|for|from|my|your|i|we|um|uh|er|"
    "und|aber|oder|weil|wenn|dass|der|die|das|ein|eine|zu|mit|für|von|äh|ähm|"
    "et|mais|ou|parce que|si|que|le|la|les|un|une|de|à|avec|pour|euh|y|pero|o|porque|el|con|para|"
    "和|但|但是|或者|因为|如果|所以|然后|那个|就是|が|けど|から|で|と|は|を|に|えっと"
)
DANGLING = frozenset(_DANGLING.split("|"))
"""words that more follows"""
_ENDS = ".!?…。！？"
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def takes_the_floor(text: str) -> bool:
    """Whether words were said that are more than a sign of listening."""
    words = _WORDS.findall(text.lower())
    if not words:
        return False
    said = " ".join(words)
    return said not in BACKCHANNELS and not all(word in BACKCHANNELS for word in words)


def sounds_finished(text: str) -> bool:
    """Whether a transcript reads as if nothing followed: it ends with a mark, and with no word like "and"."""
    text = text.rstrip()
    if not text or text[-1] not in _ENDS or text.endswith(("...", "…")):
        return False
    words = _WORDS.findall(text.lower())
    if not words:
        return False
    if text[-1] in "?？":
        return True
    last = words[-1]
    if _UNSPACED.search(last):
        return not any(last.endswith(word) for word in DANGLING if _UNSPACED.search(word))
    return last not in DANGLING


__all__ = ["sounds_finished", "takes_the_floor"]
