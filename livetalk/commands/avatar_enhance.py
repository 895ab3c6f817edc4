"""`livetalk avatar enhance --id anna`: its faces restored, as a new avatar."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from livetalk.assets import asset, flag_for
from livetalk.avatar.recipe import MuseTalkChoices
from livetalk.commands import STOPPED
from livetalk.commands.avatar_create import add_choices, recipe_of
from livetalk.creation.making import Places
from livetalk.creation.telling import Teller
from livetalk.enhancement import enhance as enhancing
from livetalk.errors import SettingsError
from livetalk.settings import load_for

SETTINGS = ("avatars_dir", "models_dir", "cache_dir", "device")
STRENGTH = 0.8
"""what the network makes up shows less, and what it restores is seen; facefusion's default, too"""
WORDS: dict[enhancing.Stage, str] = {
    "restore": "restoring the face",
    "encode": "writing the pictures",
    "prepare": "preparing the lips",
}


def enhance(line: ArgumentParser, arguments: Sequence[str]) -> int:
    """Make the new one, telling how far it is.

    Raises:
        LivetalkError: it cannot be made; says why.
    """
    _add_flags(line)
    settings, own = load_for(line, SETTINGS, arguments)
    if not 0 <= own.strength <= 1:
        raise SettingsError(f"--strength: it is 0 to 1, not {own.strength:g}")
    target = own.to or f"{own.id}-enhanced"
    wish = enhancing.Wish(own.id, target, own.strength, recipe_of(own))
    places = Places(settings.avatars_dir, settings.models_dir, settings.device)
    teller = Teller(sys.stderr, Path())

    def tell(stage: enhancing.Stage, share: float) -> None:
        teller.show(f"{WORDS[stage]}, {share:.0%}", share)

    try:
        with teller:
            made = enhancing.enhance(wish, places, settings.cache_dir, tell)
    except KeyboardInterrupt:
        sys.stderr.write("livetalk: stopped; nothing was kept\n")
        return STOPPED
    there = flag_for("--avatars-dir", settings.avatars_dir, asset("data") / "avatars")
    sys.stdout.write(f"{made} is ready: livetalk --avatar {target}{there}\n")
    return 0


def _add_flags(line: ArgumentParser) -> None:
    line.add_argument("--id", required=True, help="the avatar")
    line.add_argument("--to", metavar="ID", help="the new one (the avatar's, with -enhanced behind it)")
    line.add_argument(
        "--strength",
        type=float,
        default=STRENGTH,
        metavar="X",
        help=f"of what the network changes, 0 to 1 ({STRENGTH})",
    )
    line.add_argument("--name", default=SUPPRESS, metavar="TEXT", help="the new one's, for people")
    line.add_argument(
        "--engines",
        default=SUPPRESS,
        metavar="TEXT",
        help="to prepare it for, with commas between (those that the avatar is prepared for)",
    )
    add_choices(line, MuseTalkChoices, "MuseTalk's own controls, which an avatar does not keep")


__all__ = ["enhance"]
