"""Avatar folders that MuseTalk and LiveTalking made, read without trusting them.

    full_imgs/%08d.png   the body, BGR
    mask/%08d.png        grey
    coords.pkl           boxes of the face
    mask_coords.pkl      crop boxes
    latents.pt           (1, 8, 32, 32) each

MuseTalk stores the walk forth and back (twice as many), LiveTalking once.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.networks import FACE_PX
from livetalk.engines.musetalk.weights import first_line
from livetalk.errors import AvatarError

LATENT_SHAPE = (8, FACE_PX // 8, FACE_PX // 8)
MOST_PICTURES = 25 * 240
MOST_PX = 4096
PICKLE_LIMIT = 16 << 20
"""bytes"""
_ALLOWED = {
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy", "dtype"),
}

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds, checked."""

    pictures: tuple[Path, ...]
    masks: tuple[Path, ...]
    boxes: tuple[Box, ...]
    around: tuple[Box, ...]
    latents: torch.Tensor
    """(n, 8, 32, 32), as stored"""
    doubled: bool
    """the walk back is stored too"""

    def entry(self, place: int) -> int:
        """Which entry shows picture `place` of the endless walk, forth and back, each end twice."""
        return place % len(self.boxes) if self.doubled else mirrored(len(self.boxes), place)


def mirrored(size: int, place: int) -> int:
    """Forth and back through `size` entries, each end twice."""
    turn, entry = divmod(place, size)
    return entry if turn % 2 == 0 else size - 1 - entry


def read_folder(folder: Path) -> Folder:
    """Check a folder.

    Raises:
        AvatarError: a file is missing, damaged, tries to run code, or does not fit the others.
    """
    pictures, masks = _numbered(folder / "full_imgs"), _numbered(folder / "mask")
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
    return Folder(pictures, masks, boxes, around, latents, _is_doubled(boxes, latents))


def read_picture(path: Path, *, grey: bool = False) -> Pixels:
    """A PNG, (rows, columns, 3) BGR or (rows, columns).

    Raises:
        AvatarError: it cannot be decoded, or is too large.
    """
    content = np.frombuffer(path.read_bytes(), np.uint8)
    found = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    if found is None:
        raise AvatarError(f"{path} is not a picture, or damaged")
    if max(found.shape[:2]) > MOST_PX:
        raise AvatarError(f"{path} is {found.shape[1]}x{found.shape[0]}; at most {MOST_PX} pixels are taken")
    return np.asarray(found, np.uint8)


class _NumbersOnly(pickle.Unpickler):
    """Takes lists, numbers and numpy's scalars."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module, name)


def _read_boxes(path: Path) -> tuple[Box, ...]:
    try:
        content = path.read_bytes()
        if len(content) > PICKLE_LIMIT:
            raise AvatarError(f"{path} is larger than {PICKLE_LIMIT} bytes")
        found = _NumbersOnly(io.BytesIO(content)).load()
        boxes = tuple(Box(*(_whole(edge) for edge in box)) for box in found)
    except AvatarError:
        raise
    except Exception as error:  # a hostile pickle raises whatever it likes
        raise AvatarError(f"{path} is not a list of boxes: {error}") from error
    for place, box in enumerate(boxes):
        if box.width <= 0 or box.height <= 0 or max(map(abs, box)) > 4 * MOST_PX:
            raise AvatarError(f"{path}: box {place} {tuple(box)} holds nothing")
    return boxes


def _whole(edge: Any) -> int:
    if not isinstance(edge, int | float | np.number) or int(edge) != edge:
        raise ValueError(f"{edge!r} is no pixel")
    return int(edge)


def _read_latents(path: Path) -> torch.Tensor:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
        latents = torch.cat([each.reshape(-1, *LATENT_SHAPE) for each in found]) if len(found) else None
    except Exception as error:  # torch raises whatever a damaged file causes
        raise AvatarError(f"{path} is not a list of latents: {first_line(error)}") from error
    if latents is None or not latents.is_floating_point() or not torch.isfinite(latents).all():
        raise AvatarError(f"{path} holds no usable latents")
    return latents


def _numbered(folder: Path) -> tuple[Path, ...]:
    files = [path for path in folder.glob("*.png") if path.stem.isdecimal()]
    if not files:
        raise AvatarError(f"{folder} holds no numbered .png")
    if len(files) > MOST_PICTURES:
        raise AvatarError(f"{folder} holds {len(files)} pictures; at most {MOST_PICTURES} are taken")
    return tuple(sorted(files, key=lambda path: int(path.stem)))


def _is_doubled(boxes: Sequence[Box], latents: torch.Tensor) -> bool:
    half = len(boxes) // 2
    if len(boxes) % 2 or half < 2:
        return False
    same = list(boxes[:half]) == list(reversed(boxes[half:]))
    return same and torch.equal(latents[:half], latents[half:].flip(0))


__all__ = ["LATENT_SHAPE", "Folder", "Pixels", "mirrored", "read_folder", "read_picture"]
