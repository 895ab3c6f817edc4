"""MuseTalk's part of an avatar, where its packages and weights are there."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import EngineEntry
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.rows import Flags
from livetalk.engines.musetalk import keeping
from livetalk.engines.musetalk.files import DECODER, VAE_FILES, VERSIONS, download_of, version_there
from livetalk.errors import ModelError
from livetalk.protocols import Share

PACKAGES = {"torch": "torch", "diffusers": "diffusers", "PIL": "pillow"}
"""module -> what pip calls it"""
_NAMES = {"v15": "1.5", "v10": "1.0"}


class MuseTalkPreparer:
    """Nothing is read, nor any heavy package imported, before an avatar is made."""

    engine = "musetalk"

    def __init__(self, models: Path, device: str) -> None:
        """With the weights below `models`, on a device: auto, cpu, cuda, cuda:1."""
        self._models = models
        self._device = device

    def missing(self, recipe: Recipe) -> str:
        """Packages, weights, or another version of them than the recipe's; and what brings them."""
        absent = [package for module, package in PACKAGES.items() if find_spec(module) is None]
        if absent:
            return f'MuseTalk needs the package {absent[0]}: pip install "livetalk[musetalk]"'
        return self._missing_networks(recipe.musetalk.version) or self._missing_encoder()

    def is_quick(self) -> bool:
        """On a GPU; a CPU takes a quarter of a minute for each picture. Imports torch."""
        from livetalk.engines.musetalk.drawing import find_device

        return find_device(self._device).type == "cuda"

    def prepare(self, footage: Footage, recipe: Recipe, folder: Path, tell: Share) -> EngineEntry:
        """Write latents, boxes and masks.

        Raises:
            AvatarError: hardly anything of the face lies in some picture.
            ModelError: weights are missing or damaged.
            EngineError: the device's memory is full.
        """
        if reason := self.missing(recipe):
            raise ModelError(reason)
        from livetalk.engines.musetalk.drawing import find_device
        from livetalk.engines.musetalk.making import make
        from livetalk.engines.musetalk.prepared import FILE, write_prepared

        prepared = make(self._models, find_device(self._device), footage, recipe, tell)
        write_prepared(folder / FILE, prepared)
        return EngineEntry(kind=prepared.kind, file=FILE)

    def keep(self, file: Path, kept: Flags) -> None:
        """Leave latents, boxes and masks of some pictures.

        Raises:
            AvatarError: the file is damaged, or of other pictures.
        """
        keeping.keep(file, kept)

    def _missing_networks(self, version: str) -> str:
        """An avatar is of use to that version alone which the engine would load."""
        wanted = self._models / VERSIONS[version][0]
        there = version_there(self._models)
        if not wanted.is_dir():
            besides = f", {_NAMES[there]}'s are: choose that version, or" if there else ";"
            command = download_of(wanted)
            return f"MuseTalk {_NAMES[version]}'s weights are not there{besides} bring them with: {command}"
        if there != version:
            return (
                f"{self._models} holds MuseTalk {_NAMES[there]} too, which the engine loads first: choose "
                f"that version, or keep {_NAMES[version]}'s weights in a folder of their own (--models-dir)"
            )
        return ""

    def _missing_encoder(self) -> str:
        folder = self._models / "sd-vae"
        if (folder / "config.json").is_file() and any((folder / name).is_file() for name in VAE_FILES):
            return ""
        if (folder / DECODER).is_file():
            return (
                f"{self._models} holds lean weights, which draw faces but cannot prepare avatars; bring "
                f"the whole ones with: {download_of(folder)}"
            )
        return f"the VAE that reads faces, {folder}, is not there; bring it with: {download_of(folder)}"


__all__ = ["MuseTalkPreparer"]
