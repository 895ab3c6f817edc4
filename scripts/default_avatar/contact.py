"""A contact sheet: the finished avatar as the runtime paints it, for a look and for the docs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.bundle import open_bundle
from livetalk.engines.viseme.atlas import Atlas
from livetalk.engines.viseme.shape import PARAMETERS, REST
from livetalk.types import Float32Array

_SHAPES: tuple[dict[str, float], ...] = (
    {},
    {"jaw": 0.2},
    {"jaw": 0.5},
    {"jaw": 1.0},
    {"jaw": 0.2, "wide": 1.0},
    {"jaw": 0.2, "round": 1.0},
    {"jaw": 0.55, "round": 0.8},
    {"closed": 1.0},
    {"tuck": 1.0},
    {"jaw": 0.2, "tongue": 1.0},
    {"jaw": 0.1, "teeth": 1.0, "wide": 0.4},
    {"wide": 0.6},
)
_MOUTH = (slice(262, 392), slice(176, 336))


def write_sheet(folder: Path, file: Path) -> None:
    """Paint one whole frame and twelve mouths of the avatar in `folder` into a picture file."""
    with tempfile.TemporaryDirectory() as cache:
        bundle = open_bundle(folder, Path(cache))
        atlas = Atlas.open(bundle, bundle.engine_file("viseme")[1])
        whole = _bgr(atlas.paint(REST, 0))
        mouths = [_bgr(atlas.paint(_shape(values), 0))[_MOUTH] for values in _SHAPES]
    sheet = np.vstack([np.hstack(mouths[row : row + 3]) for row in range(0, 12, 3)])
    scale = sheet.shape[0] / whole.shape[0]
    whole = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    small = cv2.resize(np.hstack((whole, sheet)), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(file), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _shape(values: dict[str, float]) -> Float32Array:
    shape: Float32Array = REST.copy()
    for name, value in values.items():
        shape[PARAMETERS.index(name)] = value
    return shape


def _bgr(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420), np.uint8)
