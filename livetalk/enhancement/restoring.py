"""A body's pictures with their faces restored: those of the loop, and behind them those of the actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import Manifest
from livetalk.enhancement.align import align
from livetalk.enhancement.blend import change_of, cut, laid, mask_of
from livetalk.enhancement.calming import Change, calmed, change
from livetalk.enhancement.network import Face
from livetalk.types import Float32Array, Picture

Restore: TypeAlias = Callable[[Face], Float32Array]
"""makes a better face (512, 512, 3) of one, RGB, levels from 0 to 255"""


@dataclass(frozen=True, slots=True)
class Part:
    """Pictures that follow each other."""

    first: int
    count: int
    cyclic: bool
    """the last leads into the first"""
    face: bool
    """is seen in them"""


def parts_of(manifest: Manifest, meshes: Float32Array) -> list[Part]:
    """The loop, and each action; one whose face was never found has the same mesh all the time."""
    parts = [Part(0, manifest.frames, manifest.loop == "cycle", True)]
    for action in sorted(manifest.actions.values(), key=lambda action: action.first):
        own = meshes[action.first : action.first + action.frames]
        parts.append(Part(action.first, action.frames, False, action.lips or bool((own != own[0]).any())))
    return parts


def restored(footage: Footage, parts: list[Part], restore: Restore, strength: float) -> Iterator[Picture]:
    """All pictures (rows, width), I420, one after the other.

    Args:
        footage: the pictures as they are.
        parts: all of them, in their order.
        restore: the network.
        strength: of what it changes, 0 to 1.

    Raises:
        ModelError: what the network raises.
    """
    for part in parts:
        own = slice(part.first, part.first + part.count)
        pictures, meshes = footage.pictures[own], footage.meshes[own]
        if part.face:
            yield from _restored(Footage(pictures, meshes), restore, strength, cyclic=part.cyclic)
        else:
            yield from (np.asarray(picture) for picture in pictures)


def _restored(footage: Footage, restore: Restore, strength: float, *, cyclic: bool) -> Iterator[Picture]:
    pictures, meshes = footage.pictures, footage.meshes

    def look(number: int) -> Change:
        face = cut(pictures[number], align(meshes[number]))
        return change(face, change_of(face, restore(face)))

    for number, levels in enumerate(calmed(len(pictures), look, cyclic=cyclic)):
        alignment = align(meshes[number])
        mask = mask_of(meshes[number], alignment) * np.float32(strength)
        yield laid(pictures[number], levels, mask, alignment)


__all__ = ["Part", "Restore", "parts_of", "restored"]
