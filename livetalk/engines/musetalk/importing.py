"""An avatar folder of MuseTalk's or LiveTalking's made into a bundle."""

from __future__ import annotations

from pathlib import Path

from livetalk.avatar.foreign import ENGINE, open_foreign
from livetalk.avatar.manifest import EngineEntry
from livetalk.avatar.writing import (
    THUMBNAIL,
    VIDEO,
    free_place,
    new_bundle,
    write_manifest,
    write_thumbnail,
    write_video,
)
from livetalk.engines.musetalk.folders import read_folder
from livetalk.engines.musetalk.prepared import FILE, Prepared, write_prepared
from livetalk.errors import AvatarError


def import_folder(folder: Path, target: Path, cache: Path, version: str | None = None) -> None:
    """Make the bundle `target` of a folder; its name becomes the avatar's id.

    Args:
        folder: as MuseTalk or LiveTalking made it.
        target: must not exist.
        cache: where the folder's decoded pictures are kept.
        version: of the networks it was made for, where the folder does not tell; else 1.5.

    Raises:
        AvatarError: the folder is damaged.
        InvalidRequest, Conflict: the name is no id, or taken.
    """
    free_place(target.parent, target.name)
    if not folder.is_dir():
        raise AvatarError(f"there is no folder {folder}; name one that MuseTalk or LiveTalking made")
    found = read_folder(folder)
    if version and found.version and version != found.version:
        raise AvatarError(f"{folder} says that it was made for {found.version}, not {version}")
    bundle = open_foreign(folder, cache, target.name)
    size = (bundle.width, bundle.height)
    with new_bundle(target.parent, target.name) as made:
        write_video(made / VIDEO, bundle.pictures, size)
        write_thumbnail(made / THUMBNAIL, bundle.pictures[0])
        prepared = Prepared(version or found.version or "v15", found.latents, found.places(size))
        write_prepared(made / FILE, prepared)
        changes = {
            "video": VIDEO,
            "thumbnail": THUMBNAIL,
            "engines": {ENGINE: EngineEntry(kind="latents", file=FILE)},
        }
        write_manifest(made, bundle.manifest.model_copy(update=changes))


__all__ = ["import_folder"]
