"""An avatar folder of MuseTalk's or LiveTalking's made into a bundle."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from livetalk.avatar.bundle import AVATAR_ID, EngineEntry, Manifest
from livetalk.engines.musetalk.folders import Folder, read_folder, read_picture
from livetalk.engines.musetalk.paste import Place, prepare
from livetalk.engines.musetalk.prepared import Prepared, write_prepared
from livetalk.errors import AvatarError

VIDEO, LATENTS, THUMBNAIL = "body.mp4", "musetalk.safetensors", "thumbnail.jpg"
CRF = 12
"""x264's quality of the body: fine enough that the blend's edge does not show"""
FPS = 25


def import_folder(folder: Path, target: Path, version: str = "v15") -> None:
    """Make the bundle `target` of a folder; its name becomes the avatar's id.

    A body that is stored forth and back is taken once and walked forth and back.

    Raises:
        AvatarError: the folder is damaged, or the name is taken or no id.
    """
    if not AVATAR_ID.fullmatch(target.name):
        raise AvatarError(f"{target.name!r} cannot be an avatar's id: letters, digits, - and _ only")
    if target.exists():
        raise AvatarError(f"{target} is there already; delete it, or choose another id")
    found = read_folder(folder)
    count = len(found.boxes) // 2 if found.doubled else len(found.boxes)
    height, width = (edge // 2 * 2 for edge in read_picture(found.pictures[0]).shape[:2])
    places = [_place(found, index, (width, height)) for index in range(count)]
    video = _encode((_body(found, index, (width, height)) for index in range(count)), (width, height))
    target.mkdir(parents=True)
    (target / VIDEO).write_bytes(video)
    write_prepared(target / LATENTS, Prepared(version, found.latents[:count], places))
    cv2.imwrite(str(target / THUMBNAIL), read_picture(found.pictures[0])[:height, :width])
    names = (VIDEO, LATENTS, THUMBNAIL)
    manifest = Manifest(
        schema_version=1,
        id=target.name,
        name=target.name,
        width=width,
        height=height,
        fps=FPS,
        frames=count,
        loop="pingpong",
        video=VIDEO,
        thumbnail=THUMBNAIL,
        source=f"imported from the folder {folder.name}",
        licence="that of the folder it was imported from",
        engines={"musetalk": EngineEntry(kind="latents", file=LATENTS)},
        checksums={name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in names},
    )
    (target / "avatar.json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _place(found: Folder, index: int, size: tuple[int, int]) -> Place:
    mask, around = read_picture(found.masks[index], grey=True), found.around[index]
    if mask.shape != (around.height, around.width):
        raise AvatarError(f"{found.masks[index]} is not as large as its box in mask_coords.pkl")
    return prepare(found.boxes[index], mask, around, size)


def _body(found: Folder, index: int, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    picture = read_picture(found.pictures[index])[: size[1], : size[0]]
    if picture.shape[:2] != (size[1], size[0]):
        raise AvatarError(f"{found.pictures[index]} is smaller than the first picture")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)


def _encode(pictures: Iterator[npt.NDArray[np.uint8]], size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "fast", "crf": str(CRF)}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


__all__ = ["import_folder"]
