"""`livetalk avatar preview --source clip.mp4 --out preview.jpg`: what MuseTalk's controls change."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from livetalk.avatar.recipe import Recipe
from livetalk.cancellation import Cancellation
from livetalk.commands import STOPPED
from livetalk.commands.avatar_create import SETTINGS, add_choices, recipe_of
from livetalk.creation.bench import bench_in
from livetalk.creation.making import Places, make_preview
from livetalk.creation.telling import Teller
from livetalk.errors import SettingsError
from livetalk.settings import load_for

ENDINGS = (".jpg", ".jpeg")


def preview(line: ArgumentParser, arguments: Sequence[str]) -> int:
    """Draw it.

    Raises:
        LivetalkError: it cannot be drawn; says why.
    """
    line.add_argument(
        "--source", required=True, type=Path, metavar="FILE", help="a clip, a photo, or a folder of photos"
    )
    line.add_argument("--out", required=True, type=Path, metavar="FILE", help="the picture, a jpg")
    add_choices(line, Recipe, "choices")
    settings, own = load_for(line, SETTINGS, arguments)
    out: Path = own.out
    if out.suffix.lower() not in ENDINGS:
        raise SettingsError(f"--out: {out.name} should end with .jpg, which it will be")
    recipe = recipe_of(own)
    places = Places(settings.avatars_dir, settings.models_dir, settings.device)
    try:
        with bench_in(settings.avatars_dir) as bench, Teller(sys.stderr, bench) as teller:
            content = make_preview(own.source, recipe, places, bench, teller.tell, Cancellation())
    except KeyboardInterrupt:
        sys.stderr.write("livetalk: stopped; nothing was kept\n")
        return STOPPED
    try:
        out.write_bytes(content)
    except OSError as error:
        raise SettingsError(f"--out: {out} cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{out} shows what would be redrawn\n")
    return 0


__all__ = ["preview"]
