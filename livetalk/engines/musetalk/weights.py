"""Checkpoints, read as numbers and nothing else, and refused by name when they are something else."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from livetalk.engines.musetalk.files import again, download_of
from livetalk.errors import ModelError

State = dict[str, torch.Tensor]

REAL = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
"""kinds of numbers that a network is filled with"""


def find(folder: Path, names: Sequence[str]) -> Path:
    """The first of these files that is there.

    Raises:
        ModelError: none is; says how to get them.
    """
    for name in names:
        if (folder / name).is_file():
            return folder / name
        if (folder / name).is_dir():
            raise ModelError(f"{folder / name} is a folder where a file belongs; move it away")
    other = f" (or {', '.join(names[1:])})" if len(names) > 1 else ""
    raise ModelError(f"{folder / names[0]}{other} is missing; bring it with: {download_of(folder)}")


def read_state(path: Path) -> State:
    """All tensors of a `.safetensors` file or a pickle, which may hold nothing else.

    Raises:
        ModelError: the file is cut, damaged, or holds more than tensors.
    """
    try:
        mapped = _can_map(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    try:
        if path.suffix == ".safetensors":
            state: Any = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:  # torch and pickle raise whatever a damaged file causes
        raise ModelError(f"{path} cannot be read as weights: {first_line(error)}; {again(path)}") from error
    if not isinstance(state, Mapping) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in state.items()
    ):
        raise ModelError(f"{path} holds no state dict of tensors; {again(path)}")
    return dict(state)


def read_config(path: Path) -> dict[str, Any]:
    """A network's description.

    Raises:
        ModelError: it is no JSON object.
    """
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error}; {again(path)}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} is not a network's description; {again(path)}")
    return config


def fill(network: nn.Module, state: State, path: Path) -> None:
    """Give a network its weights, all of them and none besides.

    Raises:
        ModelError: names or shapes differ, or they are no numbers; the message names the first few.
    """
    own = network.state_dict()
    problems = [f"{name} is missing" for name in own.keys() - state.keys()]
    problems += [f"{name} is unknown" for name in state.keys() - own.keys()]
    problems += [
        f"{name} is {tuple(state[name].shape)} instead of {tuple(own[name].shape)}"
        for name in own.keys() & state.keys()
        if own[name].shape != state[name].shape
    ]
    if problems:
        told = "; ".join(sorted(problems)[:3])
        raise ModelError(
            f"{path} holds another network's weights ({len(problems)} differences: {told}); {again(path)}"
        )
    for name, tensor in state.items():
        if not is_numbers(tensor):
            raise ModelError(
                f"{path}: {name} holds what is no number, or of no kind that is taken; {again(path)}"
            )
    network.load_state_dict(state)


def is_numbers(tensor: torch.Tensor) -> bool:
    """Whether all that is in it can be calculated with."""
    if tensor.layout != torch.strided or tensor.is_meta or tensor.dtype not in REAL or not tensor.numel():
        return False
    return all(bool(end.isfinite()) for end in tensor.aminmax())  # far faster than to ask each of them


def _can_map(path: Path) -> bool:
    """Whether it is torch's zip format: the older one cannot be mapped into memory."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def first_line(error: Exception) -> str:
    """The beginning of what may be a long story."""
    if isinstance(error, pickle.UnpicklingError) and str(error).startswith("Weights only"):
        return "it is damaged, or holds more than numbers"  # torch's own words advise to run what it holds
    lines = str(error).strip().splitlines()
    return lines[0].partition(". ")[0] if lines else type(error).__name__


__all__ = [
    "State",
    "fill",
    "find",
    "first_line",
    "is_numbers",
    "read_config",
    "read_state",
]
