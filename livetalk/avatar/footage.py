"""Footage: a body's pictures and the face in each, what every engine prepares an avatar from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from livetalk.errors import AvatarError
from livetalk.types import MESH_POINTS, Float32Array

FACE = "face.safetensors"
FORMAT = {"format": "livetalk-face-1"}


@dataclass(frozen=True, slots=True)
class Footage:
    """A loop of 25 pictures a second that shows one face all the time."""

    pictures: npt.NDArray[np.uint8]
    """(frames, height * 3 // 2, width), I420, read-only, mapped from a file"""
    meshes: Float32Array
    """(frames, 468, 3): the face's mesh in each, steadied; x, y in pixels, z on the same scale"""

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pictures.shape[2])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pictures.shape[1] * 2 // 3)


def write_meshes(path: Path, meshes: Float32Array) -> None:
    """Keep a face's meshes (frames, 468, 3).

    Raises:
        OSError: they cannot be written.
    """
    path.unlink(missing_ok=True)  # who has the old one mapped keeps it
    path.write_bytes(save({"meshes": np.ascontiguousarray(meshes)}, metadata=FORMAT))


def read_meshes(path: Path, frames: int) -> Float32Array:
    """Those of so many pictures.

    Raises:
        AvatarError: the file is damaged, or of others.
    """
    try:
        with safe_open(str(path), framework="numpy") as content:
            meshes = content.get_tensor("meshes") if content.metadata() == FORMAT else None
    except (OSError, SafetensorError) as error:
        raise AvatarError(f"{path} holds no meshes: {error}") from error
    if meshes is None or meshes.shape != (frames, MESH_POINTS, 3) or not np.isfinite(meshes).all():
        raise AvatarError(f"{path} does not hold the meshes of {frames} pictures; make the avatar again")
    return np.asarray(meshes, np.float32)


__all__ = ["FACE", "Footage", "read_meshes", "write_meshes"]
