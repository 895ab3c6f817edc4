"""An action added to an avatar: a further clip, whose pictures come behind those of the bundle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import soundfile

from livetalk import registry
from livetalk.audio.clip import decode_clip
from livetalk.avatar.footage import FACE, Footage, read_meshes, write_meshes
from livetalk.avatar.frames import decode
from livetalk.avatar.manifest import Action, Manifest, read_manifest
from livetalk.avatar.recipe import LONGEST_S, Recipe
from livetalk.avatar.writing import write_manifest, write_video
from livetalk.creation.clip import read_clip
from livetalk.creation.create import prepared
from livetalk.creation.cutting import CutOut, cut_out
from livetalk.creation.doubts import doubts
from livetalk.creation.finding import Found, find_face
from livetalk.creation.keeping import Pictures, keep_pictures
from livetalk.creation.opacity import given_mattes
from livetalk.creation.source import Source, probe
from livetalk.creation.steadying import steadied
from livetalk.creation.watch import Doubt, Watch
from livetalk.creation.workshop import Workshop
from livetalk.errors import AvatarError, UnsupportedMedia
from livetalk.types import FPS, SAMPLE_RATE, Float32Array, Int16Array, Picture, planes

OTHER_SHAPE = 0.02
"""by which a clip's proportions may differ from the body's"""


def add_action(
    source: Path, folder: Path, name: str, recipe: Recipe, shop: Workshop, watch: Watch, *, sound: bool
) -> Manifest:
    """Add a clip to the bundle in `folder`, a copy that nobody uses yet.

    Args:
        source: the clip.
        folder: the bundle.
        name: what the action is called.
        recipe: which part of the clip, which face, how steadied.
        shop: where it is made.
        watch: told how far it is.
        sound: keep the clip's own sound, and its own lips with it.

    Raises:
        AvatarError: it cannot be added; says why.
    """
    manifest = read_manifest(folder)
    recipe = recipe.alike(manifest.recipe)
    if not manifest.face:
        raise AvatarError(
            f"{manifest.id} was not made by livetalk avatar create; only such avatars take actions"
        )
    if not manifest.matte and recipe.cut_out in ("key", "person"):
        raise AvatarError(
            f"{manifest.id} is not cut out, and nor are its actions; leave cut out away, or make the "
            "avatar with it"
        )
    found = probe(source, shop.limits)
    if found.kind != "clip":
        raise AvatarError("an action is made of a clip, not of photos")
    voice = _sound_of(source, recipe) if sound else None
    body = _body(folder, manifest, shop.scratch)
    clip = _clip(found, recipe, (manifest.width, manifest.height), shop, watch)
    before = read_meshes(folder / manifest.face, manifest.pictures)
    given = _given(found, recipe, (manifest.width, manifest.height), shop) if manifest.matte else None
    meshes, seen = _meshes(clip, before[-1], recipe, shop, watch)
    file, matte = f"action-{name}.mp4", f"action-{name}-matte.mp4" if manifest.matte else ""
    count = len(clip)
    size = (manifest.width, manifest.height)
    if matte:
        cut = _cut_out(clip, given, recipe, shop, watch)
        clip = cut.pictures
        write_video(folder / matte, cut.mattes, size)
    watch.step("steady", 1.0)
    write_video(folder / file, clip, size, lambda done: watch.step("encode", done / count))
    if voice is not None:
        soundfile.write(folder / f"action-{name}.flac", voice[: count * SAMPLE_RATE // FPS], SAMPLE_RATE)
    action = Action(
        first=manifest.pictures,
        frames=count,
        video=file,
        lips=seen and voice is None,
        sound="" if voice is None else f"action-{name}.flac",
        matte=matte,
    )
    whole = np.concatenate((before, meshes))
    write_meshes(folder / FACE, whole)
    pictures = keep_pictures(_all_of(body, clip), shop.scratch / "whole.i420", lambda _done: None)
    preparers = [registry.make_preparer(engine, shop.models, shop.device) for engine in manifest.engines]
    engines = prepared(preparers, Footage(pictures, whole), recipe, folder, watch)
    actions = {**manifest.actions, name: action}
    changed = {"actions": actions, "engines": engines, "recipe": recipe.kept(manifest.recipe)}
    return write_manifest(folder, manifest.model_copy(update=changed))


def copy_bundle(bundle: Path, folder: Path) -> Manifest:
    """A copy of a bundle to be changed; what it says of itself comes back.

    Raises:
        AvatarError: there is no such bundle.
        OSError: it cannot be read, or the copy not be written.
    """
    manifest = read_manifest(bundle)
    try:
        shutil.copytree(bundle, folder, dirs_exist_ok=True)
    except shutil.Error as error:  # its text is a list of all files
        raise OSError(0, f"{bundle.name} could not be copied, the disk may be full") from error
    return manifest


def _sound_of(source: Path, recipe: Recipe) -> Int16Array:
    """The part's own sound, mono, 16 kHz.

    Raises:
        AvatarError: it has none.
    """
    try:
        heard = np.concatenate([*decode_clip(source.read_bytes(), LONGEST_S * 10)])
    except UnsupportedMedia as error:
        raise AvatarError(f"its sound cannot be kept, {error}; add it without sound") from error
    begin = round(recipe.start_s * SAMPLE_RATE)
    return np.asarray(heard[begin : begin + round(recipe.seconds * SAMPLE_RATE)], np.int16)


def _body(folder: Path, manifest: Manifest, scratch: Path) -> Pictures:
    """The pictures that there are."""
    size = (manifest.width, manifest.height)
    decoded = (each for name, count in manifest.videos for each in decode(folder / name, count, size))
    return keep_pictures(decoded, scratch / "body.i420", lambda _done: None)


def _clip(source: Source, recipe: Recipe, size: tuple[int, int], shop: Workshop, watch: Watch) -> Pictures:
    """The clip's, in the body's size."""
    expected = max(1.0, min(recipe.seconds, (source.seconds or recipe.seconds) - recipe.start_s) * FPS)
    whole = recipe.model_copy(update={"size": min(size)})
    fitted = (_fitted(picture, size) for picture in read_clip(source, whole, shop.limits))
    return keep_pictures(
        fitted, shop.scratch / "clip.i420", lambda done: watch.step("convert", min(1.0, done / expected))
    )


def _given(source: Source, recipe: Recipe, size: tuple[int, int], shop: Workshop) -> Pictures | None:
    """How opaque the clip says that it is, in the body's size."""
    mattes = given_mattes(source, recipe.model_copy(update={"size": min(size)}), shop)
    if mattes is None:
        return None
    fitted = (_fitted(matte, size) for matte in mattes)
    return keep_pictures(fitted, shop.scratch / "fitted.i420", lambda _done: None)


def _cut_out(clip: Pictures, given: Pictures | None, recipe: Recipe, shop: Workshop, watch: Watch) -> CutOut:
    """Who is seen, as the body is cut out, in whatever way the clip allows."""
    way = "auto" if recipe.cut_out == "alpha" else recipe.cut_out
    cut = cut_out(clip, given, recipe.model_copy(update={"cut_out": way, "background": ""}), shop, watch)
    if cut is None:
        raise AvatarError("the avatar is cut out, and so are its actions; choose cut out auto, key or person")
    return cut


def _fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    width, height = picture.shape[1], picture.shape[0] * 2 // 3
    if (width, height) == size:
        return picture
    if abs(width / height * size[1] / size[0] - 1) > OTHER_SHAPE:
        raise AvatarError(
            f"the clip is {width}x{height}, the avatar {size[0]}x{size[1]}: film both in the same way, or "
            "cut the clip to the same proportions"
        )
    fitted = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    # plane by plane: by way of colours, a matte would lose what is wholly opaque, and what is not at all
    for target, plane in zip(_layers(fitted), _layers(picture), strict=True):
        target[:] = cv2.resize(plane, target.shape[::-1], interpolation=cv2.INTER_AREA)
    return fitted


def _layers(picture: Picture) -> Sequence[npt.NDArray[np.uint8]]:
    luma, chroma = planes(picture)
    return (luma, *chroma)


def _meshes(
    clip: Pictures, still: Float32Array, recipe: Recipe, shop: Workshop, watch: Watch
) -> tuple[Float32Array, bool]:
    """The face in the clip, and whether it is seen; a gesture may hide it."""
    try:
        found: Found = find_face(clip, shop.models, recipe.face, lambda share: watch.step("find", share))
    except AvatarError as error:
        watch.doubt(Doubt("gaps", f"speech does not move the lips in this action: {error}", clip[0]))
        return np.broadcast_to(still, (len(clip), *still.shape)).astype(np.float32), False
    for doubt in doubts(found, clip, recipe.face):
        watch.doubt(doubt)
    return steadied(found, recipe.steady), True


def _all_of(*parts: Pictures) -> Iterator[Picture]:
    for part in parts:
        yield from part


__all__ = ["add_action", "copy_bundle"]
