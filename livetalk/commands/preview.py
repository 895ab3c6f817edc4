"""`livetalk preview`: a session in a window and the loudspeakers of this computer."""

from __future__ import annotations

from collections.abc import Sequence

from livetalk import flags
from livetalk.commands.push import add_script, push, script_of
from livetalk.settings import Settings, load_for

DESCRIPTION = "Show a session in a window and play its sound, until the window is closed."


def run(arguments: Sequence[str]) -> int:
    """Preview until the script is done, or the window closed.

    Raises:
        LivetalkError: something is missing; says what to do.
    """
    usage = f"{flags.PROGRAM} preview [--script FILE] [--setting VALUE ...]"
    line = flags.parser("preview", DESCRIPTION, usage=usage)
    add_script(line)
    settings, asked = load_for(line, tuple(Settings.model_fields), arguments)
    return push(settings, ["preview"], script_of(asked))
