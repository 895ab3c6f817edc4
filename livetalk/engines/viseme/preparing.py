"""A warp file made of footage: the landmarks that the painter moves skin about."""

from __future__ import annotations

from pathlib import Path

from safetensors.numpy import save

from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import EngineEntry
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.rows import Flags, keep_rows
from livetalk.engines.viseme.lip_line import settle
from livetalk.engines.viseme.warp_points import FORMAT, check, select
from livetalk.protocols import Share

FILE = "viseme.safetensors"


class VisemePreparer:
    """Needs nothing but the pictures and the face's mesh."""

    engine = "viseme"

    def __init__(self, models: Path, device: str) -> None:
        pass

    def missing(self, recipe: Recipe) -> str:
        """Nothing ever is."""
        return ""

    def is_quick(self) -> bool:
        """Always."""
        return True

    def prepare(self, footage: Footage, recipe: Recipe, folder: Path, tell: Share) -> EngineEntry:
        """Write the warp file.

        Raises:
            AvatarError: the mouth is outside the picture, too small, or not in the order of a face.
            OSError: it cannot be written.
        """
        size = (footage.width, footage.height)
        meshed = select(footage.meshes)
        check(meshed, size)
        landmarks = settle(footage.pictures, meshed)
        check(landmarks, size)
        (folder / FILE).write_bytes(save({"landmarks": landmarks}, metadata=FORMAT))
        tell(1.0)
        return EngineEntry(kind="warp", file=FILE)

    def keep(self, file: Path, kept: Flags) -> None:
        """Leave the landmarks of some pictures.

        Raises:
            AvatarError: the file is damaged, or of other pictures.
        """
        keep_rows(file, lambda tensors: dict.fromkeys(tensors, kept))


__all__ = ["VisemePreparer"]
