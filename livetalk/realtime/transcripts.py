"""Transcripts: what the provider's recogniser understands of the user, beside the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livetalk.protocols import RealtimeSide

TRANSCRIPTION = "conversation.item.input_audio_transcription."
"""what its events begin with"""


class Transcripts:
    """Puts the pieces of each turn together."""

    def __init__(self, side: RealtimeSide) -> None:
        self._side = side
        self._words: dict[str, str] = {}
        """what was understood so far, by the id of what was said"""

    def take(self, kind: str, event: Mapping[str, Any]) -> None:
        """Follow an event; those unknown are passed over."""
        heard = event["item_id"]
        if kind == "delta":
            self._words[heard] = self._words.get(heard, "") + (event.get("delta") or "")
            self._side.understood(heard, self._words[heard], final=False)
            return
        self._words.pop(heard, None)
        if kind == "completed":
            if text := (event.get("transcript") or "").strip():  # a noise has none
                self._side.understood(heard, text, final=True)
        elif kind == "failed":
            why = (event.get("error") or {}).get("message") or "no reason was given"
            self._side.trouble(f"the speech model answers, but its recogniser did not understand: {why}")


__all__ = ["TRANSCRIPTION", "Transcripts"]
