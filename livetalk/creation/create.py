"""An avatar made, step by step: from a source to the files of a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livetalk import registry
from livetalk.avatar.footage import FACE, Footage, write_meshes
from livetalk.avatar.manifest import EngineEntry, Manifest
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import THUMBNAIL, VIDEO, write_manifest, write_thumbnail, write_video
from livetalk.creation.clip import read_clip
from livetalk.creation.doubts import doubts
from livetalk.creation.finding import find_face
from livetalk.creation.keeping import Pictures, keep_pictures
from livetalk.creation.limits import Limits
from livetalk.creation.looping import FITS, Loop, loop_of
from livetalk.creation.photo import living
from livetalk.creation.photos import read_photo, read_photos
from livetalk.creation.source import Source, probe
from livetalk.creation.steadying import steadied
from livetalk.creation.watch import Doubt, Watch
from livetalk.errors import AvatarError
from livetalk.protocols import Preparer
from livetalk.types import FPS, Float32Array, Picture

SOURCE, LICENCE = "made of a clip or photo of its maker's own", "its maker's"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where an avatar is made, and with what."""

    scratch: Path
    """an own folder for what is not kept; the caller removes it"""
    models: Path
    device: str
    limits: Limits = field(default_factory=Limits)


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
    footage, loop = _footage(found, recipe, shop, watch)
    size = (footage.width, footage.height)
    count = len(footage.pictures)
    write_video(folder / VIDEO, footage.pictures, size, lambda done: watch.step("encode", done / count))
    write_thumbnail(folder / THUMBNAIL, footage.pictures[0])
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
        loop=loop.kind,
        video=VIDEO,
        thumbnail=THUMBNAIL,
        face=FACE,
        source=recipe.credit or SOURCE,
        licence=recipe.licence or LICENCE,
        engines=engines,
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


def _converted(source: Source, recipe: Recipe, shop: Workshop, watch: Watch) -> Pictures:
    """The pictures at 25 a second."""
    expected = max(1.0, min(recipe.seconds, (source.seconds or recipe.seconds) - recipe.start_s) * FPS)
    return keep_pictures(
        _read(source, recipe, shop.limits),
        shop.scratch / "pictures.i420",
        lambda done: watch.step("convert", min(1.0, done / expected)),
    )


def _read(source: Source, recipe: Recipe, limits: Limits) -> Iterator[Picture]:
    if source.kind == "clip":
        return read_clip(source, recipe, limits)
    if source.kind == "folder":
        return read_photos(source, recipe.size, round(recipe.seconds * FPS), limits)
    return iter((read_photo(source.path, recipe.size),))


def _footage(source: Source, recipe: Recipe, shop: Workshop, watch: Watch) -> tuple[Footage, Loop]:
    """The body's pictures, the face in them, and how they repeat."""
    pictures = _converted(source, recipe, shop, watch)
    found = find_face(pictures, shop.models, recipe.face, lambda share: watch.step("find", share))
    for doubt in doubts(found, pictures, recipe.face):
        watch.doubt(doubt)
    if source.kind == "photo" and recipe.idle_motion:
        return _animated(pictures[0], found.meshes[0], shop, watch)
    meshes: Float32Array = steadied(found, recipe.steady)
    watch.step("steady", 1.0)
    loop = loop_of(pictures, meshes, recipe.loop)
    watch.step("loop", 1.0)
    if loop.kind == "cycle" and loop.seam > FITS:
        text = f"the end does not fit the beginning ({loop.seam:.1f} times a usual step)"
        watch.doubt(Doubt("seam", f"{text}; loop pingpong does not jump", pictures[loop.frames - 1]))
    return Footage(pictures[: loop.frames], meshes[: loop.frames]), loop


def _animated(photo: Picture, mesh: Float32Array, shop: Workshop, watch: Watch) -> tuple[Footage, Loop]:
    """A photo that moves."""
    moving = living(photo, mesh)
    pictures = keep_pictures(
        moving.pictures(),
        shop.scratch / "living.i420",
        lambda done: watch.step("animate", done / moving.frames),
    )
    return Footage(pictures, moving.meshes), Loop("cycle", moving.frames, 0.0)


__all__ = ["Workshop", "create"]
