"""What was prepared of an avatar, left for some of its pictures alone; torch is not needed for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livetalk.avatar.rows import Flags, Tensor, keep_rows
from livetalk.errors import AvatarError

INNER, LUMA = "inner", "luma"
"""boxes (n, 4), and the weights of all of them one after the other; each other tensor has a row a picture"""


def keep(file: Path, kept: Flags) -> None:
    """Cut all of a prepared file's tensors alike.

    Raises:
        AvatarError: it is damaged, or of other pictures.
    """

    def cut(tensors: dict[str, Tensor]) -> dict[str, Flags]:
        flags = dict.fromkeys(tensors, kept)
        if {INNER, LUMA} - tensors.keys() or tensors[INNER].shape != (len(kept), 4):
            raise AvatarError(f"{file} was made for other pictures than the body's; make the avatar again")
        left, top, right, bottom = tensors[INNER].T.astype(np.int64)
        areas = (right - left) * (bottom - top)
        if (areas < 0).any():
            raise AvatarError(f"{file} is damaged; make the avatar again")
        return {**flags, LUMA: np.repeat(kept, areas)}

    keep_rows(file, cut)


__all__ = ["keep"]
