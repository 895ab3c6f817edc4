"""MuseTalk's part of an avatar made of footage: boxes, latents and masks of every picture."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import MuseTalkChoices, Recipe
from livetalk.engines.musetalk import dwpose
from livetalk.engines.musetalk.boxes import Box, crop_box
from livetalk.engines.musetalk.dwpose import DWPose
from livetalk.engines.musetalk.files import PARSER
from livetalk.engines.musetalk.framing import face_boxes
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.masks import Cheeks, blend_mask, parse
from livetalk.engines.musetalk.membrane import small
from livetalk.engines.musetalk.mesh_labels import draw_labels
from livetalk.engines.musetalk.paste import Grey, Place, prepare, prepare_turned, with_edge
from livetalk.engines.musetalk.turned import TurnedBox, cut, cut_upright, inverse, moved, of_samples
from livetalk.engines.musetalk.turning import turned_boxes
from livetalk.protocols import Share
from livetalk.types import Float32Array

if TYPE_CHECKING:
    import torch

    from livetalk.engines.musetalk.prepared import Prepared

Colours = npt.NDArray[np.uint8]

POSE_SHARE = 0.1
"""of the work, where DWPose finds the points"""
ASTRAY = 0.5
"""in widths of the face, by which DWPose's face lies elsewhere than the mesh's, and so is another's"""

logger = logging.getLogger(__name__)


def make(models: Path, device: torch.device, footage: Footage, recipe: Recipe, tell: Share) -> Prepared:
    """All of it.

    Raises:
        AvatarError: hardly anything of the face lies in some picture.
        ModelError: weights are missing or damaged.
        EngineError: the device's memory is full.
    """
    from livetalk.engines.musetalk.encoding import Encoder, Latents
    from livetalk.engines.musetalk.prepared import Prepared

    encoder = Encoder(models, device)
    masking = Masking(models, device, recipe.musetalk)
    count = len(footage.pictures)
    points, begun = find_points(models, footage, tell)
    boxes = boxes_of(points, footage, recipe)
    latents, places = Latents(encoder), []
    for number, box in enumerate(boxes):
        picture = _colours(footage, number)
        latents.add(cut(picture, box))
        places.append(masking.place(picture, footage.meshes[number], box))
        tell(begun + (1 - begun) * number / count)
    made = Prepared(recipe.musetalk.version, latents.all(), places)
    tell(1.0)
    return made


class Masking:
    """How much of a face is redrawn: by the face parser where its weights are there, else by the mesh."""

    def __init__(self, models: Path, device: torch.device | str, choices: MuseTalkChoices) -> None:
        """Read the parser, if it is there; torch is needed for it alone.

        Raises:
            ModelError: its file is damaged, or another network's.
        """
        weights = models / PARSER
        self._parser = None
        if weights.is_file():
            from livetalk.engines.musetalk.bisenet import Parser

            self._parser = Parser(weights, device)
        self._mode = "raw" if choices.version == "v10" else choices.parsing_mode
        self._poisson = choices.blend == "poisson"
        self._cheeks = Cheeks(choices.left_cheek_width, choices.right_cheek_width)
        logger.info("masks by %s", weights if self._parser else "the face's mesh")

    def place(self, picture: Colours, mesh: Float32Array, box: Box | TurnedBox) -> Place:
        """Where the face in `box` goes in a BGR picture, and how much of it is seen."""
        size = (picture.shape[1], picture.shape[0])
        if isinstance(box, TurnedBox):
            mask = self._mask(self._turned_labels(picture, mesh, box), box.upright)
            place = prepare_turned(box, *mask, size)
        else:
            place = prepare(box, *self._mask(self._labels(picture, mesh, crop_box(box)), box), size)
        if not self._poisson:
            return place
        body = cv2.cvtColor(cut(picture, box), cv2.COLOR_BGR2YUV_I420)
        return with_edge(place, small(np.asarray(body, np.uint8)))

    def _labels(self, picture: Colours, mesh: Float32Array, around: Box) -> Grey:
        return self._parser.parse(picture, around) if self._parser else draw_labels(mesh, around)

    def _turned_labels(self, picture: Colours, mesh: Float32Array, box: TurnedBox) -> Grey:
        """The same of the head upright."""
        around = crop_box(box.upright)
        if self._parser:
            whole = Box(0, 0, around.width, around.height)
            return self._parser.parse(cut_upright(picture, box, around), whole)
        upright = moved(mesh[:, :2].astype(np.float64), of_samples(inverse(box.from_upright())))
        return draw_labels(upright.astype(np.float32), around)

    def _mask(self, labels: Grey, box: Box) -> tuple[Grey, Box]:
        return blend_mask(parse(labels, self._mode, self._cheeks), box)


def boxes_of(points: Float32Array, footage: Footage, recipe: Recipe) -> Sequence[Box | TurnedBox]:
    """What of each picture is redrawn, by (68, 2) landmarks of each.

    Raises:
        AvatarError: hardly anything of the face lies in some picture.
    """
    size = (footage.width, footage.height)
    if recipe.musetalk.box == "turned":
        return turned_boxes(points, footage.meshes, size, recipe.musetalk, recipe.steady)
    return face_boxes(points, size, recipe.musetalk, recipe.steady)


def find_points(models: Path, footage: Footage, tell: Share) -> tuple[Float32Array, float]:
    """(n, 68, 2), and the share of the work that finding them was."""
    found = landmarks(footage.meshes)
    weights = models / dwpose.FILE
    if not weights.is_file():
        return found, 0.0
    pose = DWPose(weights)
    astray = 0
    for number, ours in enumerate(found):
        theirs = pose.find(_colours(footage, number))
        if _far(theirs, ours):
            astray += 1
        else:
            found[number] = theirs
        tell(POSE_SHARE * number / len(found))
    if astray:
        logger.warning(
            "DWPose saw another face in %d of %d pictures: those are by the mesh", astray, len(found)
        )
    return found, POSE_SHARE


def _far(theirs: Float32Array, ours: Float32Array) -> bool:
    width = float(np.ptp(ours[:, 0]))
    return float(np.hypot(*(theirs.mean(axis=0) - ours.mean(axis=0)))) > ASTRAY * width


def _colours(footage: Footage, number: int) -> Colours:
    return np.asarray(cv2.cvtColor(footage.pictures[number], cv2.COLOR_YUV2BGR_I420), np.uint8)


__all__ = ["Masking", "boxes_of", "find_points", "make"]
