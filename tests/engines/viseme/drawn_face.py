"""A drawn face whose landmarks are known, as a bundle on disk for the warp painter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from livetalk.engines.viseme import warp_points as points
from livetalk.types import Float32Array, Picture

SIZE = 384
SKIN, LIP, DARK, TEETH = (150, 180, 220), (60, 50, 190), (20, 15, 40), (215, 225, 230)
"""BGR"""


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """Where and how a face stands in a square picture."""

    x: float = 192
    """of the middle of the mouth"""
    y: float = 220
    scale: float = 1.0
    """1: a mouth of 80 pixels"""
    roll: float = 0.0
    """degrees, clockwise"""
    gap: float = 0.0
    """of the lips, in pixels at scale 1"""
    rows: int = 1
    """of teeth between them; with two, or none, there is darkness as well"""

    def place(self, u: npt.ArrayLike, v: npt.ArrayLike) -> Float32Array:
        """The picture's x, y of points of the upright face, in pixels at scale 1 from the mouth."""
        angle = np.deg2rad(self.roll)
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        face = np.column_stack(np.broadcast_arrays(u, v)) * self.scale
        placed: Float32Array = (face @ turn + (self.x, self.y)).astype(np.float32)
        return placed

    def mesh(self) -> Float32Array:
        """(468, 2), not a number where the warp should not look."""
        mesh = np.full((468, 2), np.nan, np.float32)
        s = np.linspace(-1, 1, 11)
        dome = 1 - s * s
        mesh[list(points.OUTER_UPPER)] = self.place(40 * s, -(10 + self.gap / 2) * dome)
        mesh[list(points.OUTER_LOWER)] = self.place(40 * s, (13 + self.gap / 2) * dome)
        mesh[list(points.INNER_UPPER)] = self.place(36 * s, -self.gap / 2 * dome)
        mesh[list(points.INNER_LOWER)] = self.place(36 * s, self.gap / 2 * dome)
        turn = np.linspace(np.pi, 0, len(points.JAW_LINE))
        mesh[list(points.JAW_LINE)] = self.place(90 * np.cos(turn), -20 + 90 * np.sin(turn))
        mesh[points.NOSE_BASE] = self.place(0, -34)[0]
        mesh[list(points.CHEEKS)] = self.place((-52, 52), -40)
        return mesh

    def draw(self) -> npt.NDArray[np.uint8]:
        """(SIZE, SIZE, 3), BGR; the ground has a pattern, so that any movement of it shows."""
        grain = np.random.default_rng(7).integers(40, 110, (SIZE // 8, SIZE // 8, 3)).astype(np.uint8)
        image = np.asarray(cv2.resize(grain, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC), np.uint8)
        mesh = self.mesh()
        turn = np.linspace(0, 2 * np.pi, 80)
        self._fill(image, self.place(90 * np.cos(turn), -50 + 120 * np.sin(turn)), SKIN)
        for side in (-40, 40):
            self._fill(image, self.place(side + 10 * np.cos(turn), -90 + 6 * np.sin(turn)), DARK)
        self._fill(image, mesh[[*points.OUTER_UPPER, *points.OUTER_LOWER[-2:0:-1]]], LIP)
        if self.gap:
            inside = mesh[[*points.INNER_UPPER, *points.INNER_LOWER[-2:0:-1]]]
            self._fill(image, inside, TEETH if self.rows else DARK)
            if self.rows == 2:
                middle = mesh[[*points.INNER_UPPER, *points.INNER_LOWER]].mean(axis=0)
                self._fill(image, middle + (inside - middle) * np.array((1, 0.4), np.float32), DARK)
        return image

    def _fill(self, image: npt.NDArray[np.uint8], outline: Float32Array, colour: tuple[int, ...]) -> None:
        corners = np.rint(outline * 16).astype(np.int32)
        cv2.fillPoly(image, [corners], colour, cv2.LINE_AA, 4)


def write_bundle(folder: Path, faces: Sequence[DrawnFace], landmarks: Float32Array | None = None) -> Path:
    """Write a bundle that shows `faces`, one a frame, with their landmarks or with others."""
    folder.mkdir(parents=True)
    meshes = np.stack([face.mesh() for face in faces])
    save_file(
        {"landmarks": points.select(meshes) if landmarks is None else landmarks},
        folder / "warp.safetensors",
        metadata=points.FORMAT,
    )
    _write_video(folder / "body.mkv", [face.draw() for face in faces])
    (folder / "thumbnail.jpg").write_bytes(b"no one looks at it")
    names = ("body.mkv", "thumbnail.jpg", "warp.safetensors")
    manifest = {
        "schema_version": 1,
        "id": folder.name,
        "name": "Drawn",
        "width": SIZE,
        "height": SIZE,
        "fps": 25,
        "frames": len(faces),
        "loop": "pingpong",
        "video": "body.mkv",
        "thumbnail": "thumbnail.jpg",
        "source": "drawn by a test",
        "licence": "none",
        "engines": {"viseme": {"kind": "warp", "file": "warp.safetensors"}},
        "checksums": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    }
    (folder / "avatar.json").write_text(json.dumps(manifest))
    return folder


def _write_video(path: Path, images: Sequence[npt.NDArray[np.uint8]]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width = stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for image in images:
            planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())


@dataclass(frozen=True, slots=True)
class SeenMouth:
    """What is to be seen of the drawn lips in a picture."""

    width: float
    """from corner to corner of the red of the lips, pixels"""
    opening: float
    """area within the lips that is not red, square pixels"""
    middle: Float32Array
    """(2,), x, y of the lips' middle"""
    top: float
    """y of the upper lip's upper edge"""
    bottom: float
    """y of the lower lip's lower edge"""


def look(picture: Picture) -> SeenMouth:
    """Find the drawn lips in an I420 picture by their colour."""
    image = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420).astype(np.int16)
    red = ((image[..., 2] - image[..., 1] > 75) & (image[..., 2] > 120)).astype(np.uint8)
    red = np.asarray(cv2.morphologyEx(red, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(red, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = np.concatenate([contour for contour in contours if len(contour) > 12])[:, 0].astype(np.float32)
    filled = np.zeros_like(red)
    cv2.fillPoly(filled, [cv2.convexHull(outline).astype(np.int32)], 1)
    width = float(max(cv2.minAreaRect(outline)[1]))
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    opening = float(filled.sum()) - float(red.sum())
    return SeenMouth(width, opening, middle, float(outline[:, 1].min()), float(outline[:, 1].max()))
