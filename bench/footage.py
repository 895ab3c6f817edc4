"""The clips that benches look at where none are named, and what they all ask on their command lines."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from livetalk.assets import asset
from livetalk.avatar.recipe import Recipe
from livetalk.creation.clip import read_clip
from livetalk.creation.limits import Limits
from livetalk.creation.source import probe


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bench is to look at."""

    clips: Sequence[Path]
    models: Path
    seconds: float
    """of each clip, at most"""

    def pictures(self, clip: Path) -> npt.NDArray[np.uint8]:
        """One's pictures (frames, height * 3 // 2, width), I420."""
        limits = Limits()
        return np.stack([*read_clip(probe(clip, limits), Recipe(seconds=self.seconds), limits)])


def asked(prog: str, description: str | None, arguments: Sequence[str] | None) -> Asked:
    """Read a command line."""
    line = argparse.ArgumentParser(prog=f"python -m {prog}", description=description)
    line.add_argument("clips", nargs="*", type=Path)
    line.add_argument("--models-dir", type=Path, default=asset("models"))
    line.add_argument("--seconds", type=float, default=8.0)
    found = line.parse_args(arguments)
    shared = Path(__file__).resolve().parents[2] / "shared" / "media"
    body = asset("data") / "avatars" / "default" / "body.mp4"
    return Asked(found.clips or [*sorted(shared.glob("*.mp4")), body], found.models_dir, found.seconds)


__all__ = ["Asked", "asked"]
