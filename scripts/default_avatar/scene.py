"""Puts the layers of a picture together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import skia

from scripts.default_avatar import hair, setting
from scripts.default_avatar.canvas import FINE, SIZE, Canvas, Sheet, paint
from scripts.default_avatar.eyes import eyes
from scripts.default_avatar.lips import Lips, lips_of
from scripts.default_avatar.motion import Matrix, Pose
from scripts.default_avatar.mouth import Box, face

WHOLE: Box = (0, 0, SIZE, SIZE)
_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)


def _image(sheet: Sheet) -> Any:
    return skia.Image.fromarray(sheet.copy(), skia.kRGBA_8888_ColorType)


@dataclass(frozen=True, slots=True)
class Scene:
    """Every layer in its canonical place, drawn once."""

    room: Any
    back_hair: Any
    neck: Any
    clothes: Any
    chin_shadow: Any
    hair_shadow: Any
    front_hair: Any
    head: Any

    @classmethod
    def draw(cls) -> Scene:
        """Draw all layers; takes some seconds."""
        front = hair.front()
        return cls(
            room=_image(setting.room()),
            back_hair=_image(hair.back()),
            neck=_image(setting.neck()),
            clothes=_image(setting.clothes()),
            chin_shadow=_image(setting.chin_shadow()),
            hair_shadow=_image(hair.shadow(front)),
            front_hair=_image(front),
            head=_image(face(lips_of(np.zeros(6)), WHOLE)),
        )

    def picture(self, pose: Pose) -> Sheet:
        """The whole picture with its mouth at rest."""
        return self._compose(pose, WHOLE, self.head, 0.0)

    def part(self, pose: Pose, box: Box, lips: Lips) -> Sheet:
        """A part of the picture with another mouth; `box` must hold all that the mouth changes."""
        return self._compose(pose, box, _image(face(lips, box)), lips.drop)

    def _compose(self, pose: Pose, box: Box, head: Any, drop: float) -> Sheet:
        canvas = Canvas(box)
        sky = canvas.skia
        fallen = pose.head + np.array([[0, 0, 0], [0, 0, 0.8 * drop]])
        _lay(sky, self.room, pose.body * 0 + np.eye(2, 3))
        _lay(sky, self.back_hair, pose.back_hair)
        sky.saveLayer()
        _lay(sky, self.neck, pose.neck)
        _lay(sky, self.clothes, pose.body)
        _lay(sky, self.chin_shadow, fallen, within=True)
        _lay(sky, self.hair_shadow, pose.front_hair, within=True)
        sky.restore()
        sky.saveLayer()
        _lay(sky, head, pose.head, (box[0], box[1]))
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


def _lay(
    sky: Any, image: Any, matrix: Matrix, corner: tuple[int, int] = (0, 0), *, within: bool = False
) -> None:
    """Draw a layer where `matrix` puts it; `within`: only on what this group already covers."""
    brush = paint((0, 0, 0))
    if within:
        brush.setBlendMode(skia.BlendMode.kSrcATop)
    sky.save()
    sky.concat(_skia_matrix(matrix))
    sky.scale(1 / FINE, 1 / FINE)
    sky.drawImage(image, corner[0] * FINE, corner[1] * FINE, _SMOOTH, brush)
    sky.restore()
