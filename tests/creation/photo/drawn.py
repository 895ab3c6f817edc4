"""A drawn photo: a person before a patterned wall, whose mesh is known."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from livetalk.creation.photo.eye import BROWS, LEFT, RIGHT
from livetalk.creation.photo.pose import OVAL
from livetalk.types import Float32Array, Picture

SKIN, HAIR, CLOTH = (150, 180, 220), (40, 60, 90), (120, 80, 60)
SHADOW = (125, 145, 195)
"""on an upper lid"""
WHITE, IRIS, LASH = (250, 250, 250), (190, 90, 40), (20, 20, 25)
"""BGR"""
DOTS = (10, 152, 50, 280, 1, 205, 425, 148, 377)
"""mesh points that may be drawn as dots, on bare skin"""
EYES = ((LEFT, -0.2), (RIGHT, 0.2))
HALF_EYE = 0.1
"""of the eyes' width, in face widths"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the photo shows."""

    width: int = 482
    height: int = 362
    x: float = 240.0
    y: float = 165.0
    """of the face's middle"""
    size: float = 150.0
    """the face's width, pixels"""
    roll: float = 0.0
    """degrees, clockwise"""
    left_open: float = 1.0
    right_open: float = 1.0
    """of the eyes, in the mesh"""
    eyes: bool = True
    """they are drawn, not only in the mesh"""
    shut: bool = False
    """they are drawn shut, whatever the mesh says"""
    dots: bool = False
    grain: float = 0.0

    def place(self, u: npt.ArrayLike, v: npt.ArrayLike) -> Float32Array:
        """Points of the upright face, in face widths from its middle, in the photo."""
        angle = np.deg2rad(self.roll)
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        upright = np.column_stack(np.broadcast_arrays(u, v))
        return np.asarray(upright @ turn * self.size + (self.x, self.y), np.float32)

    def mesh(self) -> Float32Array:
        """(468, 3): points all over the face; eyes, brows and outline are where they belong."""
        turns = np.arange(468) * 2.39996
        radius = np.sqrt((np.arange(468) + 0.5) / 468)
        u, v = 0.5 * radius * np.cos(turns), 0.62 * radius * np.sin(turns)
        round_about = np.arange(36) * np.pi / 18
        u[list(OVAL)], v[list(OVAL)] = 0.5 * np.sin(round_about), -0.62 * np.cos(round_about)
        named = {1: (0, 0.08), 50: (-0.28, 0.1), 280: (0.28, 0.1), 205: (-0.16, 0.2), 425: (0.16, 0.2)}
        for point, (each_u, each_v) in named.items():
            u[point], v[point] = each_u, each_v
        for (upper, lower), middle in EYES:
            s = np.linspace(-1, 1, 9)
            height = (self.left_open if middle < 0 else self.right_open) * (1 - s * s)
            u[list(lower)] = u[list(upper)] = middle + HALF_EYE * s
            v[list(lower)], v[list(upper)] = -0.12 + 0.035 * height, -0.12 - 0.06 * height
        for brow, middle in zip(BROWS, (-0.2, 0.2), strict=True):
            u[list(brow)], v[list(brow)] = middle + np.linspace(-0.11, 0.11, 5), -0.29
        depth = -0.4 * np.clip(1 - (u / 0.5) ** 2 - (v / 0.62) ** 2, 0, 1) * self.size
        return np.column_stack((self.place(u, v), depth)).astype(np.float32)

    def picture(self) -> Picture:
        """I420."""
        chance = np.random.default_rng(3)
        wall = chance.integers(90, 170, (self.height // 12, self.width // 12, 3)).astype(np.uint8)
        size = (self.width, self.height)
        image = np.asarray(cv2.resize(wall, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        turn = np.linspace(0, 2 * np.pi, 120)
        self._fill(image, self.place(1.0 * np.cos(turn), 1.6 + 0.85 * np.sin(turn)), CLOTH)
        self._fill(image, self.place(0.62 * np.cos(turn), -0.12 + 0.72 * np.sin(turn)), HAIR)
        self._fill(image, self.place(0.5 * np.cos(turn), 0.62 * np.sin(turn)), SKIN)
        mesh = self.mesh()
        for brow in BROWS:
            self._fill(image, np.concatenate((mesh[list(brow), :2], self._above(mesh, brow))), HAIR)
        if self.eyes:
            draw = self._shut_eye if self.shut else self._eye
            for eye in (LEFT, RIGHT):
                draw(image, mesh, *eye)
        for point in DOTS if self.dots else ():
            self._fill(image, mesh[point, :2] + 3 * np.column_stack((np.cos(turn), np.sin(turn))), LASH)
        if self.grain:
            noise = chance.normal(0, self.grain, image.shape[:2])[..., None]
            image = np.clip(image + noise, 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)

    def _above(self, mesh: Float32Array, brow: tuple[int, ...]) -> Float32Array:
        higher = self.place(0, -0.03) - self.place(0, 0)
        return np.asarray(mesh[list(reversed(brow)), :2] + higher, np.float32)

    def _eye(
        self, image: npt.NDArray[np.uint8], mesh: Float32Array, upper: tuple[int, ...], lower: tuple[int, ...]
    ) -> None:
        high, low = mesh[list(upper), :2], mesh[list(lower), :2]
        opening = np.zeros(image.shape[:2], np.uint8)
        outline = np.concatenate((high, low[::-1]))
        cv2.fillPoly(opening, [np.rint(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        seen = np.full_like(image, WHITE)
        turn = np.linspace(0, 2 * np.pi, 60)
        middle = (high[4] + low[4]) / 2
        iris = middle + 0.042 * self.size * np.column_stack((np.cos(turn), np.sin(turn)))
        self._fill(seen, iris.astype(np.float32), IRIS)
        share = opening[..., None] / np.float32(255)
        image[...] = np.rint(image + share * (seen.astype(np.float32) - image)).astype(np.uint8)
        self._lashes(image, high)

    def _shut_eye(
        self, image: npt.NDArray[np.uint8], mesh: Float32Array, upper: tuple[int, ...], lower: tuple[int, ...]
    ) -> None:
        high, low = mesh[list(upper), :2], mesh[list(lower), :2]
        fold = high + self.place(0, -0.06) - self.place(0, 0)
        line = 0.3 * high + 0.7 * low
        self._fill(image, np.concatenate((fold, line[::-1])), SHADOW)
        self._lashes(image, line)

    def _lashes(self, image: npt.NDArray[np.uint8], edge: Float32Array) -> None:
        line = [np.rint(edge * 16).astype(np.int32)]
        cv2.polylines(image, line, False, LASH, max(round(0.02 * self.size), 1), cv2.LINE_AA, 4)

    def _fill(self, image: npt.NDArray[np.uint8], outline: Float32Array, colour: tuple[int, ...]) -> None:
        cv2.fillPoly(image, [np.rint(outline * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def opening(mesh: Float32Array, eye: tuple[tuple[int, ...], tuple[int, ...]]) -> float:
    """How far an eye's lids are apart in its middle, pixels."""
    upper, lower = eye
    return float(np.hypot(*(mesh[lower[4], :2] - mesh[upper[4], :2])))


__all__ = ["DOTS", "Drawn", "opening"]
