"""What MuseTalk's controls change, told of one picture: by the way avatars are made, without the networks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import Recipe
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.files import PARSER
from livetalk.engines.musetalk.turned import as_turned, moved
from livetalk.errors import ModelError
from livetalk.protocols import Redrawn

CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
"""of a box, seen from itself"""
DEVICE = "cpu"
"""where the face parser takes less time than a GPU does to be woken for it"""


class MuseTalkPreviewer:
    """Boxes and masks; landmarks and a face parser are taken where their weights are there."""

    engine = "musetalk"

    def __init__(self, models: Path) -> None:
        """With what lies below `models`."""
        self._models = models

    def redrawn(self, footage: Footage, recipe: Recipe) -> Redrawn:
        """The box, and the soft mask in it.

        Raises:
            AvatarError: hardly anything of the face lies in the picture.
            ModelError: a package is missing, or the weights of landmarks or parser are damaged.
        """
        needed = {"PIL": "pillow", **({"torch": "torch"} if (self._models / PARSER).is_file() else {})}
        if absent := [package for module, package in needed.items() if find_spec(module) is None]:
            raise ModelError(f'this needs the package {absent[0]}: pip install "livetalk[musetalk]"')
        from livetalk.engines.musetalk.making import Masking, boxes_of, find_points

        points, _ = find_points(self._models, footage, lambda _share: None)
        box = boxes_of(points, footage, recipe)[0]
        picture = np.asarray(cv2.cvtColor(footage.pictures[0], cv2.COLOR_YUV2BGR_I420), np.uint8)
        place = Masking(self._models, DEVICE, recipe.musetalk).place(picture, footage.meshes[0], box)
        opacity = np.zeros((footage.height, footage.width), np.uint8)
        inner = place.inner
        opacity[inner.top : inner.bottom, inner.left : inner.right] = place.luma
        turned = as_turned(box) if isinstance(box, Box) else box
        corners = moved(CORNERS, turned.from_unit())
        return Redrawn(corners.astype(np.float32), opacity)


__all__ = ["MuseTalkPreviewer"]
