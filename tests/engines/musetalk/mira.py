"""The default avatar as footage: she is drawn, and her mesh is what the face's networks say of her."""

from __future__ import annotations

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


def colours(picture: Grey) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420), np.uint8)
