"""The warp painter: opens the mouth of any photograph or video by moving the skin about its landmarks.

The displacement of the skin is worked out on a coarse grid in the face's own frame, as a weighted sum
of the fields of `warp_fields`, inverted there, brought up to the picture's resolution, and followed
plane by plane; then `warp_inside` paints what opened lips show.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from livetalk.avatar.bundle import AvatarBundle
from livetalk.engines.viseme import shape as form
from livetalk.engines.viseme import warp_fields as fields
from livetalk.engines.viseme.warp_face import Face, Floats, mostly_bared
from livetalk.engines.viseme.warp_inside import Opening, paint_inside
from livetalk.engines.viseme.warp_move import move
from livetalk.engines.viseme.warp_palette import keeps_teeth, sample
from livetalk.engines.viseme.warp_place import LIPS, Layer, Place, prepare
from livetalk.engines.viseme.warp_points import read_landmarks
from livetalk.types import Float32Array, Picture

CACHED_PLACES = 32
"""frames whose fields are kept"""
PLACE_BYTES = 200_000
"""what one takes, about"""
_CLINGING = 0.7
"""weight of the jaw's fall from which the lips cling to each other but half as much"""
_SHOWN = 0.03
"""face lengths that lips have to part until what is painted between them is all that is seen; less where the
picture's own mouth would shine through"""
SAMPLED_FRAMES = 9
"""that tell the colours of the inner mouth, and whether the body shows it"""


class Warp:
    """The moving mouth of one avatar; read-only, painted from by many threads at once."""

    def __init__(self, bundle: AvatarBundle, landmarks: Float32Array) -> None:
        self.bundle = bundle
        some = np.unique(np.linspace(0, len(landmarks) - 1, SAMPLED_FRAMES).astype(int))
        looked_at = [bundle.pictures[frame] for frame in some], landmarks[some]
        self._palette = sample(*looked_at)
        bared = mostly_bared(landmarks[some]) and keeps_teeth(*looked_at, self._palette)
        size = bundle.width, bundle.height
        self._place = lru_cache(CACHED_PLACES)(lambda frame: prepare(landmarks[frame], size, bared))

    @classmethod
    def open(cls, bundle: AvatarBundle, file: Path) -> Warp:
        """Read a warp file for this avatar; see `warp_points` for what is in it.

        Raises:
            AvatarError: the file is not a warp file, or its landmarks are not those of this avatar's face.
        """
        return cls(bundle, read_landmarks(bundle, file))

    @property
    def memory(self) -> int:
        """Bytes, at most."""
        return CACHED_PLACES * PLACE_BYTES

    def paint(self, shape: Float32Array, frame: int) -> Picture:
        """The avatar's picture of index `frame`, with the mouth shaped so.

        At rest it is the bundle's own picture, read-only; else a new array.

        Args:
            shape: (7,), see `livetalk.engines.viseme.shape`; clipped to [0, 1].
            frame: index among the avatar's pictures.
        """
        shape = np.clip(shape, 0, 1).astype(np.float32)
        rest: Picture = self.bundle.pictures[frame]
        if not shape.any():
            return rest
        place = self._place(frame)
        weights = _weights(shape, place.face)
        upper, lower = (_torn(layer, weights) for layer in (place.upper, place.lower))
        # where the lips press each other, each gives way by half
        lower[:, 1] = np.maximum(lower[:, 1], (upper[:, 1] + lower[:, 1]) / 2)
        picture: Picture = rest.copy()
        move(picture, rest, place, weights, lower)
        opening = _opening(place, shape, weights, (upper[LIPS], lower[LIPS]))
        paint_inside(picture, place.face, opening, self._palette)
        return picture


def _weights(shape: Float32Array, face: Face) -> Floats:
    """How much of each movement of `warp_fields` a shape (7,) asks for: (6,).

    Rounded lips, teeth and a tongue's tip are seen through a small opening even if the jaw is up.
    """
    closed, tuck = float(shape[form.CLOSED]), float(shape[form.TUCK])
    free = 1 - closed
    least = max(0.12 * shape[form.ROUND], 0.2 * shape[form.TEETH], 0.25 * shape[form.TONGUE])
    already = min(1.0, face.gap / (fields.JAW_DROP * face.length))
    least *= 1 - already
    jaw = free * (1 - 0.75 * tuck) * (least + (1 - least) * float(shape[form.JAW]))
    weights = np.zeros(6, np.float32)
    weights[fields.JAW] = jaw * (1 - 0.45 * already)
    weights[fields.SHUT] = max(closed, 0.65 * shape[form.ROUND] * face.parted)
    weights[fields.WIDE] = shape[form.WIDE] * (1 - 0.4 * closed)
    weights[fields.ROUND] = shape[form.ROUND] * (1 - 0.4 * closed)
    weights[fields.TUCK] = free * tuck
    # a mouth opens from its middle; one that is rounded stays shut at its sides
    clinging = max(1 - 0.5 * float(fields.smoothstep(weights[fields.JAW] / _CLINGING)), shape[form.ROUND])
    weights[fields.CLING] = weights[fields.JAW] * clinging * (1 - face.parted)
    return weights


def _torn(layer: Layer, weights: Floats) -> Floats:
    """Where the edge of a layer is now, (n, 2)."""
    edge: Floats = layer.tear + np.tensordot(weights, layer.tear_moves, 1)
    return edge


def _opening(place: Place, shape: Float32Array, weights: Floats, edges: tuple[Floats, Floats]) -> Opening:
    """What is to be painted between the lips' edges (33, 2)."""
    face, (upper, lower) = place.face, edges
    bump = np.maximum(1 - np.linspace(-1, 1, len(upper), dtype=np.float32) ** 2, 0)
    lower = lower.copy()
    # the part of the lower lip that has rolled in is covered by teeth, if those are not seen anyway
    covered = max(0.35 * face.lips[1] - 0.5 * face.gap, 0)
    lower[:, 1] += covered * weights[fields.TUCK] * bump
    opened = float((lower[:, 1] - upper[:, 1]).max()) - face.gap
    closed = float(np.clip((-opened / max(face.gap, 1) - 0.25) / 0.55, 0, 1))
    floor = face.lower[:, 1] + np.tensordot(weights, place.kept_moves, 1)[:, 1]
    # a trace of an opening must not cut off the whole margin at once
    floor -= np.minimum(face.margin + 0.05 * (face.lower[:, 1] - face.upper[:, 1]), 1.5 * max(opened, 0))
    shown = _SHOWN if face.bared else _SHOWN * (1 - 0.7 * face.parted)
    return Opening(
        upper=upper,
        lower=lower,
        kept=upper[:, 1] + face.bared * (floor - upper[:, 1]),
        presence=float(np.clip(opened / (shown * face.length), 0, 1)),
        line=0.6 * float(shape[form.CLOSED]) * (1 - 0.4 * face.parted),
        shadow=0.85 * face.parted * closed * closed * (3 - 2 * closed),
        teeth=float(shape[form.TEETH]),
        bite=float(weights[fields.TUCK]),
        tongue=float(shape[form.TONGUE]),
        round=float(shape[form.ROUND]),
    )


__all__ = ["CACHED_PLACES", "Warp"]
