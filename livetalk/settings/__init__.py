"""All settings: which there are, and where they come from."""

from livetalk.settings.model import PREFIX, SECRETS, Settings, is_loopback, parse_outputs, parse_ports
from livetalk.settings.reading import load, load_for

__all__ = [
    "PREFIX",
    "SECRETS",
    "Settings",
    "is_loopback",
    "load",
    "load_for",
    "parse_outputs",
    "parse_ports",
]
