"""An avatar made, step by step: from a source to the files of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from livetalk import registry
from livetalk.avatar.footage import FACE, Footage, write_meshes
from livetalk.avatar.manifest import EngineEntry, Manifest
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import MATTE, THUMBNAIL, VIDEO, write_manifest, write_thumbnail, write_video
from livetalk.creation.body import make_body
from livetalk.creation.source import probe
from livetalk.creation.watch import Doubt, Watch
from livetalk.creation.workshop import Workshop
from livetalk.errors import AvatarError
from livetalk.protocols import Preparer
from livetalk.types import FPS

SOURCE, LICENCE = "made of a clip or photo of its maker's own", "its maker's"


def create(source: Path, folder: Path, recipe: Recipe, shop: Workshop, watch: Watch) -> Manifest:
    """Fill a folder, whose name is the avatar's id, with its bundle.

    Raises:
        AvatarError: no avatar can be made of this; says why, and what helps.
        ModelError: weights are missing or damaged.
    """
    preparers = _preparers_for(recipe, shop)
    found = probe(source, shop.limits)
    if found.hdr:
        watch.doubt(Doubt("colours", "the clip is HDR; its colours may look pale: export it without HDR"))
    body = make_body(found, recipe, shop, watch)
    footage = body.footage
    size = (footage.width, footage.height)
    count = len(footage.pictures)
    write_video(folder / VIDEO, footage.pictures, size, lambda done: watch.step("encode", done / count))
    if body.mattes is not None:
        write_video(folder / MATTE, body.mattes, size)
    write_thumbnail(folder / THUMBNAIL, body.first_seen)
    write_meshes(folder / FACE, footage.meshes)
    engines = prepared(preparers, footage, recipe, folder, watch)
    manifest = Manifest(
        schema_version=1,
        id=folder.name,
        name=recipe.name or folder.name,
        width=size[0],
        height=size[1],
        fps=FPS,
        frames=count,
        loop=body.loop.kind,
        video=VIDEO,
        matte="" if body.mattes is None else MATTE,
        background=body.background,
        thumbnail=THUMBNAIL,
        face=FACE,
        source=recipe.credit or SOURCE,
        licence=recipe.licence or LICENCE,
        engines=engines,
        recipe=recipe,
        checksums={},
    )
    return write_manifest(folder, manifest)


def prepared(
    preparers: Sequence[Preparer], footage: Footage, recipe: Recipe, folder: Path, watch: Watch
) -> dict[str, EngineEntry]:
    """What each engine needs, written into a bundle's folder.

    Raises:
        AvatarError, ModelError: one cannot be made.
    """
    engines: dict[str, EngineEntry] = {}
    for number, preparer in enumerate(preparers):

        def tell(share: float, before: int = number) -> None:
            watch.step("prepare", (before + share) / len(preparers))

        engines[preparer.engine] = preparer.prepare(footage, recipe, folder, tell)
    return engines


def _preparers_for(recipe: Recipe, shop: Workshop) -> list[Preparer]:
    """Of all engines that were asked for, or else of all that can be in little time."""
    names = recipe.engines or tuple(registry.installed("livetalk.preparers"))
    found = [registry.make_preparer(name, shop.models, shop.device) for name in names]
    missing = {each.engine: each.missing(recipe) for each in found}
    if recipe.engines and any(missing.values()):
        raise AvatarError("; ".join(f"{engine}: {why}" for engine, why in missing.items() if why))
    return [each for each in found if not missing[each.engine] and (recipe.engines or each.is_quick())]


__all__ = ["create", "prepared"]
