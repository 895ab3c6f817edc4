"""One avatar made beside the others and put among them as a whole; nothing of it stays where that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from livetalk.avatar.manifest import AVATAR_ID, Manifest, read_manifest
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.shelf import not_there
from livetalk.avatar.writing import MANIFEST, free_place, replace_manifest
from livetalk.cancellation import Cancellation
from livetalk.creation.acting import copy_bundle
from livetalk.creation.bench import put_in_place
from livetalk.creation.fetching import fetch_face
from livetalk.creation.keeping import SUFFIX
from livetalk.creation.limits import Limits
from livetalk.creation.preview import FILE
from livetalk.creation.process import run
from livetalk.creation.removing import remove_action, without
from livetalk.creation.worker import Order, Told
from livetalk.errors import Conflict, InvalidRequest, NotFound
from livetalk.locks import alone


@dataclass(frozen=True, slots=True)
class Places:
    """Where avatars are, and what they are made with."""

    avatars: Path
    models: Path
    device: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class NewAction:
    """A further clip for an avatar."""

    name: str
    sound: bool
    """keep its own, and its own lips with it"""


def make(
    source: Path,
    avatar_id: str,
    recipe: Recipe,
    places: Places,
    bench: Path,
    tell: Callable[[Told], None],
    cancel: Cancellation,
) -> Path:
    """Make an avatar in a process of its own; its folder comes back.

    Args:
        source: a clip, a photo or a folder of photos.
        avatar_id: what it is to be called.
        recipe: how it is to be made.
        places: where it goes.
        bench: its own, of `bench_in`; pictures that were told of stay in its `scratch`.
        tell: told of steps and doubts.
        cancel: ends it.

    Raises:
        AvatarError: it cannot be made; says why.
        ModelError: weights are missing, and cannot be fetched.
        InvalidRequest, Conflict: the id is none, or taken.
        Cancelled: nobody wants it any more.
    """
    free_place(places.avatars, avatar_id)
    order = _order(source, avatar_id, recipe, places, bench)
    _have_done(order, places, tell, cancel)
    with alone(places.avatars):
        target = free_place(places.avatars, avatar_id)
        order.folder.rename(target)
    return target


def make_action(
    source: Path,
    avatar_id: str,
    action: NewAction,
    recipe: Recipe,
    places: Places,
    bench: Path,
    tell: Callable[[Told], None],
    cancel: Cancellation,
) -> Path:
    """Add an action to an avatar in a process of its own; its folder, changed as a whole, comes back.

    Args and errors are those of `make`; `action` is what is added. A name, or a plan, that the avatar is
    given meanwhile is kept.

    Raises:
        NotFound: there is no such avatar, or no more.
    """
    target = check_action(places.avatars, avatar_id, action)
    order = _order(source, avatar_id, recipe, places, bench)
    copied = copy_bundle(target, order.folder)
    _have_done(order.model_copy(update={"action": action.name, "sound": action.sound}), places, tell, cancel)
    with alone(places.avatars):
        _keep_changes(order.folder, copied, _as_it_is(target))
        return put_in_place(order.folder, target, bench)


def make_without(avatar_id: str, action: str, places: Places, bench: Path) -> Path:
    """Take an action from an avatar; its folder, changed as a whole, comes back.

    Raises:
        NotFound: there is no such avatar, or it has no such action.
        Conflict: its plan shows the action, or it became another one meanwhile.
        AvatarError: it is damaged.
        PluginError: it was prepared for an engine that is not installed.
    """
    target = _there(places.avatars, avatar_id)
    without(read_manifest(target), action)  # before anything is copied
    folder = bench / "bundle" / avatar_id
    copied = copy_bundle(target, folder)
    remove_action(folder, action, places.models, places.device)
    with alone(places.avatars):
        now = _as_it_is(target)
        without(now, action)  # its plan may show it since
        _keep_changes(folder, copied, now)
        return put_in_place(folder, target, bench)


def make_preview(
    source: Path,
    recipe: Recipe,
    places: Places,
    bench: Path,
    tell: Callable[[Told], None],
    cancel: Cancellation,
) -> bytes:
    """What would be redrawn of a face, as a JPEG, drawn in a process of its own; nothing is kept.

    Args are those of `make`.

    Raises:
        AvatarError: no avatar can be made of this; says why.
        ModelError: weights are missing, and cannot be fetched.
        Cancelled: nobody wants it any more.
    """
    order = _order(source, "preview", recipe, places, bench)
    limits = replace(order.limits, work_s=order.limits.preview_s)
    _have_done(order.model_copy(update={"preview": True, "limits": limits}), places, tell, cancel)
    return (order.folder / FILE).read_bytes()


def check_action(avatars: Path, avatar_id: str, action: NewAction) -> Path:
    """The folder of the avatar that is to get an action.

    Raises:
        NotFound: there is no such avatar.
        InvalidRequest: the action's name is none.
        Conflict: the avatar has one of this name.
        AvatarError: it is damaged.
    """
    target = _there(avatars, avatar_id)
    if not AVATAR_ID.fullmatch(action.name):
        raise InvalidRequest(f"{action.name[:64]!r} cannot be an action's name: letters, digits, - and _")
    if action.name in read_manifest(target).actions:
        raise Conflict(
            f"{avatar_id} has an action {action.name!r} already; delete it first, or choose another name"
        )
    return target


def _there(avatars: Path, avatar_id: str) -> Path:
    if not AVATAR_ID.fullmatch(avatar_id) or not (avatars / avatar_id / MANIFEST).is_file():
        raise not_there(avatars, avatar_id)
    return avatars / avatar_id


def _as_it_is(target: Path) -> Manifest:
    """What an avatar says of itself now.

    Raises:
        NotFound: it was deleted since it was copied.
        AvatarError: it is damaged.
    """
    if not (target / MANIFEST).is_file():
        raise NotFound(f"{target.name} was deleted meanwhile")
    return read_manifest(target)


def _keep_changes(folder: Path, copied: Manifest, now: Manifest) -> None:
    """Have a changed copy say what the avatar itself was made to say since it was copied.

    Raises:
        Conflict: it has other files since.
        OutOfRoom: it cannot be written.
    """
    if now.checksums != copied.checksums:
        raise Conflict(f"{now.id} became another one meanwhile; try again")
    if (now.name, now.plan) != (copied.name, copied.plan):
        made = read_manifest(folder)
        replace_manifest(folder, made.model_copy(update={"name": now.name, "plan": now.plan}))


def _order(source: Path, avatar_id: str, recipe: Recipe, places: Places, bench: Path) -> Order:
    folder, scratch = bench / "bundle" / avatar_id, bench / "scratch"
    folder.mkdir(parents=True)
    scratch.mkdir()
    return Order(
        source=source.resolve(),
        folder=folder,
        scratch=scratch,
        recipe=recipe,
        models=places.models,
        device=places.device,
        limits=places.limits,
    )


def _have_done(order: Order, places: Places, tell: Callable[[Told], None], cancel: Cancellation) -> None:
    fetch_face(places.models, tell, cancel)
    try:
        run(order, tell, cancel)
    finally:
        for pictures in order.scratch.glob(f"*{SUFFIX}"):
            pictures.unlink()


__all__ = ["NewAction", "Places", "check_action", "make", "make_action", "make_preview", "make_without"]
