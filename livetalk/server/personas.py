"""Personas: what callers may say of who the avatar is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from livetalk.errors import InvalidRequest
from livetalk.persona import Persona
from livetalk.server.requests import PersonaRequest


class Personas:
    """Checks what is asked for against what the settings allow."""

    def __init__(self, models: Sequence[str]) -> None:
        """Make one; `models` are those that sessions may choose."""
        self._models = models

    def apply(self, before: Persona, asked: PersonaRequest) -> Persona:
        """The persona with what was asked for.

        Raises:
            InvalidRequest: the model is none of those that may be chosen.
        """
        if asked.model and asked.model not in self._models:
            known = ", ".join(self._models) or "none; name them in the setting llm_models"
            raise InvalidRequest(f"persona.model: sessions may choose from: {known}")
        return replace(before, **asked.model_dump(exclude_none=True))


__all__ = ["Personas"]
