"""A picture of what MuseTalk's controls change, drawn before an avatar is made."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk import registry
from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import Recipe
from livetalk.creation.body import read_pictures
from livetalk.creation.clip import LEAST_PICTURES
from livetalk.creation.finding import find_face
from livetalk.creation.source import probe
from livetalk.creation.watch import Watch
from livetalk.creation.workshop import Workshop
from livetalk.protocols import Redrawn
from livetalk.types import Float32Array

Colours = npt.NDArray[np.uint8]
"""(height, width, 3), BGR"""

ENGINE = "musetalk"
"""whose controls they are"""
FILE = "preview.jpg"
LONGER_PX = 720
"""of what is drawn"""
ROOM = 0.35
"""around what is redrawn, in its own sizes"""
TINT = (214, 120, 40)
"""BGR, laid over what is redrawn"""
TINT_SHARE = 0.45
SEEN = 128
"""of the opacity, where its outline runs"""
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
_QUALITY = 90


def preview(source: Path, folder: Path, recipe: Recipe, shop: Workshop, watch: Watch) -> None:
    """Write the picture into a folder.

    Of a clip it is the first one of the recipe's part. All goes the way that an avatar is made.

    Raises:
        AvatarError: no avatar can be made of this; says why, and what helps.
        ModelError: weights or a package are missing, or damaged.
    """
    found = probe(source, shop.limits)
    some = [*islice(read_pictures(found, recipe, shop.limits), LEAST_PICTURES)]  # fewer are refused
    first = some[0][None]
    face = find_face(first, shop.models, recipe.face, lambda share: watch.step("find", share))
    redrawn = registry.make_previewer(ENGINE, shop.models).redrawn(Footage(first, face.meshes), recipe)
    colours = np.asarray(cv2.cvtColor(some[0], cv2.COLOR_YUV2BGR_I420), np.uint8)
    _, content = cv2.imencode(".jpg", drawn(colours, redrawn), (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    (folder / FILE).write_bytes(content.tobytes())


def drawn(picture: Colours, redrawn: Redrawn) -> Colours:
    """The part about the face, as large as may be: what is redrawn in colour, the box around it in white."""
    top, bottom, left, right = _part(picture, redrawn)
    scale = LONGER_PX / max(bottom - top, right - left)
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    shown = np.asarray(cv2.resize(picture[top:bottom, left:right], size, interpolation=how), np.float32)
    opacity = cv2.resize(redrawn.opacity[top:bottom, left:right], size, interpolation=cv2.INTER_LINEAR)
    share = (TINT_SHARE / 255 * opacity.astype(np.float32))[..., None]
    mixed = shown * (1 - share) + np.array(TINT, np.float32) * share
    tinted: Colours = np.rint(mixed).astype(np.uint8)
    edges, _ = cv2.findContours(
        np.where(opacity >= SEEN, np.uint8(1), np.uint8(0)), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    cv2.drawContours(tinted, edges, -1, TINT, 2, cv2.LINE_AA)
    corners = (redrawn.corners - (left, top)) * scale
    for colour, width in ((BLACK, 4), (WHITE, 2)):
        cv2.polylines(tinted, [np.rint(corners).astype(np.int32)], True, colour, width, cv2.LINE_AA)
    return tinted


def _part(picture: Colours, redrawn: Redrawn) -> tuple[int, int, int, int]:
    """Rows and columns, from and to: the box and room around it, as far as the picture goes."""
    low, high = redrawn.corners.min(axis=0), redrawn.corners.max(axis=0)
    room = ROOM * float(max(high - low))
    (left, top), (right, bottom) = _whole(low - room), _whole(high + room)
    height, width = picture.shape[:2]
    return max(0, top), min(height, bottom), max(0, left), min(width, right)


def _whole(point: Float32Array) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


__all__ = ["FILE", "LONGER_PX", "drawn", "preview"]
