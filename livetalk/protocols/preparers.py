"""What prepares an avatar for an engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import EngineEntry
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.rows import Flags

Share: TypeAlias = Callable[[float], None]
"""told how much of the work is done, 0 to 1, now and then"""


class Preparer(Protocol):
    """Makes what one engine needs of an avatar."""

    engine: str
    """whose avatars it makes"""

    def missing(self, recipe: Recipe) -> str:
        """Why it cannot, "" where it can: weights or packages that are not there, and what brings them."""

    def is_quick(self) -> bool:
        """Whether it is done in minutes on this machine; only then it is done unasked."""

    def prepare(self, footage: Footage, recipe: Recipe, folder: Path, tell: Share) -> EngineEntry:
        """Write the engine's file into a bundle's folder.

        Raises:
            AvatarError: it cannot be made of this face; says what to do.
            ModelError: weights are damaged.
        """

    def keep(self, file: Path, kept: Flags) -> None:
        """Leave in the engine's file of a bundle what belongs to the pictures that are kept.

        Needs nothing that `prepare` needs; nothing is made anew.

        Raises:
            AvatarError: the file is damaged, or of other pictures.
        """


__all__ = ["Preparer", "Share"]
