"""How still MuseTalk's redrawn face is, and what laying it costs: `python -m bench.pasting [CLIP ...]`.

No weights are needed: each face is cut out and laid back as it is, or in another light, as though the
networks had drawn it. Without clips, those of ../shared/media and the default avatar's body. For each kind of
box and of blending:

- slip: how far the skin moves in the box from one picture to the next, pixels of the picture, by optical flow
  of nose and eyes. What is drawn hangs on the box, so it slips on the skin by as much.
- shake: the standard deviation of the acceleration of the box's corners, pixels a picture squared. A head
  that really moves has some of it.
- back: the peak signal-to-noise ratio of a face that was cut out and laid back, dB, of luma where all of it
  is seen.
- light: what is left, in levels of 255, of a light by which the drawn face differs, 10 levels brighter and
  slanting by 14 (root mean square, luma).
- cost: of laying one face, milliseconds of the thread's own, and its ratio to the first way. `seamlessClone`
  is OpenCV's Poisson blending of the same faces, their colours converted beforehand.

What finds faces has to be there: `livetalk models download face`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from bench.footage import asked
from livetalk.avatar.footage import Footage
from livetalk.avatar.recipe import MuseTalkChoices, Recipe, Steadiness
from livetalk.creation.finding import find_face
from livetalk.creation.steadying import steadied
from livetalk.engines.musetalk.boxes import FACE_PX
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.making import Masking, boxes_of
from livetalk.engines.musetalk.paste import Face, Place, paste
from livetalk.engines.musetalk.turned import TurnedBox, as_turned, cut, inverse, moved, of_samples
from livetalk.types import Picture, planes

WAYS = {
    "upright": MuseTalkChoices(box="upright"),
    "turned": MuseTalkChoices(),
    "upright, poisson": MuseTalkChoices(box="upright", blend="poisson"),
    "turned, poisson": MuseTalkChoices(blend="poisson"),
}
FEATURES = 80
"""of the skin, that are followed"""
NEAR = 0.3
"""pixels of the drawn face, by which a feature may miss its way back"""
CLONED = "turned"
"""the way whose faces OpenCV lays, too"""
EVERY = 4
"""pictures, of which one is laid"""
ROUNDS = 5
"""that each face is laid for its cost"""
WHOLE = 250
"""of 255, from which on all of a face is seen"""
SEEN = 60
"""and some of it"""
_UPPER = (slice(15, 125), slice(48, 208))
"""rows and columns of nose and eyes, of the face as it is drawn"""
_CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)

Pixels = npt.NDArray[np.uint8]


def slip(pictures: npt.NDArray[np.uint8], boxes: Sequence[TurnedBox]) -> float:
    """Root mean square of how far the skin moves in the boxes, pixels."""
    before: Pixels | None = None
    moves = []
    for picture, box in zip(pictures, boxes, strict=True):
        by = of_samples(box.from_face())
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        face = cv2.warpAffine(planes(picture)[0], by, (FACE_PX, FACE_PX), flags=flags)
        patch = np.ascontiguousarray(face[_UPPER], np.uint8)
        if before is not None:
            moves.append(_moved(before, patch) * (box.width / FACE_PX, box.height / FACE_PX))
        before = patch
    return float(np.sqrt((np.array(moves) ** 2).sum(axis=1).mean()))


def _moved(before: Pixels, after: Pixels) -> npt.NDArray[np.float64]:
    """By how much the features have, those that are found on the way back too: their median, x and y."""
    places = cv2.goodFeaturesToTrack(before, FEATURES, 0.01, 5)
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, places, np.empty_like(places))
    back, again, _ = cv2.calcOpticalFlowPyrLK(after, before, there, np.empty_like(places))
    good = (np.linalg.norm(back - places, axis=-1) < NEAR) & (found == 1) & (again == 1)
    return np.asarray(np.median((there - places)[good], axis=0), np.float64)


def shake(boxes: Sequence[TurnedBox]) -> float:
    """Standard deviation of the acceleration of the boxes' corners, pixels."""
    corners = np.array([moved(_CORNERS, box.from_unit()) for box in boxes])
    return float(np.diff(corners, 2, axis=0).std())


def in_another_light(face: Picture) -> Picture:
    """The same face, brighter, and the more so to its right."""
    lit = face.copy()
    luma = planes(lit)[0]
    luma[...] = np.clip(np.rint(luma + 10 + 14 * np.linspace(-0.5, 0.5, FACE_PX)), 0, 255)
    return lit


def error(found: Picture, true: Picture, at: Place, level: int) -> npt.NDArray[np.float64]:
    """Of luma where at least so much of the face is seen."""
    inner = at.inner
    rows, columns = slice(inner.top, inner.bottom), slice(inner.left, inner.right)
    off = planes(found)[0][rows, columns].astype(np.float64) - planes(true)[0][rows, columns]
    return np.asarray(off[at.luma > level])


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one clip in one way."""

    clip: str
    way: str
    slip_px: float
    shake_px: float
    back_db: float
    light: float
    cost_ms: float


class Way:
    """One kind of box and of blending, on one clip."""

    def __init__(self, choices: MuseTalkChoices, footage: Footage, models: Path) -> None:
        """With its boxes."""
        self.boxes = boxes_of(landmarks(footage.meshes), footage, Recipe(musetalk=choices))
        self.turned = [box if isinstance(box, TurnedBox) else as_turned(box) for box in self.boxes]
        self.masking = Masking(models, torch.device("cpu"), choices)
        self.back: list[npt.NDArray[np.float64]] = []
        self.light: list[npt.NDArray[np.float64]] = []
        self.costs_ms: list[float] = []
        self.clones_ms: list[float] = []

    def lay(self, footage: Footage, number: int, *, clone: bool) -> None:
        """Cut one picture's face out and lay it back."""
        body, box = footage.pictures[number], self.boxes[number]
        picture = np.asarray(cv2.cvtColor(body, cv2.COLOR_YUV2BGR_I420), np.uint8)
        place = self.masking.place(picture, footage.meshes[number], box)
        face = np.asarray(cv2.cvtColor(cut(picture, box), cv2.COLOR_BGR2YUV_I420), np.uint8)
        self.back.append(error(_laid(body, face, place), body, place, WHOLE))
        self.light.append(error(_laid(body, in_another_light(face), place), body, place, SEEN))
        self.costs_ms += [_cost_ms(body, face, place) for _ in range(ROUNDS)]
        if clone:
            self.clones_ms.append(_cloned_ms(picture, face, place, self.turned[number]))

    def row(self, clip: str, name: str, footage: Footage) -> Row:
        """What came of it."""
        back_db = 20 * np.log10(255 / _rms(self.back))
        still = slip(footage.pictures, self.turned), shake(self.turned)
        return Row(clip, name, *still, float(back_db), _rms(self.light), float(np.median(self.costs_ms)))


def measure(clip: str, footage: Footage, models: Path) -> Iterator[Row]:
    """A row for each way, all of them laid by turns, and one for OpenCV's."""
    ways = {name: Way(choices, footage, models) for name, choices in WAYS.items()}
    for number in range(0, len(footage.pictures), EVERY):
        for name, way in ways.items():
            way.lay(footage, number, clone=name == CLONED)
    rows = {name: way.row(clip, name, footage) for name, way in ways.items()}
    yield from rows.values()
    cloned_ms = float(np.median(ways[CLONED].clones_ms))
    name = f"{CLONED}, seamlessClone"
    yield replace(rows[CLONED], way=name, back_db=np.nan, light=np.nan, cost_ms=cloned_ms)


def _rms(errors: Sequence[npt.NDArray[np.float64]]) -> float:
    return float(np.sqrt((np.concatenate(errors) ** 2).mean()))


def _laid(body: Picture, face: Picture, at: Place) -> Picture:
    picture = body.copy()
    paste(picture, Face(face), at)
    return picture


def _cost_ms(body: Picture, face: Picture, at: Place) -> float:
    begin_ns = time.thread_time_ns()
    _laid(body, face, at)
    return (time.thread_time_ns() - begin_ns) / 1e6


def _cloned_ms(picture: Pixels, face: Picture, at: Place, box: TurnedBox) -> float:
    """What OpenCV needs for as much of the face as is seen by half, colours converted, the face turned."""
    inner = at.inner
    by = of_samples(inverse(box.from_face()))
    by[:, 2] -= (inner.left, inner.top)
    colours = cv2.cvtColor(face, cv2.COLOR_YUV2BGR_I420)
    drawn = cv2.warpAffine(colours, by, (inner.width, inner.height), borderMode=cv2.BORDER_REPLICATE)
    mask = np.where(at.luma > 127, np.uint8(255), np.uint8(0))
    left, top, width, height = cv2.boundingRect(mask)
    middle = (inner.left + left + width // 2, inner.top + top + height // 2)
    begin_ns = time.thread_time_ns()
    cv2.seamlessClone(drawn, picture, mask, middle, cv2.NORMAL_CLONE)
    return (time.thread_time_ns() - begin_ns) / 1e6


def followed(pictures: npt.NDArray[np.uint8], models: Path) -> Footage:
    """Pictures and the steadied face in each."""
    found = find_face(pictures, models, 1, lambda _share: None)
    return Footage(pictures, steadied(found, Steadiness()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    wanted = asked("bench.pasting", __doc__, arguments)
    cv2.setNumThreads(1)
    sys.stdout.write(f"{'clip':12} {'way':22} slip px  shake px  back dB  light  cost ms  ratio\n")
    for clip in wanted.clips:
        first = 0.0
        footage = followed(wanted.pictures(clip), wanted.models)
        for row in measure(clip.name, footage, wanted.models):
            first = first or row.cost_ms
            figures = f"{row.slip_px:7.2f} {row.shake_px:9.2f} {row.back_db:8.1f} {row.light:6.2f}"
            cost = f"{row.cost_ms:8.3f} {row.cost_ms / first:6.2f}"
            sys.stdout.write(f"{row.clip:12} {row.way:22} {figures} {cost}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
