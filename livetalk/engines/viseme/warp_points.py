"""The landmarks that the warp painter needs, and the file that carries them.

The file is one `.safetensors` with the metadata `format: livetalk-mouth-warp`, `version: 1` and

    landmarks   (frames, 60, 2) float32   x, y in pixels of each frame of the loop, in the order of
                `POINTS`; the middle of the picture's first pixel is (0, 0)

A face mesh of 468 points has them all: `select` picks them. "Left" is the left of the picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from livetalk.avatar.bundle import AvatarBundle
from livetalk.errors import AvatarError
from livetalk.types import MESH_POINTS, Float32Array, frozen

FORMAT = {"format": "livetalk-mouth-warp", "version": "1"}
"""the metadata of a warp file"""

OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
"""mesh points where the upper lip ends in skin, from the left corner of the mouth to the right one"""
OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""the same of the lower lip, both corners again"""
INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
"""where the upper lip meets the lower one or the inner mouth, left to right"""
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""the same of the lower lip"""
JAW_LINE = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
"""the lower edge of the face, from below the left ear over the chin to below the right ear"""
NOSE_BASE = 2
"""where the nose meets the upper lip's skin"""
CHIN = 152
"""the lowest point of the chin, in the middle of `JAW_LINE`"""
CHEEKS = (205, 425)
"""bare skin beside the nose, left and right"""

POINTS = tuple(
    dict.fromkeys((*OUTER_UPPER, *OUTER_LOWER, *INNER_UPPER, *INNER_LOWER, *JAW_LINE, NOSE_BASE, *CHEEKS))
)
"""mesh index of each row of `landmarks`"""

MIN_MOUTH_PX = 14
"""a narrower mouth has too few pixels to be opened"""

_ROWS = {point: row for row, point in enumerate(POINTS)}
_MOUTH_ROWS = [_ROWS[point] for point in (*OUTER_UPPER, *OUTER_LOWER, NOSE_BASE)]


def select(mesh: Float32Array) -> Float32Array:
    """The landmarks of a warp file, (frames, 60, 2), out of whole meshes (frames, 468, 2).

    A mesh may have more points (irises) and coordinates (depth); they are left out.

    Raises:
        ValueError: the array is not a sequence of meshes.
    """
    if mesh.ndim != 3 or mesh.shape[1] < MESH_POINTS or mesh.shape[2] < 2:
        raise ValueError(f"expected meshes of (frames, {MESH_POINTS}, 2), got {mesh.shape}")
    return np.ascontiguousarray(mesh[:, list(POINTS), :2], np.float32)


def of(landmarks: Float32Array, points: int | tuple[int, ...]) -> Float32Array:
    """The coordinates of some mesh points, out of one frame's landmarks (60, 2)."""
    found: Float32Array = landmarks[_ROWS[points] if isinstance(points, int) else rows(points)]
    return found


def rows(points: tuple[int, ...]) -> list[int]:
    """Where some mesh points stand in `landmarks`."""
    return [_ROWS[point] for point in points]


def read_landmarks(bundle: AvatarBundle, file: Path) -> Float32Array:
    """The landmarks (frames, 60, 2) of a warp file, checked to fit the avatar; read-only.

    Raises:
        AvatarError: the file is not a warp file, or its landmarks are not those of this avatar's face.
    """
    try:
        with safe_open(str(file), framework="numpy") as content:
            if content.metadata() != FORMAT or "landmarks" not in content.keys():  # noqa: SIM118
                raise AvatarError(f"{file} is not a mouth warp of version {FORMAT['version']}")
            landmarks: Float32Array = content.get_tensor("landmarks")
    except (OSError, SafetensorError) as error:
        raise AvatarError(f"{file} is not a mouth warp: {error}") from error
    expected = (len(bundle.pictures), len(POINTS), 2)
    if landmarks.dtype != np.float32 or landmarks.shape != expected:
        raise AvatarError(
            f"{file}: landmarks are {landmarks.dtype} {landmarks.shape}, this avatar needs float32 "
            f"{expected}; make the avatar again"
        )
    check(landmarks, (bundle.width, bundle.height), f"{file}: ")
    return frozen(landmarks)


def check(landmarks: Float32Array, size: tuple[int, int], where: str = "") -> None:
    """Refuse landmarks (frames, 60, 2) that are none of a face in a picture of `size` (width, height).

    Raises:
        AvatarError: says in which frame, and what to do.
    """
    if fault := _fault(landmarks, size):
        raise AvatarError(f"{where}{fault}; make the avatar again with the whole face in the picture")


def _fault(landmarks: Float32Array, size: tuple[int, int]) -> str:
    """What is wrong with the landmarks of a picture of `size` (width, height), "" if nothing."""
    if not np.isfinite(landmarks).all():
        return "some landmarks are not numbers"
    mouth = landmarks[:, _MOUTH_ROWS]
    outside = ((mouth < 0) | (mouth > np.array(size) - 1)).any(axis=(1, 2))
    left, right = landmarks[:, _ROWS[61]], landmarks[:, _ROWS[291]]
    width = np.linalg.norm(right - left, axis=1)
    # a jaw may leave a close-up a little, but not by more than the mouth is wide
    margin = width[:, None, None]
    outside |= ((landmarks < -margin) | (landmarks > np.array(size) - 1 + margin)).any(axis=(1, 2))
    if outside.any():
        return f"landmarks of frame {outside.argmax()} are outside the {size[0]}x{size[1]} picture"
    if (narrow := width < MIN_MOUTH_PX).any():
        frame = narrow.argmax()
        return f"the mouth of frame {frame} is {width[frame]:.0f} pixels wide, under {MIN_MOUTH_PX}"
    return _disorder(landmarks, (right - left) / width[:, None], width)


def _disorder(landmarks: Float32Array, along: Float32Array, width: Float32Array) -> str:
    """What is out of order along the mouth (unit vectors (frames, 2)) or across it, "" if nothing."""
    across = np.column_stack((-along[:, 1], along[:, 0]))
    middle = (landmarks[:, _ROWS[61]] + landmarks[:, _ROWS[291]]) / 2
    chin = np.einsum("fi,fi->f", landmarks[:, _ROWS[CHIN]] - middle, across)
    nose = np.einsum("fi,fi->f", landmarks[:, _ROWS[NOSE_BASE]] - middle, across)
    for contour in (INNER_UPPER, INNER_LOWER):
        inner = np.einsum(
            "fpi,fi->fp", landmarks[:, [_ROWS[contour[end]] for end in (0, 5, 10)]] - middle[:, None], along
        )
        broken = (np.diff(inner, axis=1) < 0.1 * width[:, None]).any(axis=1)
        broken |= (chin < 0.2 * width) | (nose > -0.08 * width)
        if broken.any():
            return f"nose, lips and chin of frame {broken.argmax()} are not in the order of a face"
    return ""


__all__ = [
    "CHEEKS",
    "CHIN",
    "FORMAT",
    "INNER_LOWER",
    "INNER_UPPER",
    "JAW_LINE",
    "NOSE_BASE",
    "OUTER_LOWER",
    "OUTER_UPPER",
    "POINTS",
    "check",
    "of",
    "read_landmarks",
    "rows",
    "select",
]
