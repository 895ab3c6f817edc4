"""What may look bad: faces that are small, turned away, cut off, or speak in the clip already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from livetalk.creation.finding import Found
from livetalk.creation.watch import Doubt, DoubtKind
from livetalk.types import FPS, Float32Array

SMALL_PX = 28
"""between the outer corners of the eyes"""
TURNED_DEGREES = 35
OPEN, WIDE_OPEN = 0.07, 0.115
"""of the lips, against the height of the face; wider apart, they show more than a smile's teeth"""
OFTEN = 0.2
"""of a clip, from which on an open mouth is told"""
_LEFT_EYE, _RIGHT_EYE, _BROW, _CHIN, _UPPER_LIP, _LOWER_LIP = 33, 263, 10, 152, 13, 14


def doubts(found: Found, pictures: npt.NDArray[np.uint8], face: int) -> Iterator[Doubt]:
    """All that is doubtful about a face that was found in I420 pictures."""

    def doubt(kind: DoubtKind, frame: int, text: str) -> Doubt:
        return Doubt(kind, text, pictures[frame])

    meshes = found.meshes
    eyes = meshes[:, _RIGHT_EYE] - meshes[:, _LEFT_EYE]
    apart = np.hypot(eyes[:, 0], eyes[:, 1])
    if apart.min() < SMALL_PX:
        text = f"the face is small: {apart.min():.0f} pixels from eye to eye; a closer picture looks better"
        yield doubt("small", int(apart.argmin()), text)
    turned = np.degrees(np.abs(np.arctan2(eyes[:, 2], eyes[:, 0])))
    if turned.max() > TURNED_DEGREES:
        text = f"the face is turned away by {turned.max():.0f} degrees {_at(turned)}"
        yield doubt("turned", int(turned.argmax()), f"{text}; seen from the front it looks better")
    outside = _outside(meshes, pictures)
    if outside.max() > 0:
        yield doubt(
            "cut-off", int(outside.argmax()), f"the picture cuts the face off {_at(outside)}; show all of it"
        )
    if found.faces > 1 and face == 1:
        text = f"{found.faces} faces are seen at once; the largest was taken: choose face 2 for the next"
        yield doubt("several", 0, text)
    if found.bridged:
        text = (
            f"in {len(found.bridged)} of {len(meshes)} pictures no face is seen; its place there is guessed"
        )
        yield doubt("gaps", found.bridged[0], text)
    opened = _opened(meshes)
    if len(meshes) > 1 and (opened > OPEN).mean() > OFTEN:
        text = "the mouth is open, or speaks, in the clip itself; a part with closed lips looks better"
        yield doubt("mouth", int(opened.argmax()), text)
    elif len(meshes) == 1 and opened[0] > WIDE_OPEN:
        text = "the mouth stands wide open here; with closed lips, or teeth shut in a smile, it looks better"
        yield doubt("mouth", 0, text)


def _at(values: npt.NDArray[Any]) -> str:
    return f"at second {values.argmax() / FPS:.1f}" if len(values) > 1 else "here"


def _opened(meshes: Float32Array) -> npt.NDArray[np.float64]:
    """(frames,): how far the lips are apart, in heights of the face."""
    lips = np.linalg.norm(meshes[:, _LOWER_LIP, :2] - meshes[:, _UPPER_LIP, :2], axis=-1)
    height = np.linalg.norm(meshes[:, _CHIN, :2] - meshes[:, _BROW, :2], axis=-1)
    return np.asarray(lips / np.maximum(height, 1), np.float64)


def _outside(meshes: Float32Array, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """(frames,): the share of a face's points that lie outside its picture."""
    edges = np.array([pictures.shape[2], pictures.shape[1] * 2 // 3]) - 1
    flat = meshes[..., :2]
    return np.asarray(((flat < 0) | (flat > edges)).any(axis=-1).mean(axis=-1), np.float64)


__all__ = ["doubts"]
