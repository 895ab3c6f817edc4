"""`livetalk avatar`: bundles made of what other programs made."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from livetalk import flags
from livetalk.assets import asset, flag_for
from livetalk.avatar.bundle import AVATAR_ID
from livetalk.errors import AvatarError
from livetalk.registry import make_importer
from livetalk.settings import load_for

SETTINGS = ("avatars_dir", "cache_dir")


def run(arguments: Sequence[str]) -> int:
    """Do what was asked.

    Raises:
        LivetalkError: the folder is damaged, or there is no room for its bundle; says what to do.
    """
    settings, own = load_for(_line(), SETTINGS, arguments)
    folder: Path = own.folder.resolve()
    avatar_id: str = folder.name if own.id is None else own.id
    if not AVATAR_ID.fullmatch(avatar_id):  # it becomes a part of a path
        raise AvatarError(
            f"{avatar_id!r} cannot be an avatar's id: letters, digits, - and _ only; name one: --id"
        )
    target = settings.avatars_dir / avatar_id
    make_importer("musetalk")(folder, target, settings.cache_dir, own.version)
    there = flag_for("--avatars-dir", settings.avatars_dir, asset("data") / "avatars")
    sys.stdout.write(f"{target} is ready: livetalk --engine musetalk --avatar {avatar_id}{there}\n")
    return 0


def _line() -> ArgumentParser:
    line = flags.parser(
        "avatar",
        "Make an avatar's bundle of a folder that MuseTalk (results/v15/avatars/ID) or LiveTalking "
        "(data/avatars/ID) made. Its pickles are read as numbers only; nothing in it is run or changed.",
        "Such a folder can also lie in avatars_dir as it is; a bundle is smaller, opens faster, is checked.",
    )
    line.add_argument("action", choices=["import"])
    line.add_argument("folder", type=Path, help="as MuseTalk or LiveTalking made it")
    line.add_argument("--id", metavar="ID", help="the avatar's name here (the folder's)")
    line.add_argument(
        "--made-for",
        dest="version",
        choices=["v15", "v10"],
        help="MuseTalk's version, where the folder does not tell (v15)",
    )
    return line
