"""What of a face MuseTalk redraws, as a picture: `python -m scripts.musetalk_masks OUT.png`.

From left to right: the 68 landmarks and the box; the parts of the face; what the modes jaw, raw and neck
redraw. The first row is by the face's mesh. Where the face parser's weights are there, another one is by it;
with --drawn one is by the default avatar's parts as they were drawn, which a perfect parser would find. How
far each agrees with the mesh is printed: what both redraw, as a share of what either does.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from livetalk.assets import asset
from livetalk.engines.musetalk import bisenet
from livetalk.engines.musetalk.boxes import Box, crop_box, face_box, with_margin
from livetalk.engines.musetalk.classes import COUNT, LABELS_PX
from livetalk.engines.musetalk.files import PARSER
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.masks import Mode, blend_mask, parse
from livetalk.engines.musetalk.mesh_labels import draw_labels
from livetalk.errors import AvatarError
from livetalk.face.tracker import Tracker
from livetalk.types import Float32Array

Colours = npt.NDArray[np.uint8]

CELL_PX = 256
MODES: tuple[Mode, ...] = ("jaw", "raw", "neck")
DIMMED = 0.35
"""how bright is shown what is not redrawn"""

logger = logging.getLogger(__name__)


def main() -> int:
    """Draw it."""
    parser = argparse.ArgumentParser(prog="scripts.musetalk_masks", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--source", type=Path, default=asset("data") / "avatars" / "default" / "body.mp4")
    parser.add_argument("--models", type=Path, default=asset("models"))
    parser.add_argument(
        "--drawn", action="store_true", help="of the default avatar; needs the extra 'avatar'"
    )
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    picture = first_picture(asked.source)
    mesh = Tracker(asked.models).follow(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8))
    if mesh is None:
        raise AvatarError(f"{asked.source}: no face is seen in the first picture; name another --source")
    box = with_margin(face_box(landmarks(mesh.points), np.zeros(4)), picture.shape[0])
    maps = {"mesh": draw_labels(mesh.points, crop_box(box))}
    weights = asked.models / PARSER
    if asked.drawn:
        maps["drawn"] = as_drawn(crop_box(box))
    if weights.is_file():
        maps["face parser"] = bisenet.Parser(weights, "cpu").parse(picture, crop_box(box))
    for name, labels in list(maps.items())[1:]:
        shares = (f"{mode} {overlap(maps['mesh'], labels, mode, box):.3f}" for mode in MODES)
        logger.info("mesh and %s have in common: %s", name, ", ".join(shares))
    sheet = np.vstack([row(picture, mesh.points, box, labels) for labels in maps.values()])
    cv2.imwrite(str(asked.out), sheet)
    return 0


def first_picture(source: Path) -> Colours:
    """Of a video or a photo, BGR."""
    with av.open(str(source)) as container:
        for frame in container.decode(video=0):
            return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise AvatarError(f"{source} has no pictures")


def as_drawn(around: Box) -> Colours:
    """(512, 512) classes of a crop box of the default avatar's first picture."""
    from scripts.default_avatar.parts import parts

    cropped = Image.fromarray(parts(0)).crop(around)
    return np.asarray(cropped.resize((LABELS_PX, LABELS_PX), Image.Resampling.NEAREST))


def overlap(labels: Colours, others: Colours, mode: Mode, box: Box) -> float:
    """Intersection over union of what two label maps let through, at least by half."""
    one, other = (blend_mask(parse(each, mode), box)[0] > 127 for each in (labels, others))
    return float((one & other).sum() / max(1, (one | other).sum()))


def row(picture: Colours, mesh: Float32Array, box: Box, labels: Colours) -> Colours:
    """(256, 5 * 256, 3) of the crop box."""
    around = crop_box(box)
    cropped = cv2.cvtColor(
        np.asarray(Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).crop(around)), cv2.COLOR_RGB2BGR
    )
    shown = np.asarray(cv2.resize(cropped, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA), np.uint8)
    parts = cv2.resize(_coloured(labels), (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA)
    cells = [_marked(shown, mesh, box), cv2.addWeighted(shown, 0.6, parts, 0.4, 0)]
    for mode in MODES:
        mask = cv2.resize(blend_mask(parse(labels, mode), box)[0], (CELL_PX, CELL_PX))[..., None] / 255
        cells.append((shown * (DIMMED + (1 - DIMMED) * mask)).astype(np.uint8))
    return np.hstack([np.asarray(cell, np.uint8) for cell in cells])


def _marked(shown: Colours, mesh: Float32Array, box: Box) -> Colours:
    around = crop_box(box)
    scale = CELL_PX / around.width
    marked = shown.copy()
    for x, y in (landmarks(mesh) - (around.left, around.top)) * scale:
        cv2.circle(marked, (round(float(x)), round(float(y))), 1, (80, 255, 80), -1, cv2.LINE_AA)
    left, top, right, bottom = (round(edge * scale) for edge in box.moved(around.left, around.top))
    cv2.rectangle(marked, (left, top), (right, bottom), (255, 255, 255), 1)
    return marked


def _coloured(labels: Colours) -> Colours:
    hues = np.array([[(number * 37 % 180, 200, 255 * (number > 0)) for number in range(COUNT)]], np.uint8)
    palette = np.asarray(cv2.cvtColor(hues, cv2.COLOR_HSV2BGR), np.uint8)[0]
    return np.asarray(palette[labels], np.uint8)


if __name__ == "__main__":
    sys.exit(main())
