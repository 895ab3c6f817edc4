"""Puts the layers of a picture together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import skia

from scripts.default_avatar import hair, setting
from scripts.default_avatar.canvas import FINE, SIZE, Canvas, Plane, Sheet, paint
from scripts.default_avatar.eyes import eyes
from scripts.default_avatar.lips import Lips, lips_of
from scripts.default_avatar.motion import REST_POSE, Matrix, Pose
from scripts.default_avatar.mouth import Box, face

WHOLE: Box = (0, 0, SIZE, SIZE)
_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The part of a sheet that is not empty."""

    image: Any
    corner: tuple[int, int]
    """x, y of its first pixel, in sheet pixels of the whole picture"""


def _layer(sheet: Sheet, corner: tuple[int, int] = (0, 0)) -> _Layer:
    """`corner`: where the sheet begins, in picture pixels."""
    left, top, width, height = cv2.boundingRect(sheet[..., 3])
    shown = sheet[top : top + height, left : left + width].copy()
    image = skia.Image.fromarray(shown, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    return _Layer(image, (corner[0] * FINE + left, corner[1] * FINE + top))


@dataclass(frozen=True, slots=True)
class Scene:
    """Every layer in its canonical place, drawn once."""

    room: _Layer
    back_hair: _Layer
    neck: _Layer
    clothes: _Layer
    chin_shadow: _Layer
    hair_shadow: _Layer
    front_hair: _Layer
    head: _Layer

    @classmethod
    def draw(cls) -> Scene:
        """Draw all layers; takes some seconds."""
        front = hair.front()
        return cls(
            room=_layer(setting.room()),
            back_hair=_layer(hair.back()),
            neck=_layer(setting.neck()),
            clothes=_layer(setting.clothes()),
            chin_shadow=_layer(setting.chin_shadow()),
            hair_shadow=_layer(hair.shadow(front)),
            front_hair=_layer(front),
            head=_layer(face(lips_of(np.zeros(6)), WHOLE)),
        )

    def picture(self, pose: Pose) -> Sheet:
        """The whole picture with its mouth at rest."""
        return self._compose(pose, WHOLE, self.head)

    def opacity(self, pose: Pose) -> Plane:
        """How opaque she is in it, 0 to 255: all but the room."""
        return np.asarray(self._compose(pose, WHOLE, self.head, alone=True)[..., 3])

    def mouth(self, box: Box, lips: Lips) -> tuple[Sheet, Plane]:
        """A part of the canonical picture with another mouth, and where the face is in it, 0 to 255."""
        head = face(lips, box)
        return self._compose(REST_POSE, box, _layer(head, box[:2])), head[..., 3]

    def _compose(self, pose: Pose, box: Box, head: _Layer, *, alone: bool = False) -> Sheet:
        canvas = Canvas(box)
        sky = canvas.skia
        if not alone:
            _lay(sky, self.room, REST_POSE.head)
        _lay(sky, self.back_hair, pose.back_hair)
        sky.saveLayer()
        _lay(sky, self.neck, pose.neck)
        _lay(sky, self.clothes, pose.body)
        _lay(sky, self.chin_shadow, pose.head, within=True)
        _lay(sky, self.hair_shadow, pose.front_hair, within=True)
        sky.restore()
        sky.saveLayer()
        _lay(sky, head, pose.head)
        sky.save()
        sky.concat(_skia_matrix(pose.head))
        eyes(sky, pose.look)
        sky.restore()
        _lay(sky, self.hair_shadow, pose.front_hair, within=True)
        sky.restore()
        _lay(sky, self.front_hair, pose.front_hair)
        return canvas.sheet


def _skia_matrix(matrix: Matrix) -> Any:
    return skia.Matrix.MakeAll(*(float(value) for value in matrix.ravel()), 0, 0, 1)


def _lay(sky: Any, layer: _Layer, matrix: Matrix, *, within: bool = False) -> None:
    """Draw a layer where `matrix` puts it; `within`: only on what this group already covers."""
    brush = paint((0, 0, 0))
    if within:
        brush.setBlendMode(skia.BlendMode.kSrcATop)
    sky.save()
    sky.concat(_skia_matrix(matrix))
    sky.scale(1 / FINE, 1 / FINE)
    sky.drawImage(layer.image, *layer.corner, _SMOOTH, brush)
    sky.restore()
