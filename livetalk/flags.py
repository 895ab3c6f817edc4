"""The settings as a command line: a flag for each, with help for people, and errors of one line."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args, get_origin

from pydantic.fields import FieldInfo

import livetalk
from livetalk.errors import SettingsError

PROGRAM = "livetalk"
DESCRIPTION = "Open a page, type a line or drop in a sound file, and a face says it."
EPILOG = (
    "Other commands, each with --help: livetalk speak and render make clips; push and preview carry a "
    "session to a stream server, a camera, a window; voices lists voices and plays them; devices lists "
    "cameras and sound devices; doctor looks the machine over; avatar and models bring faces and weights; "
    "mark looks for a watermark. "
    "Each setting can also stand in the environment (LIVETALK_MAX_SESSIONS=4) or in a YAML file "
    "(max_sessions: 4 in livetalk.yaml here, or in the file of --config); flags win over the environment, "
    "and that over the file. Secrets are taken from the environment alone: LIVETALK_TOKEN, "
    "LIVETALK_TURN_SECRET, and the keys LIVETALK_TTS_KEY, LIVETALK_LLM_KEY, LIVETALK_STT_KEY and "
    "LIVETALK_REALTIME_KEY."
)


def parser(
    command: str, description: str, epilog: str = "", usage: str | None = None
) -> argparse.ArgumentParser:
    """A command's own line, its name first, "" for what `livetalk` does unasked; `parse` adds settings."""
    made = _Parser(
        prog=f"{PROGRAM} {command}".strip(),
        usage=usage,
        description=description,
        epilog=epilog,
        allow_abbrev=False,
        formatter_class=_Formatter,
    )
    made.add_argument("--version", action="version", version=f"{PROGRAM} {livetalk.__version__}")
    return made


def parse(
    line: argparse.ArgumentParser, fields: Mapping[str, FieldInfo], arguments: Sequence[str]
) -> tuple[dict[str, Any], argparse.Namespace]:
    """The settings that were given, by their names; and the rest, `config` among it: a file that was named.

    Raises:
        SettingsError: a flag is unknown, or lacks its value.
        SystemExit: `--help` or `--version` was asked for, and told.
    """
    settings = line.add_argument_group("settings")
    settings.add_argument("--config", type=Path, metavar="FILE", help="settings as YAML")
    for name, field in fields.items():
        several = get_origin(field.annotation) is tuple
        settings.add_argument(
            _flag(name),
            dest=name,
            action="append" if several else "store",
            default=argparse.SUPPRESS,
            metavar=_METAVARS.get(name) or _metavar(field),
            help=f"{field.description} ({default(name, field)})".replace("%", "%%"),
        )
    given, unknown = line.parse_known_args(arguments)
    if unknown:
        raise SettingsError(_advice(unknown[0], [*line._option_string_actions], line.prog))
    values = {name: _joined(vars(given).pop(name)) for name in fields if name in given}
    return values, given


def default(name: str, field: FieldInfo) -> str:
    """A setting's default as people write it."""
    if name in _COMPUTED:
        return _COMPUTED[name]
    if field.default == "":
        return '""'
    return str(field.default) if field.default not in (None, (), {}) else "none"


_COMPUTED = {
    "models_dir": "models",
    "avatars_dir": "data/avatars",
    "voices_dir": "data/voices",
    "backgrounds_dir": "data/backgrounds",
    "cache_dir": "~/.cache/livetalk",
}
"""defaults that depend on the machine, as documents name them"""
_METAVARS = {
    "label": "TEXT",
    "label_font": "FILE",
    "watermark": "MARK",
    "udp_ports": "FIRST-LAST",
    "tts_url": "URL",
    "llm_url": "URL",
    "stt_url": "URL",
    "realtime_url": "URL",
    "system_prompt": "TEXT",
    "welcome": "TEXT",
}
"""what a flag takes, where its type does not say it"""


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}; see {self.prog} --help")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _metavar(field: FieldInfo) -> str:
    kinds = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return "|".join(str(choice) for choice in get_args(field.annotation))
    if get_origin(field.annotation) is tuple:
        return "A,B,..."
    if get_origin(field.annotation) is Mapping:
        return "JSON"
    names = {int: "N", float: "X", Path: "FOLDER"}
    return names.get(kinds[0], "NAME") if isinstance(kinds[0], type) else "NAME"


def _joined(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


def _advice(unknown: str, flags: Sequence[str], program: str) -> str:
    word = unknown.partition("=")[0]
    near = difflib.get_close_matches(word, flags, 1)
    hint = f"did you mean {near[0]}?" if near else f"see {program} --help"
    return f"unknown argument {word}; {hint}"


__all__ = ["DESCRIPTION", "EPILOG", "PROGRAM", "default", "parse", "parser"]
