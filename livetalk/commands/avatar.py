"""`livetalk avatar`: bundles made of what other programs made."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from livetalk import flags
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
    target = settings.avatars_dir / (own.id or folder.name)
    make_importer("musetalk")(folder, target, settings.cache_dir, own.version)
    sys.stdout.write(f"{target} is ready: livetalk --engine musetalk --avatar {target.name}\n")
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
