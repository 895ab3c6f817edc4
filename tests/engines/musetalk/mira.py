"""The default avatar as footage: she is drawn, and her mesh is what the face's networks say of her."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from livetalk.assets import asset
from livetalk.avatar.footage import Footage
from livetalk.engines.musetalk.paste import Grey
from livetalk.types import Float32Array

BODY = asset("data") / "avatars" / "default" / "body.mp4"
MESH = Path(__file__).parent / "mira_mesh.npy"
"""(468, 3), of the body's first picture"""


def mesh() -> Float32Array:
    return np.asarray(np.load(MESH), np.float32)


def footage(count: int = 4) -> Footage:
    """Her first pictures; she hardly moves in so short a time."""
    pictures: list[Grey] = []
    with av.open(str(BODY)) as container:
        for frame in container.decode(video=0):
            pictures.append(np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8))
            if len(pictures) == count:
                break
    return Footage(np.stack(pictures), np.stack([mesh()] * count))


def tilted(degrees: Sequence[float]) -> Footage:
    """Her first picture, turned about her face's middle, clockwise."""
    middle = mesh()[:, :2].mean(axis=0)
    still = colours(footage(1).pictures[0])
    pictures, meshes = [], []
    for each in degrees:
        turn = cv2.getRotationMatrix2D(middle.tolist(), -each, 1.0)
        shown = cv2.warpAffine(
            still, turn, (512, 512), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        pictures.append(np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2YUV_I420), np.uint8))
        points = mesh()
        points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
        meshes.append(points)
    return Footage(np.stack(pictures), np.stack(meshes))


def colours(picture: Grey) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420), np.uint8)
