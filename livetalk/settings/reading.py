"""Where settings come from: command line > environment (LIVETALK_*) > YAML file > defaults, read once."""

from __future__ import annotations

import difflib
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_settings import SettingsError as UnreadableSetting

from livetalk import flags
from livetalk.errors import SettingsError
from livetalk.settings.kinds import PREFIX
from livetalk.settings.model import SECRETS, Settings


def load(arguments: Sequence[str]) -> Settings:
    """Read the server's settings from everywhere.

    `--config FILE`, or LIVETALK_CONFIG, names a YAML file; a `livetalk.yaml` here is read unasked.

    Raises:
        SettingsError: something is unknown or out of range; the message names it.
        SystemExit: `--help` or `--version` was asked for, and told.
    """
    usage = f"{flags.PROGRAM} [serve] [--setting VALUE ...]"
    line = flags.parser("", flags.DESCRIPTION, flags.EPILOG, usage)
    settings, _ = load_for(line, tuple(Settings.model_fields), arguments)
    return settings


def load_for(
    line: ArgumentParser, names: Sequence[str], arguments: Sequence[str]
) -> tuple[Settings, Namespace]:
    """The settings, of which a command takes these as flags, and the command's own arguments.

    Raises:
        SettingsError: something is unknown or out of range; the message names it.
        SystemExit: `--help` or `--version` was asked for, and told.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "CONFIG"}
    unknown = sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(unknown)} in the environment{_near(unknown[0].upper(), known)}"
        )
    fields = {name: Settings.model_fields[name] for name in names if name not in SECRETS}
    _refuse_secrets(argument.partition("=")[0] for argument in arguments)
    given, own = flags.parse(line, fields, arguments)
    values = _read_yaml(own.config or _unasked_file())
    _refuse_secrets(f"--{name}" for name in values)
    here = {name.upper() for name in os.environ}
    from_file = {name: value for name, value in values.items() if PREFIX + name.upper() not in here}
    try:
        return Settings(**{**from_file, **given}), own
    except ValidationError as error:
        raise SettingsError(_plain(error)) from error
    except UnreadableSetting as error:
        raise SettingsError(str(error)) from error


def _refuse_secrets(flags: Iterable[str]) -> None:
    for flag in flags:
        name = flag.removeprefix("--").replace("-", "_")
        if flag.startswith("--") and name in SECRETS:
            raise SettingsError(f"{name} is a secret: set {PREFIX}{name.upper()} in the environment instead")


def _unasked_file() -> Path | None:
    if os.environ.get(PREFIX + "CONFIG"):
        return Path(os.environ[PREFIX + "CONFIG"])
    here = Path("livetalk.yaml")
    return here if here.is_file() else None


def _read_yaml(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"cannot read the settings in {path}: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsError(f"{path} must hold lines of the form `name: value`")
    unknown = sorted(str(name) for name in values if name not in Settings.model_fields)
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(unknown)} in {path}{_near(unknown[0], Settings.model_fields)}"
        )
    return values


def _near(unknown: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(unknown, known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _plain(error: ValidationError) -> str:
    problems = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        text = problem["msg"].removeprefix("Value error, ")
        problems.append(f"{name}: {text}" if name else text)
    return "; ".join(problems)


__all__ = ["load", "load_for"]
