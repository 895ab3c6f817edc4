"""`livetalk push TARGET ...`: a session without a browser, carried to stream servers, a camera, a window."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from livetalk import flags
from livetalk.commands.serve import set_up
from livetalk.errors import SettingsError
from livetalk.registry import installed, output_kind
from livetalk.script import Script
from livetalk.settings import Settings, load_for, parse_outputs

DESCRIPTION = "Carry a session to somewhere without a browser: rtmp://..., whip+https://..., camera, preview."
EPILOG = (
    "A target is a URL, or the name of one in the setting outputs, which keeps stream keys off the command "
    "line. The session's id is printed; by it the server's routes speak to it meanwhile: POST /human puts a "
    "text between two lines, with interrupt in place of one."
)


def run(arguments: Sequence[str]) -> int:
    """Push until the script is done, or until told to stop.

    Raises:
        LivetalkError: something is missing, or an output cannot go on; says what to do.
    """
    settings, asked = load_for(_line(), tuple(Settings.model_fields), arguments)
    return push(settings, asked.targets, script_of(asked))


def push(settings: Settings, targets: Sequence[str], script: Script | None) -> int:
    """Carry a session to targets, or to outputs by their names."""
    known = parse_outputs(settings.outputs)
    names = [each if each in known else _name(each) for each in targets]
    unnamed = {name: target for name, target in zip(names, targets, strict=True) if target not in known}
    _check_known(unnamed.values(), known)
    if len({*names}) < len(names) or known.keys() & unnamed.keys():
        raise SettingsError("two targets of one kind need names: --outputs one=rtmp://...,two=rtmp://...")
    outputs = (*settings.outputs, *(f"{name}={target}" for name, target in unnamed.items()))
    set_up(settings)
    from livetalk.server.serving import serve  # its libraries start threads
    from livetalk.server.unattended import Unattended

    work = Unattended(names, script)
    asyncio.run(serve(settings.model_copy(update={"outputs": outputs}), work.run))
    return 0


def add_script(line: argparse.ArgumentParser) -> None:
    """The arguments that name a script."""
    script = line.add_argument_group("script")
    script.add_argument("--script", type=Path, metavar="FILE", help="texts to say, one a line")
    script.add_argument("--loop", action="store_true", help="begin again after the last line, read anew")
    script.add_argument(
        "--pause", type=float, default=0.5, metavar="X", help="seconds between two lines (0.5)"
    )


def script_of(asked: argparse.Namespace) -> Script | None:
    """The script that was asked for, checked.

    Raises:
        SettingsError: it cannot be read, or --loop has nothing to repeat.
    """
    if asked.script is None:
        if asked.loop:
            raise SettingsError("--loop repeats a script: name it with --script")
        return None
    if not 0 <= asked.pause <= 3600:
        raise SettingsError(f"--pause is 0 to 3600 seconds, not {asked.pause:g}")
    script = Script(asked.script, asked.loop, asked.pause)
    script.read()
    return script


def _line() -> argparse.ArgumentParser:
    usage = f"{flags.PROGRAM} push TARGET [TARGET ...] [--script FILE] [--setting VALUE ...]"
    line = flags.parser("push", DESCRIPTION, EPILOG, usage)
    line.add_argument("targets", nargs="+", metavar="TARGET", help="where to")
    add_script(line)
    return line


def _check_known(targets: Iterable[str], named: Iterable[str]) -> None:
    """Refuse what is no target before anything is loaded; only what comes before the address is repeated."""
    schemes = installed("livetalk.outputs")
    for target in targets:
        if (kind := output_kind(target)) not in schemes:
            raise SettingsError(
                f"no output {kind!r}: a target begins with one of {', '.join(sorted(schemes))}, or is a name "
                f"in the setting outputs, which has {', '.join(named) or 'none'}"
            )


def _name(target: str) -> str:
    return output_kind(target).replace("+", " ")
