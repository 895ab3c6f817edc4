"""One face followed through a clip: found once, looked for where it was, found again where it was lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livetalk.face.detector import Detection, Detector
from livetalk.face.mesh import Mesh, Mesher
from livetalk.face.region import Colours, Region

LEAST_SURE = 0.5
"""that there is a face, by the mesh's network"""
PASSES = 2
"""of the mesh's network: the first finds where the head is now, the next look from there"""
NEAR = 0.6
"""how far a lost face may be found again, in edges of its square"""


class Tracker:
    """Follows one face, picture by picture."""

    def __init__(self, models: Path, face: int = 1) -> None:
        """Read the networks; follow the face of that rank in the first picture that has it, 1 the largest.

        Raises:
            ModelError: a network is missing or damaged.
        """
        self._detector = Detector(models)
        self._mesher = Mesher(models)
        self._rank = face - 1
        self._last: Region | None = None
        self._lost = False
        self.most = 0
        """faces seen at once"""

    def follow(self, picture: Colours) -> Mesh | None:
        """The face's mesh in the next picture, None where it is not seen."""
        if self._last is not None and not self._lost:
            mesh = self._fit(picture, self._last)
            if mesh is not None:
                return mesh
        found = self._detector.find(picture)
        self.most = max(self.most, len(found))
        chosen = self._choose(found)
        mesh = None if chosen is None else self._fit(picture, chosen.region)
        self._lost = mesh is None
        return mesh

    def _choose(self, found: list[Detection]) -> Detection | None:
        if self._last is None:
            return found[self._rank] if len(found) > self._rank else None
        if self._rank == 0 and len(found) == 1:
            return found[0]
        where, reach = np.array([self._last.x, self._last.y]), NEAR * self._last.edge
        away = {float(np.hypot(*(each.middle - where))): each for each in found}
        nearest = min(away, default=np.inf)
        return away[nearest] if nearest < reach else None

    def _fit(self, picture: Colours, region: Region) -> Mesh | None:
        for _ in range(PASSES):
            mesh = self._mesher.fit(picture, region)
            if mesh.sure < LEAST_SURE:
                return None
            region = mesh.region
        self._last = region
        return mesh


__all__ = ["Tracker"]
