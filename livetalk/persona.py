"""Persona: who the avatar is in a conversation."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEM_PROMPT = (
    "You are a friendly person in a video call: the user sees your face and hears your voice. Answer in the "
    "user's language, briefly and as one speaks, in one to three sentences unless asked for more. No lists, "
    "headings, tables, code or emoji: everything you write is read aloud."
)
"""what a language model is told where nobody said what it is to be"""


@dataclass(frozen=True, slots=True)
class Persona:
    """What a session's language model is told, and how it answers."""

    system_prompt: str = ""
    """"" for our own"""
    model: str = ""
    """one of the plugin's, "" for the plugin's choice"""
    temperature: float | None = None
    welcome: str = ""
    """what the face says to whoever connects first"""
    voice: str = ""
    """of all it says, where a text does not name its own"""


__all__ = ["SYSTEM_PROMPT", "Persona"]
