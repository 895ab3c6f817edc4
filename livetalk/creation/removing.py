"""An action taken from an avatar: its clip goes, and with it what was prepared for its pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livetalk import registry
from livetalk.avatar.footage import FACE, read_meshes, write_meshes
from livetalk.avatar.manifest import Action, Manifest, read_manifest
from livetalk.avatar.writing import write_manifest
from livetalk.errors import Conflict, NotFound


def remove_action(folder: Path, name: str, models: Path, device: str) -> Manifest:
    """Take an action out of the bundle in `folder`, a copy that nobody uses yet.

    What is left is as it was: nothing is looked for or drawn anew, so no weights are needed.

    Raises:
        NotFound: it has no such action.
        Conflict: its plan shows it.
        AvatarError: it is damaged.
        PluginError: it was prepared for an engine that is not installed.
    """
    manifest = read_manifest(folder)
    changed = without(manifest, name)
    gone = manifest.actions[name]
    kept = np.ones(manifest.pictures, bool)
    kept[gone.first : gone.first + gone.frames] = False
    if manifest.face:
        meshes = read_meshes(folder / manifest.face, manifest.pictures)
        write_meshes(folder / FACE, meshes[kept])
        changed = changed.model_copy(update={"face": FACE})
    for engine, entry in manifest.engines.items():
        registry.make_preparer(engine, models, device).keep(folder / entry.file, kept)
    for file in manifest.files - changed.files:
        (folder / file).unlink()
    return write_manifest(folder, changed)


def without(manifest: Manifest, name: str) -> Manifest:
    """A manifest that lists an action no more; those behind it move up.

    Raises:
        NotFound: it has no such action.
        Conflict: its plan shows it.
    """
    if name not in manifest.actions:
        there = ", ".join(sorted(manifest.actions)) or "none"
        raise NotFound(f"{manifest.id} has no action {name[:64]!r}; there are: {there}")
    if states := [state for state, cue in manifest.plan.items() if name in cue.actions]:
        raise Conflict(
            f"the plan of {manifest.id} shows {name!r} while {' and '.join(states)}; change the plan first"
        )
    gone = manifest.actions[name]

    def moved(action: Action) -> Action:
        behind = action.first > gone.first
        return action.model_copy(update={"first": action.first - gone.frames}) if behind else action

    left = {each: moved(action) for each, action in manifest.actions.items() if each != name}
    return manifest.model_copy(update={"actions": left})


__all__ = ["remove_action", "without"]
