"""What a network changes from picture to picture, kept from flickering.

A restoring network sees single pictures, and makes up skin and lashes a little differently in each. Where
the aligned faces of neighbouring pictures look the same, what it changed in them is averaged; where they
differ, as in an eye that blinks, each picture keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from livetalk.enhancement.align import FACE_PX
from livetalk.enhancement.network import Face
from livetalk.types import Float32Array

NEIGHBOURS = 2
"""pictures before, and after"""
ALIKE = 6.0
"""levels by which two pictures of the same skin differ: a neighbour counts exp(-1) there"""
_SEEN_PX = 128
_ABOUT = (5, 5)
"""pixels of the small face that are compared together"""


@dataclass(frozen=True, slots=True)
class Change:
    """What the network changed in one picture."""

    seen: Float32Array
    """(128, 128, 3), RGB: the face that it was shown, small"""
    levels: Float32Array
    """(512, 512, 3)"""


def change(face: Face, levels: Float32Array) -> Change:
    """Of a face that was shown to the network, and what that changed."""
    small = cv2.resize(face, (_SEEN_PX, _SEEN_PX), interpolation=cv2.INTER_AREA)
    return Change(np.asarray(small, np.float32), levels)


def calmed(count: int, look: Callable[[int], Change], *, cyclic: bool) -> Iterator[Float32Array]:
    """The changes of pictures that follow each other, one after the other.

    Args:
        count: how many there are.
        look: the change of one of them; asked for each once.
        cyclic: whether the last leads into the first.
    """
    known: dict[int, Change] = {}
    ends = {*_around(0, count, cyclic), *_around(count - 1, count, cyclic)} if cyclic else set()
    for number in range(count):
        near = _around(number, count, cyclic)
        known = {each: kept for each, kept in known.items() if each in near or each in ends}
        for each in near - known.keys():
            known[each] = look(each)
        yield _mean(known[number], [known[each] for each in sorted(near - {number})])


def _around(number: int, count: int, cyclic: bool) -> set[int]:
    near = range(number - NEIGHBOURS, number + NEIGHBOURS + 1)
    return {each % count for each in near} if cyclic else {each for each in near if 0 <= each < count}


def _mean(own: Change, others: list[Change]) -> Float32Array:
    total, weight = own.levels.copy(), np.ones((FACE_PX, FACE_PX), np.float32)
    for other in others:
        apart = cv2.blur(np.abs(other.seen - own.seen).max(axis=2), _ABOUT)
        alike = cv2.resize(np.exp(-((apart / ALIKE) ** 2)), (FACE_PX, FACE_PX))
        total += alike[..., None] * other.levels
        weight += alike
    total /= weight[..., None]
    return total


__all__ = ["ALIKE", "NEIGHBOURS", "Change", "calmed", "change"]
