"""The atlas painter: puts the nearest of an avatar's baked mouths into a picture of its body.

The file is one `.safetensors` with the metadata `format: livetalk-mouth-atlas-1` and

    forms   (mouths, 6) float32   what each mouth shows, see `form_of`; the first one is rest
    affine  (frames, 2, 3) float32   canonical pixel -> pixel of that frame of the loop
    corner  (2,) int32   x, y of the mouths' first pixel in the canonical picture, both even
    video   (bytes,) uint8   a video of the mouths, any codec that FFmpeg reads, yuv420p:
            the upper half of each frame is the mouth in its skin, the luma of the lower half its opacity

Mouths are never mixed with each other, only with the picture: a mix of two mouths shows two mouths.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.lay import lay
from livetalk.engines.viseme.shape import REST
from livetalk.errors import AvatarError
from livetalk.types import Float32Array, Picture, frozen, planes

FORMAT = {"format": "livetalk-mouth-atlas-1"}
"""the metadata of an atlas file; one entry only, since safetensors writes several in any order"""

FORM_WEIGHTS: Float32Array = frozen(np.array([2.2, 0.8, 1.0, 1.0, 0.7, 0.8], np.float32))
"""how far one step along each number of a form is seen; openness counts most"""

_OPACITIES = np.clip((np.arange(256) - 10) * (255 / 235), 0, 255).round().astype(np.uint8)
"""opacity by the luma it was stored as: what is nearly 0 or 255 is a trace of video compression"""


def form_of(shape: Float32Array) -> Float32Array:
    """What is seen of a mouth shape, (..., 7) -> (..., 6).

    open: how far the lips stand apart; spread: from -1, rounded, to 1, drawn wide; press, tuck,
    tongue, teeth: as in the shape. What hides another is taken for all there is, so that shapes that
    look alike have forms that are alike: pressed lips hide the rest, a tucked lip hides teeth and
    tongue, the tongue hides the teeth, and a wide open mouth has room for none of them.
    """
    jaw, wide, round_, closed, tuck, tongue, teeth = np.moveaxis(np.clip(shape, 0.0, 1.0), -1, 0)
    free = 1.0 - closed
    bare = free * (1.0 - tuck)
    opened = jaw * free * (1.0 - 0.7 * tuck)
    return np.stack(
        (
            opened,
            (wide - round_) * (1.0 - 0.4 * closed),
            closed * _fading(opened, 0.2, 0.45),
            tuck * free * _fading(opened, 0.2, 0.45),
            tongue * bare * _fading(opened, 0.4, 0.75),
            teeth * bare * (1.0 - tongue) * _fading(opened, 0.25, 0.6),
        ),
        axis=-1,
    ).astype(np.float32)


def _fading(opened: Float32Array, full: float, gone: float) -> Float32Array:
    """1 while the mouth opens up to `full`, 0 from `gone` on."""
    share: Float32Array = np.clip((gone - opened) / (gone - full), 0.0, 1.0)
    return share


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the mouths land in one frame; `chroma` is the same at half resolution."""

    box: tuple[int, int, int, int]
    """left, top, right, bottom in luma pixels, all even"""
    luma: Float32Array
    """(2, 3), mouth pixel -> pixel of the box"""
    chroma: Float32Array


class Atlas:
    """The mouths of one avatar; read-only, painted from by many threads at once."""

    def __init__(
        self,
        bundle: AvatarBundle,
        forms: Float32Array,
        mouths: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
        places: list[_Place],
    ) -> None:
        self.bundle = bundle
        self._forms = forms * FORM_WEIGHTS
        self._norms = np.einsum("ij,ij->i", self._forms, self._forms)
        self._luma, self._chroma = mouths
        self._places = places

    @classmethod
    def open(cls, bundle: AvatarBundle, file: Path) -> Atlas:
        """Read an atlas file for this avatar.

        Raises:
            AvatarError: the file is not an atlas, or it was made for another body loop.
        """
        tensors = _read(file)
        forms, affine = tensors["forms"], tensors["affine"]
        luma, chroma = _decode(tensors["video"].tobytes(), file)
        if len(luma) != len(forms) or forms.shape[1:] != FORM_WEIGHTS.shape:
            raise AvatarError(f"{file}: {len(luma)} mouths for forms {forms.shape}; make the avatar again")
        if affine.shape != (len(bundle.pictures), 2, 3):
            raise AvatarError(
                f"{file}: it was made for {len(affine)} frames, the avatar has {len(bundle.pictures)}"
            )
        size = (bundle.width, bundle.height)
        places = [_place(matrix, tensors["corner"], luma.shape[1:3], size) for matrix in affine]
        return cls(bundle, forms, (luma, chroma), places)

    def __len__(self) -> int:
        """How many mouths there are."""
        return len(self._luma)

    @property
    def memory(self) -> int:
        """Bytes of the mouths."""
        return self._luma.nbytes + self._chroma.nbytes

    def choose(self, shape: Float32Array) -> int:
        """The index of the mouth that looks most like a shape (7,); 0 is rest."""
        if not np.any(shape > REST):
            return 0
        form = form_of(shape) * FORM_WEIGHTS
        return int(np.argmin(self._norms - 2 * (self._forms @ form)))

    def paint(self, shape: Float32Array, frame: int) -> Picture:
        """The avatar's picture of index `frame`, with the mouth shaped so; a new array.

        Args:
            shape: (7,), see `livetalk.engines.viseme.shape`; clipped to [0, 1].
            frame: index among the avatar's pictures.
        """
        picture: Picture = np.array(self.bundle.pictures[frame])
        mouth = self.choose(shape)
        if mouth == 0:
            return picture
        place = self._places[frame]
        left, top, right, bottom = place.box
        columns, rows = right - left, bottom - top
        light = cv2.warpAffine(self._luma[mouth], place.luma, (columns, rows))
        colour = cv2.warpAffine(self._chroma[mouth], place.chroma, (columns // 2, rows // 2))
        opacity = np.ascontiguousarray(colour[..., 2])
        luma, chroma = planes(picture)
        lay(luma[top:bottom, left:right], light, cv2.resize(opacity, (columns, rows)))
        for number, plane in enumerate(chroma[:, top // 2 : bottom // 2, left // 2 : right // 2]):
            lay(plane, colour[..., number], opacity)
        return picture


def _read(file: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        with safe_open(str(file), framework="numpy") as content:
            if content.metadata() != FORMAT:
                raise AvatarError(f"{file} is not a mouth atlas of the kind {FORMAT['format']}")
            return {name: content.get_tensor(name) for name in ("forms", "affine", "corner", "video")}
    except (OSError, SafetensorError) as error:
        raise AvatarError(f"{file} is not a mouth atlas: {error}") from error


def _decode(video: bytes, file: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Luma (mouths, h, w), and (mouths, h / 2, w / 2, 3) of chroma and opacity, which has no fine detail."""
    lumas, chromas = [], []
    try:
        with av.open(io.BytesIO(video), mode="r") as container:
            for frame in container.decode(video=0):
                luma, chroma = planes(np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8))
                rows, width = luma.shape[0] // 2, luma.shape[1]
                opacity = cv2.LUT(luma[rows:], _OPACITIES)
                half = cv2.resize(opacity, (width // 2, rows // 2), interpolation=cv2.INTER_AREA)
                lumas.append(luma[:rows])
                chromas.append(np.dstack((*chroma[:, : rows // 2], half)))
    except (av.FFmpegError, ValueError) as error:
        raise AvatarError(f"{file}: its mouths cannot be decoded: {error}") from error
    return frozen(np.stack(lumas)), frozen(np.stack(chromas))


def _place(
    matrix: Float32Array, corner: npt.NDArray[np.int32], mouth: tuple[int, ...], size: tuple[int, int]
) -> _Place:
    """Where a mouth of (rows, columns) lands, in a frame of `size` (width, height)."""
    rows, columns = mouth
    linear = matrix[:, :2].astype(np.float64)
    shift = matrix[:, 2] + linear @ corner
    outline = np.array([(0, 0), (columns, 0), (0, rows), (columns, rows)]) @ linear.T + shift
    low = np.maximum(np.floor(outline.min(0) / 2) * 2, 0).astype(int)
    high = np.minimum(np.ceil(outline.max(0) / 2) * 2, size).astype(int)
    luma = np.column_stack((linear, shift - low)).astype(np.float32)
    # a chroma sample sits in the middle of its four luma samples: luma = 2 * chroma + 0.5
    middle = (linear @ (0.5, 0.5) + shift - low - 0.5) / 2
    chroma = np.column_stack((linear, middle)).astype(np.float32)
    return _Place((int(low[0]), int(low[1]), int(high[0]), int(high[1])), luma, chroma)
