"""An avatar whose faces are restored, made of another one, which stays as it is.

It is done in the caller's process: all that is read is a bundle whose sums were checked, and the caller's
own network; nothing foreign is decoded. What is made lies beside the avatars until it is whole, so that
nothing half is ever found among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from livetalk import registry
from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.avatar.footage import Footage, read_meshes
from livetalk.avatar.manifest import AVATAR_ID, EngineEntry, Manifest, read_manifest
from livetalk.avatar.recipe import NAME_LENGTH, Recipe
from livetalk.avatar.shelf import not_there
from livetalk.avatar.writing import (
    MANIFEST,
    free_place,
    new_bundle,
    write_manifest,
    write_thumbnail,
    write_video,
)
from livetalk.creation.acting import copy_bundle
from livetalk.creation.create import prepared
from livetalk.creation.keeping import SUFFIX, Pictures, keep_pictures
from livetalk.creation.making import Places
from livetalk.creation.watch import Doubt, Step
from livetalk.enhancement.network import Restorer, find_network
from livetalk.enhancement.restoring import Part, parts_of, restored
from livetalk.errors import AvatarError, ModelError
from livetalk.pipeline.backdrop import before_own
from livetalk.protocols import Preparer

Stage: TypeAlias = Literal["restore", "encode", "prepare"]
"""in their order"""
Tell: TypeAlias = Callable[[Stage, float], None]
"""told how much of a stage is done, 0 to 1"""

ADDED = ", enhanced"
"""to the name that people read"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made of which avatar."""

    avatar: str
    target: str
    """the new one's id"""
    strength: float
    """of what the network changes, 0 to 1"""
    recipe: Recipe
    """the engines to prepare it for, none for those of the avatar; MuseTalk's controls; the new one's name"""


class _Preparing:
    """The watch of those who prepare."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def step(self, step: Step, share: float) -> None:
        self._tell("prepare", share)

    def doubt(self, doubt: Doubt) -> None:
        """They have none."""


def enhance(wish: Wish, places: Places, cache: Path, tell: Tell) -> Path:
    """Make it; the new avatar's folder comes back.

    Args:
        wish: what is wanted.
        places: of the avatars, of the weights, and the device.
        cache: of decoded pictures.
        tell: told how far it is.

    Raises:
        NotFound: there is no such avatar.
        InvalidRequest, Conflict: the new id is none, or taken.
        ModelError: the network, or what prepares for an engine, is missing or damaged; says what to do.
        AvatarError: the avatar is damaged, or was not made here.
    """
    free_place(places.avatars, wish.target)
    manifest = _manifest_of(wish.avatar, places.avatars)
    wish = replace(wish, recipe=wish.recipe.alike(manifest.recipe))
    restorer = Restorer(find_network(places.models), places.device)
    preparers = _preparers_for(manifest, wish.recipe, places)
    bundle = open_bundle(places.avatars / wish.avatar, cache)
    footage = Footage(bundle.pictures, read_meshes(bundle.folder / manifest.face, manifest.pictures))
    with new_bundle(places.avatars, wish.target) as folder:
        copy_bundle(bundle.folder, folder)
        parts = parts_of(manifest, footage.meshes)
        count = len(footage.pictures)
        pictures = keep_pictures(
            restored(footage, parts, restorer, wish.strength),
            folder.parent / f"pictures{SUFFIX}",
            lambda done: tell("restore", done / count),
        )
        _write_pictures(folder, bundle, parts, pictures, tell)
        better = Footage(pictures, footage.meshes)
        engines = prepared(preparers, better, wish.recipe, folder, _Preparing(tell))
        _write_manifest(folder, manifest, wish, restorer.path.name, engines)
    return places.avatars / wish.target


def _manifest_of(avatar_id: str, avatars: Path) -> Manifest:
    """Of an avatar whose face is known."""
    if not AVATAR_ID.fullmatch(avatar_id) or not (avatars / avatar_id).is_dir():
        raise not_there(avatars, avatar_id)
    folder = avatars / avatar_id
    manifest = read_manifest(folder) if (folder / MANIFEST).is_file() else None
    if manifest is None or not manifest.face:
        raise AvatarError(
            f"{avatar_id} was not made by livetalk avatar create, so nothing tells where its face is; only "
            "avatars made so can be enhanced"
        )
    return manifest


def _preparers_for(manifest: Manifest, recipe: Recipe, places: Places) -> list[Preparer]:
    names = recipe.engines or tuple(manifest.engines)
    found = [registry.make_preparer(name, places.models, places.device) for name in names]
    for each in found:
        if why := each.missing(recipe):
            raise ModelError(
                f"{manifest.id} cannot be prepared for {each.engine} again: {why}; or name the engines to "
                "prepare it for: --engines viseme"
            )
    return found


def _write_pictures(
    folder: Path, bundle: AvatarBundle, parts: list[Part], pictures: Pictures, tell: Tell
) -> None:
    """The videos of a bundle anew, but for those that show no face; and its thumbnail."""
    manifest, size = bundle.manifest, (bundle.width, bundle.height)
    for (name, count), part in zip(manifest.videos, parts, strict=True):
        end = part.first + count

        def tell_written(done: int, first: int = part.first) -> None:
            tell("encode", (first + done) / len(pictures))

        if part.face:
            write_video(folder / name, pictures[part.first : end], size, tell_written)
        tell("encode", end / len(pictures))
    matte = None if bundle.mattes is None else bundle.mattes[0]
    first = before_own(pictures[0], matte, manifest.background)
    write_thumbnail(folder / manifest.thumbnail, first)


def _write_manifest(
    folder: Path, manifest: Manifest, wish: Wish, network: str, engines: dict[str, EngineEntry]
) -> None:
    """It tells what was done; files of engines that it is not prepared for any more are removed."""
    kept = {entry.file for entry in engines.values()}
    for entry in manifest.engines.values():
        if entry.file not in kept:
            (folder / entry.file).unlink()
    made = {
        "id": wish.target,
        "name": wish.recipe.name or manifest.name[: NAME_LENGTH - len(ADDED)] + ADDED,
        "source": f"{manifest.source}; faces restored by {network}, strength {wish.strength:g}",
        "engines": engines,
        "recipe": wish.recipe.kept(manifest.recipe),
    }
    write_manifest(folder, manifest.model_copy(update=made))


__all__ = ["Stage", "Tell", "Wish", "enhance"]
