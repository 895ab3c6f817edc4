"""An avatar of the default one's pictures, with the face's mesh, as `livetalk avatar create` writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livetalk.avatar.footage import FACE, Footage, write_meshes
from livetalk.avatar.manifest import Action, Cue, Manifest
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import THUMBNAIL, VIDEO, write_manifest, write_thumbnail, write_video
from livetalk.engines.viseme.preparing import VisemePreparer
from tests.engines.musetalk.mira import footage, mesh

LOOP, WAVE, TURN = 4, 3, 2
"""pictures of the loop, of an action with the face, and of one without"""
SIZE = (512, 512)


def write_anna(folder: Path) -> Path:
    """A loop and two actions, prepared for the viseme engine."""
    folder.mkdir(parents=True)
    shown = footage(LOOP + WAVE).pictures
    turned = np.random.default_rng(5).integers(60, 180, (TURN, *shown.shape[1:]), np.uint8)
    pictures = np.concatenate((shown, turned))
    body = Footage(pictures, np.stack([mesh()] * len(pictures)))
    write_video(folder / VIDEO, pictures[:LOOP], SIZE)
    write_video(folder / "action-wave.mp4", pictures[LOOP : LOOP + WAVE], SIZE)
    write_video(folder / "action-turn.mp4", pictures[LOOP + WAVE :], SIZE)
    write_thumbnail(folder / THUMBNAIL, pictures[0])
    write_meshes(folder / FACE, body.meshes)
    entry = VisemePreparer(folder, "cpu").prepare(body, Recipe(), folder, lambda _share: None)
    manifest = Manifest(
        schema_version=1,
        id=folder.name,
        name="Anna",
        width=SIZE[0],
        height=SIZE[1],
        fps=25,
        frames=LOOP,
        loop="cycle",
        video=VIDEO,
        thumbnail=THUMBNAIL,
        source="drawn by us",
        licence="CC0",
        engines={"viseme": entry},
        face=FACE,
        actions={
            "wave": Action(first=LOOP, frames=WAVE, video="action-wave.mp4"),
            "turn": Action(first=LOOP + WAVE, frames=TURN, video="action-turn.mp4", lips=False),
        },
        plan={"idle": Cue(actions=("wave",), every_s=(8, 20))},
        checksums={},
    )
    write_manifest(folder, manifest)
    return folder


__all__ = ["LOOP", "SIZE", "TURN", "WAVE", "write_anna"]
