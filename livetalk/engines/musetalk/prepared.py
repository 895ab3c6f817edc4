"""What was prepared of an avatar: latents, and where each face goes; ours is one `.safetensors`.

Tensors: `latents` (n, 8, 32, 32) float16; `box` (n, 4) int32 or, where boxes are turned with the head,
`turned` (n, 5) float64: x, y, width, height, tilt; `inner` (n, 4) int32; `luma`, the weights of all inner
boxes one after the other, uint8. Metadata: the format, which tells what kind of boxes there are, and the
version of the networks it was made for.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.foreign import ENGINE, KIND
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.folders import LATENT_SHAPE, read_folder
from livetalk.engines.musetalk.paste import Place, place
from livetalk.errors import AvatarError, UnfitAvatar

FILE = "musetalk.safetensors"
FORMAT = "livetalk-musetalk-1"
TENSORS = ("latents", "box", "inner", "luma")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What such a file holds."""

    version: str
    """of the networks: v15 or v10"""
    latents: torch.Tensor
    """(n, 8, 32, 32), half precision"""
    places: Sequence[Place]
    """one for each picture"""


def prepared_of(bundle: AvatarBundle, version: str) -> Prepared:
    """What was prepared of an avatar, by us or, in a folder of theirs, by MuseTalk or LiveTalking.

    Raises:
        UnfitAvatar: nothing was, or for another version of the networks.
        AvatarError: it is damaged.
    """
    kind, file = bundle.engine_file(ENGINE)
    size = (bundle.width, bundle.height)
    if kind == "latents":
        prepared = read_prepared(file, len(bundle.pictures), size)
    elif kind == KIND:
        found = read_folder(bundle.folder)
        prepared = Prepared(found.version or version, found.latents, found.places(size))
    else:
        raise AvatarError(
            f"avatar {bundle.id!r} was prepared as {kind!r}; this version knows: latents, {KIND}"
        )
    if prepared.version != version:
        raise UnfitAvatar(
            f"avatar {bundle.id!r} was made for MuseTalk {prepared.version}, {version} is loaded"
        )
    return prepared


def write_prepared(path: Path, prepared: Prepared) -> None:
    """Write it."""
    places = prepared.places
    tensors = {
        "latents": prepared.latents.half().contiguous(),
        "box": torch.tensor([each.box for each in places], dtype=torch.int32),
        "inner": torch.tensor([each.inner for each in places], dtype=torch.int32),
        "luma": torch.from_numpy(np.concatenate([each.luma.ravel() for each in places])),
    }
    path.unlink(missing_ok=True)  # whoever has an earlier one mapped keeps it
    path.write_bytes(save(tensors, metadata={"format": FORMAT, "version": prepared.version}))


def read_prepared(path: Path, pictures: int, size: tuple[int, int]) -> Prepared:
    """Read it, for a body of so many pictures of a size (width, height).

    Raises:
        AvatarError: it is damaged, or belongs to another body.
    """
    try:
        with safe_open(str(path), framework="pt") as content:
            metadata = content.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise AvatarError(f"{path} is not of the kind {FORMAT}")
            latents, box, inner, luma = (content.get_tensor(name) for name in TENSORS)
    except (OSError, SafetensorError) as error:
        raise AvatarError(f"{path} cannot be read: {error}") from error
    if latents.shape != (pictures, *LATENT_SHAPE) or box.shape != inner.shape or box.shape != (pictures, 4):
        raise AvatarError(f"{path} was made for {len(latents)} pictures, the body has {pictures}")
    if not torch.isfinite(latents).all():
        raise AvatarError(f"{path} holds latents that are no numbers")
    boxes, inners = ([Box(*edges) for edges in each.tolist()] for each in (box, inner))
    for each in inners:
        if each.clipped(*size) != each or any(edge % 2 for edge in each):
            raise AvatarError(f"{path}: {tuple(each)} lies outside a picture of {size[0]}x{size[1]}")
    if any(each.width <= 0 or each.height <= 0 for each in boxes):
        raise AvatarError(f"{path} has a box that holds nothing")
    ends = [0, *itertools.accumulate(each.width * each.height for each in inners)]
    if luma.dtype != torch.uint8 or luma.shape != (ends[-1],):
        raise AvatarError(f"{path}: its weights do not fit its boxes")
    weights = luma.numpy()
    places = [
        place(one, other, weights[begin:end].reshape(other.height, other.width))
        for one, other, (begin, end) in zip(boxes, inners, itertools.pairwise(ends), strict=True)
    ]
    return Prepared(metadata.get("version", "v15"), latents, places)


__all__ = ["FILE", "Prepared", "prepared_of", "read_prepared", "write_prepared"]
