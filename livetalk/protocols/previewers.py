"""What tells, before an avatar is made, what an engine would draw of a face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import Recipe
from livetalk.types import Float32Array


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What of a picture is drawn anew."""

    corners: Float32Array
    """(n, 2), pixels: of what the engine draws; may leave the picture"""
    opacity: npt.NDArray[np.uint8]
    """(height, width): how much of it replaces the picture, 255 for all"""


class Previewer(Protocol):
    """Tells what the recipe's choices for one engine change."""

    engine: str
    """whose choices they are"""

    def redrawn(self, footage: Footage, recipe: Recipe) -> Redrawn:
        """Of the footage's first picture, exactly as its avatar will have it; draws nothing.

        Raises:
            AvatarError: no avatar can be made of this face; says what to do.
            ModelError: a package is missing, or weights that would be used are damaged.
        """


__all__ = ["Previewer", "Redrawn"]
