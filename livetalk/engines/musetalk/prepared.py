"""What was prepared of an avatar: latents, and where each face goes; ours is one `.safetensors`.

Tensors: `latents` (n, 8, 32, 32) float16; `box` (n, 4) int32 or, where boxes are turned with the head,
`turned` (n, 5) float64: x, y, width, height, tilt; `inner` (n, 4) int32; `luma`, the weights of all inner
boxes one after the other, uint8; where blending is Poisson's, `body` (n, 32, 32, 3) uint8, the face in small.
Metadata: the format, which tells one kind of boxes from the other, and the version of the networks it was
made for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.foreign import ENGINE, KIND
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.folders import LATENT_SHAPE, read_folder
from livetalk.engines.musetalk.membrane import SMALL_PX
from livetalk.engines.musetalk.paste import Grey, Place, place, place_turned, with_edge
from livetalk.engines.musetalk.turned import TurnedBox
from livetalk.errors import AvatarError, UnfitAvatar

FILE = "musetalk.safetensors"
UPRIGHT, TURNED = "latents", "turned"
"""the kinds of bundles"""
FORMATS = {UPRIGHT: "livetalk-musetalk-1", TURNED: "livetalk-musetalk-2"}
BOXES = {FORMATS[UPRIGHT]: ("box", 4), FORMATS[TURNED]: ("turned", 5)}
"""the tensor that holds them, and how many numbers each"""
BODY = "body"
FARTHEST_PX = 1 << 16
"""that a turned box may lie from the picture, or be large"""

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What such a file holds."""

    version: str
    """of the networks: v15 or v10"""
    latents: torch.Tensor
    """(n, 8, 32, 32), half precision"""
    places: Sequence[Place]
    """one for each picture, all turned or all upright"""

    @property
    def kind(self) -> str:
        """Of the bundle that holds it."""
        return TURNED if self.places[0].turned else UPRIGHT


def prepared_of(bundle: AvatarBundle, version: str) -> Prepared:
    """What was prepared of an avatar, by us or, in a folder of theirs, by MuseTalk or LiveTalking.

    Raises:
        UnfitAvatar: nothing was, or for another version of the networks.
        AvatarError: it is damaged.
    """
    kind, file = bundle.engine_file(ENGINE)
    size = (bundle.width, bundle.height)
    if kind in FORMATS:
        prepared = read_prepared(file, len(bundle.pictures), size)
    elif kind == KIND:
        found = read_folder(bundle.folder)
        prepared = Prepared(found.version or version, found.latents, found.places(size))
    else:
        raise AvatarError(
            f"avatar {bundle.id!r} was prepared as {kind!r}; this version knows: {', '.join(FORMATS)}, {KIND}"
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
        "inner": torch.tensor([each.inner for each in places], dtype=torch.int32),
        "luma": torch.from_numpy(np.concatenate([each.luma.ravel() for each in places])),
    }
    if prepared.kind == TURNED:
        boxes = [astuple(each.turned) for each in places if each.turned]
        tensors["turned"] = torch.tensor(boxes, dtype=torch.float64)
    else:
        tensors["box"] = torch.tensor([each.box for each in places], dtype=torch.int32)
    if places[0].edge:
        tensors[BODY] = torch.from_numpy(np.stack([each.edge.body for each in places if each.edge]))
    path.unlink(missing_ok=True)  # whoever has an earlier one mapped keeps it
    metadata = {"format": FORMATS[prepared.kind], "version": prepared.version}
    path.write_bytes(save(tensors, metadata=metadata))


def read_prepared(path: Path, pictures: int, size: tuple[int, int]) -> Prepared:
    """Read it, for a body of so many pictures of a size (width, height).

    Raises:
        AvatarError: it is damaged, or belongs to another body.
    """
    version, tensors = _tensors(path)
    latents, boxes, inner = (tensors[name] for name in ("latents", "boxes", "inner"))
    if latents.shape != (pictures, *LATENT_SHAPE) or len(boxes) != pictures or inner.shape != (pictures, 4):
        raise AvatarError(f"{path} was made for {len(latents)} pictures, the body has {pictures}")
    if not torch.isfinite(latents).all():
        raise AvatarError(f"{path} holds latents that are no numbers")
    weights = [*_weights(path, inner, tensors["luma"], size)]
    places = [_place(path, *each) for each in zip(boxes.tolist(), weights, strict=True)]
    if BODY not in tensors:
        return Prepared(version, latents, places)
    body = tensors[BODY]
    if body.dtype != torch.uint8 or body.shape != (pictures, SMALL_PX, SMALL_PX, 3):
        raise AvatarError(f"{path}: its small faces are not those of {pictures} pictures")
    edged = [with_edge(one, small) for one, small in zip(places, body.numpy(), strict=True)]
    return Prepared(version, latents, edged)


def _tensors(path: Path) -> tuple[str, Tensors]:
    """The version, and all of them by name, those of either kind of boxes as `boxes`."""
    try:
        with safe_open(str(path), framework="pt") as content:
            metadata = content.metadata() or {}
            if metadata.get("format") not in BOXES:
                raise AvatarError(f"{path} is of no kind that is known here: {', '.join(BOXES)}")
            named, numbers = BOXES[metadata["format"]]
            tensors = {name: content.get_tensor(name) for name in ("latents", "inner", "luma", named)}
            if BODY in content.keys():  # noqa: SIM118 - it is no mapping
                tensors[BODY] = content.get_tensor(BODY)
    except (OSError, SafetensorError) as error:
        raise AvatarError(f"{path} cannot be read: {error}") from error
    boxes = tensors["boxes"] = tensors.pop(named)
    if boxes.ndim != 2 or boxes.shape[1] != numbers or not torch.isfinite(boxes).all():
        raise AvatarError(f"{path}: its boxes are not of {numbers} numbers each")
    return metadata.get("version", "v15"), tensors


def _weights(
    path: Path, inner: torch.Tensor, luma: torch.Tensor, size: tuple[int, int]
) -> Iterator[tuple[Box, Grey]]:
    """What is redrawn of each picture, and how much of the face is seen in it."""
    inners = [Box(*edges) for edges in inner.tolist()]
    for each in inners:
        if each.clipped(*size) != each or any(edge % 2 for edge in each) or min(each.width, each.height) < 0:
            raise AvatarError(f"{path}: {tuple(each)} lies outside a picture of {size[0]}x{size[1]}")
    ends = [0, *itertools.accumulate(each.width * each.height for each in inners)]
    if luma.dtype != torch.uint8 or luma.shape != (ends[-1],):
        raise AvatarError(f"{path}: its weights do not fit its boxes")
    for each, (begin, end) in zip(inners, itertools.pairwise(ends), strict=True):
        yield each, luma.numpy()[begin:end].reshape(each.height, each.width)


def _place(path: Path, numbers: Sequence[float], seen: tuple[Box, Grey]) -> Place:
    if len(numbers) == BOXES[FORMATS[UPRIGHT]][1]:
        box = Box(*(int(edge) for edge in numbers))
        if box.width <= 0 or box.height <= 0:
            raise AvatarError(f"{path} has a box that holds nothing")
        return place(box, *seen)
    turned = TurnedBox(*numbers)
    if not np.abs(numbers).max() < FARTHEST_PX or min(turned.width, turned.height) < 1:
        raise AvatarError(f"{path} has a box that holds nothing, or is far outside")
    return place_turned(turned, *seen)


__all__ = ["FILE", "Prepared", "prepared_of", "read_prepared", "write_prepared"]
