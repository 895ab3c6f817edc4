"""All settings: which there are, and where they come from."""

from livetalk.settings.model import PREFIX, SECRETS, Settings
from livetalk.settings.plugins import (
    chosen_llm,
    chosen_stt,
    llm_options,
    realtime_options,
    stt_options,
    voice_options,
)
from livetalk.settings.reading import load, load_for
from livetalk.settings.serving import is_loopback, parse_outputs, parse_ports

__all__ = [
    "PREFIX",
    "SECRETS",
    "Settings",
    "chosen_llm",
    "chosen_stt",
    "is_loopback",
    "llm_options",
    "load",
    "load_for",
    "parse_outputs",
    "parse_ports",
    "realtime_options",
    "stt_options",
    "voice_options",
]
