"""What MuseTalk and LiveTalking prepared in an avatar's folder, read without trusting it.

    mask/%08d.png        grey
    coords.pkl           boxes of the face
    mask_coords.pkl      crop boxes
    latents.pt           (1, 8, 32, 32) each
    avator_info.json     MuseTalk's tells the version

The body's pictures beside them are read by `avatar/foreign.py`.
"""

from __future__ import annotations

import io
import json
import math
import pickle
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from livetalk.avatar.foreign import MOST_PICTURES, MOST_PX, is_doubled, numbered, read_picture
from livetalk.engines.musetalk.boxes import FACE_PX, Box
from livetalk.engines.musetalk.paste import Place, prepare
from livetalk.engines.musetalk.weights import first_line, is_numbers
from livetalk.errors import AvatarError

LATENT_SHAPE = (8, FACE_PX // 8, FACE_PX // 8)
PICKLE_LIMIT = 16 << 20
"""bytes"""
_ALLOWED = {
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy", "dtype"),
}
_VERSIONS = {"v1": "v10", "v15": "v15"}
"""as MuseTalk names them -> as they are named here"""


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds, checked: an entry for each picture of the walk, not of its way back."""

    pictures: tuple[Path, ...]
    masks: tuple[Path, ...]
    boxes: tuple[Box, ...]
    around: tuple[Box, ...]
    latents: torch.Tensor
    """(n, 8, 32, 32), as stored"""
    version: str | None
    """of the networks, if the folder tells"""

    def places(self, size: tuple[int, int]) -> list[Place]:
        """Where the face goes in each picture of `size` (width, height).

        Raises:
            AvatarError: a mask is damaged, or of another size than its box.
        """
        return [
            _place(box, path, around, size)
            for box, path, around in zip(self.boxes, self.masks, self.around, strict=True)
        ]


def read_folder(folder: Path) -> Folder:
    """Check a folder.

    Raises:
        AvatarError: a file is missing, damaged, tries to run code, or does not fit the others.
    """
    pictures, masks = numbered(folder / "full_imgs"), numbered(folder / "mask")
    boxes, around = (_read_boxes(folder / name) for name in ("coords.pkl", "mask_coords.pkl"))
    latents = _read_latents(folder / "latents.pt")
    counts = {
        "full_imgs": len(pictures),
        "mask": len(masks),
        "coords.pkl": len(boxes),
        "mask_coords.pkl": len(around),
        "latents.pt": len(latents),
    }
    if len(set(counts.values())) != 1:
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise AvatarError(f"{folder}: its parts are of different lengths: {told}")
    walk = slice(len(pictures) // 2 if is_doubled(pictures) else None)
    if walk.stop and not _comes_back(boxes, latents):
        raise AvatarError(f"{folder}: its pictures go forth and back, its boxes or latents do not")
    return Folder(
        pictures[walk], masks[walk], boxes[walk], around[walk], latents[walk], _read_version(folder)
    )


def _place(box: Box, path: Path, around: Box, size: tuple[int, int]) -> Place:
    mask = read_picture(path, grey=True)
    if mask.shape != (around.height, around.width):
        raise AvatarError(f"{path} is not as large as its box in mask_coords.pkl")
    return prepare(box, mask, around, size)


class _NumbersOnly(pickle.Unpickler):
    """Takes lists, numbers and numpy's scalars."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module, name)


def _read_boxes(path: Path) -> tuple[Box, ...]:
    _check_there(path)
    try:
        content = path.read_bytes()
        if len(content) > PICKLE_LIMIT:
            raise AvatarError(f"{path} is larger than {PICKLE_LIMIT} bytes")
        found = _NumbersOnly(io.BytesIO(content)).load()
        boxes = tuple(Box(*(_whole(edge) for edge in box)) for box in found)
    except AvatarError:
        raise
    except OSError as error:
        raise AvatarError(f"{path} cannot be read: {error.strerror}") from error
    except Exception as error:  # a hostile pickle raises whatever it likes
        raise AvatarError(f"{path} is not a list of boxes: {error}") from error
    for place, box in enumerate(boxes):
        if box.width <= 0 or box.height <= 0 or max(map(abs, box)) > 4 * MOST_PX:
            told = reprlib.repr(tuple(box))
            raise AvatarError(f"{path}: box {place} {told} holds nothing, or is far outside")
    return boxes


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise AvatarError(f"{path} is missing: the folder is not whole, or not one of MuseTalk's")


def _whole(edge: Any) -> int:
    if not isinstance(edge, int | float | np.number) or int(edge) != edge:
        raise ValueError(f"{reprlib.repr(edge)} is no pixel")
    return int(edge)


def _read_latents(path: Path) -> torch.Tensor:
    _check_there(path)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
        numbers = MOST_PICTURES * math.prod(LATENT_SHAPE)  # a small file can speak of any number
        if len(found) > MOST_PICTURES or sum(each.numel() for each in found) > numbers:
            raise ValueError(f"it holds more than {MOST_PICTURES}")
        latents = torch.cat([each.reshape(-1, *LATENT_SHAPE) for each in found]) if len(found) else None
    except OSError as error:
        raise AvatarError(f"{path} cannot be read: {error.strerror}") from error
    except Exception as error:  # torch raises whatever a damaged file causes
        raise AvatarError(f"{path} is not a list of latents: {first_line(error)}") from error
    if latents is None or not is_numbers(latents) or not is_numbers(latents.half()):
        raise AvatarError(f"{path} holds no usable latents")
    return latents


def _comes_back(boxes: Sequence[Box], latents: torch.Tensor) -> bool:
    return list(boxes) == list(reversed(boxes)) and torch.equal(latents, latents.flip(0))


def _read_version(folder: Path) -> str | None:
    path = folder / "avator_info.json"
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
    except (OSError, ValueError, RecursionError) as error:
        raise AvatarError(f"{path} cannot be read: {error}") from error
    named = found.get("version") if isinstance(found, dict) else None
    if named is not None and not (isinstance(named, str) and named in _VERSIONS):
        raise AvatarError(f"{path}: version {reprlib.repr(named)} is none of {', '.join(_VERSIONS)}")
    return None if named is None else _VERSIONS[named]


__all__ = ["LATENT_SHAPE", "Folder", "read_folder"]
