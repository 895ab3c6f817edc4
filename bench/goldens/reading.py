"""A folder of the reference's outputs, and how ours are compared with them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from bench.errors import BenchError
from livetalk.engines.musetalk import networks
from livetalk.engines.musetalk.whisper import WhisperEncoder

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]


class Skipped(Exception):
    """This vector cannot be checked here; the message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison."""

    what: str
    error: float
    allowed: float

    @property
    def fine(self) -> bool:
        """Whether it is within its tolerance."""
        return self.error <= self.allowed


class Goldens:
    """A folder of vectors, and the networks they were made with."""

    def __init__(self, folder: Path, models: Path) -> None:
        self.folder = folder
        self.models = models
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))

    def read(self, name: str) -> Arrays:
        """All arrays of a vector."""
        path = self.folder / name
        if not path.is_file():
            raise Skipped(f"{name} is not in this folder")
        listed = self.manifest["files"].get(name, {}).get("sha256")
        if listed and hashlib.sha256(path.read_bytes()).hexdigest() != listed:
            raise BenchError("the file is not the one that the manifest lists")
        with np.load(path) as arrays:
            return {key: arrays[key] for key in arrays.files}

    @cached_property
    def digest(self) -> npt.NDArray[np.float64]:
        """What chunks are multiplied with."""
        return self.read("digest_vec.npz")["v"].astype(np.float64)

    @cached_property
    def whisper(self) -> WhisperEncoder:
        """The encoder."""
        return networks.load_whisper(self.models)

    @cached_property
    def vae(self) -> torch.nn.Module:
        """The autoencoder."""
        return networks.load_vae(self.models)

    def unet(self, version: str) -> torch.nn.Module:
        """A version's UNet."""
        return networks.load_unet(self.models, version)

    def raw(self, mel: torch.Tensor) -> torch.Tensor:
        """The encoder without its last norm, as MuseTalk 1.0 had it."""
        states: torch.Tensor = self.whisper(mel, normed=False)
        return states


def near(what: str, made: npt.ArrayLike, expected: npt.ArrayLike, allowed: float) -> Finding:
    """The largest difference."""
    one, other = np.asarray(made, np.float64), np.asarray(expected, np.float64)
    if one.shape != other.shape:
        raise BenchError(f"{what}: shape {one.shape} instead of {other.shape}")
    return Finding(what, float(np.abs(one - other).max(initial=0)), allowed)


def exact(what: str, made: int, expected: npt.NDArray[Any] | None) -> list[Finding]:
    """The difference of two numbers that must be the same; nothing where none is given."""
    return [] if expected is None else [Finding(what, abs(made - int(expected)), 0)]


def of_pictures(
    what: str, made: torch.Tensor | npt.NDArray[Any], expected: npt.NDArray[Any], worst: float
) -> list[Finding]:
    """The largest difference of two pictures, and the mean one."""
    difference = np.abs(np.asarray(made).astype(int) - expected)
    return [
        Finding(what, float(difference.max()), worst),
        Finding(f"{what}, mean", float(difference.mean()), 0.05),
    ]
