"""A photo's loop of pictures, made one by one, and where the face's points are in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from livetalk.creation.photo import motion, sway
from livetalk.creation.photo.lids import Lid, lids_of
from livetalk.creation.photo.pose import pose_of
from livetalk.creation.photo.steady import steady
from livetalk.creation.photo.warp import Grid, bend
from livetalk.types import Float32Array, Picture, frozen

CELLS = 24
"""of the fields' grid, in a face's width"""
CELL_PX = (4, 16)
"""least and most"""


@dataclass(frozen=True, slots=True)
class Living:
    """A photo whose person sways, breathes and blinks, in a loop of the kind "cycle"."""

    meshes: Float32Array
    """(frames, 468, 3): the face's points in each picture, read-only"""
    _photo: Picture = field(repr=False)
    _grid: Grid = field(repr=False)
    _fields: Float32Array = field(repr=False)
    _weights: Float32Array = field(repr=False)
    _closed: Float32Array = field(repr=False)
    _lids: tuple[Lid, ...] = field(repr=False)

    @property
    def frames(self) -> int:
        """Of the loop, 25 a second; the first follows the last."""
        return len(self.meshes)

    def pictures(self) -> Iterator[Picture]:
        """The loop once, each picture made when it is asked for."""
        for weights, closed in zip(self._weights, self._closed, strict=True):
            photo = self._photo
            if closed:
                photo = photo.copy()
                for lid in self._lids:
                    lid.close(photo, float(closed))
            yield bend(photo, np.tensordot(weights, self._fields, 1), self._grid)

    def bent(self, matte: Picture) -> Iterator[Picture]:
        """A matte of the photo, a grey picture, bent as each picture is."""
        for weights in self._weights:
            yield bend(matte, np.tensordot(weights, self._fields, 1), self._grid)


def living(picture: Picture, mesh: Float32Array, seed: int = 0) -> Living:
    """Give a photo idle motion.

    Args:
        picture: I420.
        mesh: (468, 3), of the face in it.
        seed: another one, other motion of the same kind.
    """
    rng = np.random.default_rng(seed)
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    pose = pose_of(mesh)
    grid = Grid(width, height, int(np.clip(pose.size_px / CELLS, *CELL_PX)) // 2 * 2)
    # a displacement says where a pixel comes from: against the way that the person goes
    fields = -sway.fields(grid.points, pose, mesh, (width, height))
    weights = sway.gentle(fields, motion.curves(rng), grid.cell)
    reach = np.tensordot(np.abs(weights).max(axis=0), np.abs(fields), 1)
    photo = frozen(steady(picture, grid.spread(reach).max(axis=-1)))
    lids = lids_of(photo, mesh)
    closed = motion.blinks(rng) if lids else np.zeros(len(weights), np.float32)
    meshes = np.repeat(mesh[None].astype(np.float32), len(weights), axis=0)
    for points, each, shut in zip(meshes, weights, closed, strict=True):
        for lid in lids:
            points[:, :2] = lid.moved(points[:, :2], float(shut))
        points[:, :2] = grid.moved(np.tensordot(each, fields, 1), points[:, :2])
    return Living(frozen(meshes), photo, grid, fields, weights, closed, lids)


__all__ = ["Living", "living"]
