"""How much a face trembles before and after it is steadied: `python -m bench.steadiness [CLIP ...]`.

Without clips, those of ../shared/media and the default avatar's body. For each way of steadying:

- slip: how far the landmarks move on the skin from one picture to the next, pixels. The nose and eyes are
  laid upright by the head's course and compared by phase correlation, which knows nothing of landmarks.
- shake: the standard deviation of the acceleration of the face's box, pixels a picture squared. A head that
  really moves has some of it, and a clip that stands still every other picture has much.
- cost: of finding and of steadying, milliseconds a picture, on one core.

What finds faces has to be there: `livetalk models download face`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench.footage import asked
from livetalk.avatar.recipe import Steadiness
from livetalk.creation.finding import Found, find_face
from livetalk.creation.steadying import steadied
from livetalk.steady.head import by_landmarks
from livetalk.types import Float32Array

WAYS = {
    "as found": Steadiness(smooth=False),
    "filtered": Steadiness(flow=False),
    "filtered, followed by flow": Steadiness(),
}
PATCH_PX = 160
"""edge of what is compared"""
PATCH = 0.55
"""of the face's height, its edge in the picture"""


def slip(pictures: npt.NDArray[np.uint8], meshes: Float32Array) -> float:
    """Root mean square of how far the skin moves under the landmarks, pixels."""
    rows = pictures.shape[1] * 2 // 3
    course = by_landmarks(meshes)
    scale = float(np.ptp(meshes[0, :, 1])) * PATCH / PATCH_PX
    usual = course[:, 3].mean()
    window = cv2.createHanningWindow((PATCH_PX, PATCH_PX), cv2.CV_32F)
    before: npt.NDArray[np.float32] | None = None
    moved = []
    for picture, (x, y, tilt, size) in zip(pictures, course, strict=True):
        factor = scale * np.exp(size - usual)
        turn = factor * np.array([(np.cos(tilt), -np.sin(tilt)), (np.sin(tilt), np.cos(tilt))])
        corner = np.array([x, y]) - turn @ np.full(2, PATCH_PX / 2)
        patch = cv2.warpAffine(
            picture[:rows].astype(np.float32),
            np.column_stack((turn, corner)),
            (PATCH_PX, PATCH_PX),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        )
        if before is not None:
            moved.append(np.array(cv2.phaseCorrelate(before, patch, window)[0]) * scale)
        before = np.asarray(patch, np.float32)
    return float(np.sqrt((np.array(moved) ** 2).sum(axis=1).mean()))


def shake(meshes: Float32Array) -> float:
    """Standard deviation of the acceleration of the box about the face, pixels."""
    flat = meshes[..., :2]
    boxes = np.concatenate((flat.min(axis=1), flat.max(axis=1)), axis=1)
    return float(np.diff(boxes, 2, axis=0).std())


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one clip in one way."""

    clip: str
    way: str
    slip_px: float
    shake_px: float
    find_ms: float
    steady_ms: float


def measure(clip: str, pictures: npt.NDArray[np.uint8], models: Path) -> Iterator[Row]:
    """A row for each way."""
    began = time.perf_counter()
    found: Found = find_face(pictures, models, 1, lambda _share: None)
    find_ms = (time.perf_counter() - began) * 1e3 / len(pictures)
    for name, way in WAYS.items():
        began = time.perf_counter()
        meshes = steadied(found, way)
        steady_ms = (time.perf_counter() - began) * 1e3 / len(pictures)
        yield Row(clip, name, slip(pictures, meshes), shake(meshes), find_ms, steady_ms)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    wanted = asked("bench.steadiness", __doc__, arguments)
    cv2.setNumThreads(1)
    sys.stdout.write(f"{'clip':12} {'way':28}  slip px  shake px  find ms  steady ms\n")
    for clip in wanted.clips:
        for row in measure(clip.name, wanted.pictures(clip), wanted.models):
            figures = f"{row.slip_px:8.2f} {row.shake_px:9.2f} {row.find_ms:8.1f} {row.steady_ms:10.2f}"
            sys.stdout.write(f"{row.clip:12} {row.way:28} {figures}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
