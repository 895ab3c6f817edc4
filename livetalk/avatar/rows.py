"""What was prepared for each picture of a body, cut down to some of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from livetalk.errors import AvatarError

Flags: TypeAlias = npt.NDArray[np.bool_]
"""(n,): which rows stay"""
Tensor: TypeAlias = npt.NDArray[Any]
Cut: TypeAlias = Callable[[dict[str, Tensor]], dict[str, Flags]]
"""from a file's tensors, by name, to the rows that stay of each"""


def keep_rows(path: Path, cut: Cut) -> None:
    """Leave some rows of each tensor of a `.safetensors`; who has the old file mapped keeps it.

    Raises:
        AvatarError: it cannot be read, or has not the rows that are cut.
    """
    try:
        with safe_open(str(path), framework="numpy") as content:
            metadata = content.metadata()
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise AvatarError(f"{path} cannot be read: {error}") from error
    left = {name: _rows(path, tensors[name], flags) for name, flags in cut(tensors).items()}
    path.unlink()
    path.write_bytes(save(left, metadata=metadata))


def _rows(path: Path, tensor: Tensor, flags: Flags) -> Tensor:
    if tensor.shape[:1] != flags.shape:
        raise AvatarError(f"{path} was made for other pictures than the body's; make the avatar again")
    return np.ascontiguousarray(tensor[flags])


__all__ = ["Cut", "Flags", "Tensor", "keep_rows"]
