"""`livetalk avatar create --id anna --source clip.mp4`, and `action` for a further clip of it."""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from livetalk.assets import asset, flag_for
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.shelf import Shelf
from livetalk.cancellation import Cancellation
from livetalk.commands import STOPPED
from livetalk.creation.bench import bench_in
from livetalk.creation.making import NewAction, Places, make, make_action
from livetalk.creation.telling import Teller
from livetalk.errors import SettingsError
from livetalk.faults import fault
from livetalk.settings import Settings, load_for

SETTINGS = ("avatars_dir", "models_dir", "device")
FLAGS = {"version": "--musetalk-version", "start_s": "--start"}
"""where a choice's flag is not its name"""


def create(line: ArgumentParser, arguments: Sequence[str]) -> int:
    """Make one, telling how far it is.

    Raises:
        LivetalkError: it cannot be made; says why.
    """
    line.add_argument("--id", required=True, help="what it is to be called: letters, digits, - and _")
    line.add_argument(
        "--source", required=True, type=Path, metavar="FILE", help="a clip, a photo, or a folder of photos"
    )
    settings, own = _told(line, arguments)
    work = partial(make, own.source, own.id)
    return _made(settings, own, work, lambda target: f"{target} is ready")


def add_action(line: ArgumentParser, arguments: Sequence[str]) -> int:
    """Add an action to one.

    Raises:
        LivetalkError: it cannot be added; says why.
    """
    line.add_argument("--id", required=True, help="the avatar")
    line.add_argument("--action", required=True, help="what it is to be called: letters, digits, - and _")
    line.add_argument(
        "--source", required=True, type=Path, metavar="FILE", help="a clip, filmed as the body was"
    )
    line.add_argument("--sound", action="store_true", help="keep the clip's own sound and lips")
    settings, own = _told(line, arguments, "cache_dir")
    work = partial(make_action, own.source, own.id, NewAction(own.action, own.sound))
    done = f"{own.id} has the action {own.action} now, a button in the picture of a talk"
    status = _made(settings, own, work, lambda _target: done)
    Shelf(settings.avatars_dir, settings.cache_dir).clear_cache(own.id)
    return status


def _told(line: ArgumentParser, arguments: Sequence[str], *more: str) -> tuple[Settings, Namespace]:
    add_choices(line, Recipe, "choices")
    return load_for(line, (*SETTINGS, *more), arguments)


def _made(settings: Settings, own: Namespace, work: Callable[..., Path], said: Callable[[Path], str]) -> int:
    places = Places(settings.avatars_dir, settings.models_dir, settings.device)
    teller = Teller(sys.stderr, Path(f"{own.id}-doubts"))
    try:
        with bench_in(settings.avatars_dir) as bench, teller:
            try:
                target = work(recipe_of(own), places, bench, teller.tell, Cancellation())
            finally:  # what fails was often doubtful before, and that is where to look
                teller.keep_pictures(bench / "scratch")
    except KeyboardInterrupt:
        sys.stderr.write("livetalk: stopped; nothing was kept\n")
        return STOPPED
    there = flag_for("--avatars-dir", settings.avatars_dir, asset("data") / "avatars")
    sys.stdout.write(f"{said(target)}: livetalk --avatar {own.id}{there}\n")
    return 0


def add_choices(line: ArgumentParser, part: type[BaseModel], title: str) -> None:
    """A flag for each choice of a part, and a group for each part within it."""
    group = line.add_argument_group(title)
    for name, field in part.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            add_choices(line, field.annotation, (field.description or name).rstrip("."))
            continue
        flag = FLAGS.get(name, "--" + name.replace("_", "-"))
        about = f"{field.description} ({_default(field)})".replace("%", "%%")
        if field.annotation is bool:
            flag = flag.replace("--", "--no-", 1)
            group.add_argument(
                flag, dest=name, action="store_false", default=SUPPRESS, help=f"not: {field.description}"
            )
        else:
            group.add_argument(flag, dest=name, default=SUPPRESS, metavar=_metavar(field), help=about)


def _default(field: FieldInfo) -> str:
    return "none" if field.default in ("", ()) else str(field.default)


def _metavar(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return "|".join(get_args(field.annotation))
    return "N" if field.annotation is int else "X" if field.annotation is float else "TEXT"


def recipe_of(own: Namespace) -> Recipe:
    """The recipe that was asked for.

    Raises:
        SettingsError: a choice is out of range; says which.
    """
    try:
        return Recipe.model_validate(_chosen(own, Recipe))
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][-1] if isinstance(problem["loc"][-1], str) else problem["loc"][-2])
        flag = FLAGS.get(name, "--" + name.replace("_", "-"))
        raise SettingsError(f"{flag}: {fault(problem, Recipe)}") from error


def _chosen(own: Namespace, part: type[BaseModel]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, field in part.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            chosen[name] = _chosen(own, field.annotation)
        elif name in own:
            value = getattr(own, name)
            chosen[name] = value.split(",") if get_origin(field.annotation) is tuple else value
    return chosen


__all__ = ["add_action", "add_choices", "create", "recipe_of"]
