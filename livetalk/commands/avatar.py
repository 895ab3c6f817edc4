"""`livetalk avatar {create,preview,action,delete-action,enhance,plan,list,rename,...}`: own faces."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from livetalk.assets import asset, flag_for
from livetalk.avatar.manifest import AVATAR_ID
from livetalk.avatar.shelf import Card, Shelf
from livetalk.commands.actions import Action, act
from livetalk.commands.avatar_create import SETTINGS as MAKING
from livetalk.commands.avatar_create import add_action, create
from livetalk.commands.avatar_enhance import enhance
from livetalk.commands.avatar_preview import preview
from livetalk.creation.bench import bench_in
from livetalk.creation.making import Places, make_without
from livetalk.errors import AvatarError, SettingsError
from livetalk.registry import make_importer
from livetalk.settings import Settings, load_for

SETTINGS = ("avatars_dir", "cache_dir")


def run(arguments: Sequence[str]) -> int:
    """Do what was asked.

    Raises:
        LivetalkError: it cannot be done; says what to do.
    """
    return act("avatar", "Faces of your own.", ACTIONS, arguments)


def _import(line: ArgumentParser, arguments: Sequence[str]) -> int:
    line.add_argument("folder", type=Path, help="as MuseTalk or LiveTalking made it")
    line.add_argument("--id", metavar="ID", help="the avatar's name here (the folder's)")
    line.add_argument(
        "--made-for",
        dest="version",
        choices=["v15", "v10"],
        help="MuseTalk's version, where the folder does not tell (v15)",
    )
    settings, own = load_for(line, SETTINGS, arguments)
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


def _list(line: ArgumentParser, arguments: Sequence[str]) -> int:
    settings, _ = load_for(line, SETTINGS, arguments)
    damaged: list[AvatarError] = []
    for each in _shelf(settings).cards(damaged.append):
        sys.stdout.write(f"{each.id:20} {each.width}x{each.height}, {', '.join(_facts(each))}: {each.name}\n")
    sys.stderr.writelines(f"note: {error}\n" for error in damaged)
    return 0


def _facts(card: Card) -> Iterator[str]:
    yield f"{card.seconds:.1f} s"
    yield f"for {' and '.join(card.engines) or 'no engine'}"
    if card.cut_out:
        yield "cut out"
    if count := len(card.actions):
        yield "1 action" if count == 1 else f"{count} actions"


def _rename(line: ArgumentParser, arguments: Sequence[str]) -> int:
    line.add_argument("id")
    line.add_argument("name", help="as people are to read it; the id stays")
    settings, own = load_for(line, SETTINGS, arguments)
    _shelf(settings).rename(own.id, own.name)
    sys.stdout.write(f"{own.id} is called {own.name} now\n")
    return 0


def _plan(line: ArgumentParser, arguments: Sequence[str]) -> int:
    line.add_argument("id")
    line.add_argument("plan", type=Path, help="a YAML or JSON file")
    settings, own = load_for(line, SETTINGS, arguments)
    try:
        plan = yaml.safe_load(own.plan.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"cannot read the plan in {own.plan}: {error}") from error
    _shelf(settings).plan(own.id, plan or {})
    sys.stdout.write(f"{own.id} goes by {own.plan} now\n")
    return 0


def _delete_action(line: ArgumentParser, arguments: Sequence[str]) -> int:
    line.add_argument("id", help="the avatar")
    line.add_argument("name", help="the action")
    settings, own = load_for(line, (*MAKING, "cache_dir"), arguments)
    places = Places(settings.avatars_dir, settings.models_dir, settings.device)
    with bench_in(settings.avatars_dir) as bench:
        make_without(own.id, own.name, places, bench)
    _shelf(settings).clear_cache(own.id)
    sys.stdout.write(f"{own.id} has no action {own.name} any more\n")
    return 0


def _delete(line: ArgumentParser, arguments: Sequence[str]) -> int:
    line.add_argument("id", nargs="+")
    settings, own = load_for(line, SETTINGS, arguments)
    for avatar_id in own.id:
        _shelf(settings).delete(avatar_id)
        sys.stdout.write(f"{avatar_id} is deleted\n")
    return 0


def _shelf(settings: Settings) -> Shelf:
    return Shelf(settings.avatars_dir, settings.cache_dir)


ACTIONS = {
    "create": Action(
        create,
        "Make an avatar of a clip, a photo, or a folder of photos.",
        "A good clip: 5 to 20 seconds, one face from the front, lips closed, even light, the head hardly "
        "moving. It is made in a process of its own, and the clip itself is not kept.",
    ),
    "preview": Action(
        preview,
        "Draw what of a face MuseTalk would redraw, before an avatar is made of it.",
        "The box is what its networks see; what is in colour is redrawn. It takes the choices of create, "
        "needs none of MuseTalk's weights, and keeps nothing but the picture.",
    ),
    "action": Action(
        add_action,
        "Add an action to an avatar: a gesture, or a line said before the camera.",
        "Sessions show it when they are asked to: POST /sessions/ID/action.",
    ),
    "delete-action": Action(
        _delete_action,
        "Take an action from an avatar.",
        "A plan that shows it has to be changed first: livetalk avatar plan.",
    ),
    "enhance": Action(
        enhance,
        "Restore the faces of an avatar by GFPGAN, as a new avatar.",
        "GFPGAN as ONNX is yours to bring: models/enhance/GFPGANv1.4.onnx. The avatar itself stays as it is.",
    ),
    "import": Action(
        _import,
        "Make an avatar's bundle of a folder that MuseTalk (results/v15/avatars/ID) or LiveTalking "
        "(data/avatars/ID) made. Its pickles are read as numbers only; nothing in it is run or changed.",
        "Such a folder can also lie in avatars_dir as it is; a bundle is smaller, opens faster, is checked.",
    ),
    "list": Action(_list, "List the avatars there are."),
    "rename": Action(_rename, "Change what people read of an avatar."),
    "plan": Action(
        _plan,
        "Set what an avatar does by itself while it idles, listens, thinks or speaks.",
        "A plan is YAML: idle: {actions: [look, smile], every_s: [8, 20]}. Without every_s an action goes on "
        "while the state lasts.",
    ),
    "delete": Action(_delete, "Delete avatars, and what is kept in the cache of them."),
}

__all__ = ["run"]
