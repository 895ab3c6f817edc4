"""Avatar folders that MuseTalk and LiveTalking made, seen as bundles.

    full_imgs/%08d.png   the body, BGR
    mask/%08d.png, coords.pkl, mask_coords.pkl, latents.pt   what their engine prepared

MuseTalk stores the walk forth and back, twice as many pictures; LiveTalking once. Nothing but the pictures is
read here, and nothing of the folder is changed; the rest is the engine's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.frames import map_pictures
from livetalk.avatar.manifest import EngineEntry, Manifest
from livetalk.errors import AvatarError
from livetalk.types import FPS, Picture

ENGINE, KIND = "musetalk", "folder"
MOST_PICTURES = 25 * 240
MOST_PX = 4096
_PNG = re.compile(rb"\x89PNG\r\n\x1a\n.{4}IHDR(.{4})(.{4})", re.DOTALL)
"""its beginning, with width and height"""

Pixels = npt.NDArray[np.uint8]


def is_foreign(folder: Path) -> bool:
    """Whether it looks like such a folder."""
    return (folder / "full_imgs").is_dir() and (folder / "coords.pkl").is_file()


def open_foreign(folder: Path, cache: Path, avatar_id: str | None = None) -> AvatarBundle:
    """The folder as a bundle, its pictures decoded once below `cache`; called as the folder, or otherwise.

    Raises:
        AvatarError: a picture is missing, damaged, too large, or of another size than the first.
    """
    files = numbered(folder / "full_imgs")
    doubled = is_doubled(files)
    walk = files[: len(files) // 2] if doubled else files
    height, width = (edge // 2 * 2 for edge in read_picture(walk[0]).shape[:2])
    manifest = _manifest(folder, avatar_id or folder.name, walk, width, height)
    pictures = map_pictures(
        lambda: _body(walk, width, height),
        cache / f"{folder.name}-{_fingerprint(walk)}-{width}x{height}.i420",
        (len(walk), height * 3 // 2, width),
    )
    return AvatarBundle(folder, manifest, pictures)


def thumbnail_of(folder: Path) -> Path:
    """The folder's first picture.

    Raises:
        AvatarError: there is none, or it is damaged.
    """
    first = numbered(folder / "full_imgs")[0]
    read_picture(first)
    return first


def numbered(folder: Path) -> tuple[Path, ...]:
    """The numbered pictures of a folder, in order.

    Raises:
        AvatarError: there are none, or too many.
    """
    files = [path for path in folder.glob("*.png") if re.fullmatch("[0-9]+", path.stem) and path.is_file()]
    if not files:
        raise AvatarError(f"{folder} holds no numbered .png, as MuseTalk and LiveTalking make them")
    if len(files) > MOST_PICTURES:
        raise AvatarError(f"{folder} holds {len(files)} pictures; at most {MOST_PICTURES} are taken")
    return tuple(sorted(files, key=lambda path: int(path.stem)))


def is_doubled(files: Sequence[Path]) -> bool:
    """Whether the second half is the first one's way back: the same files, as their sizes and ends tell.

    A body that stands still goes nowhere: all its pictures are taken as they are.
    """
    half = len(files) // 2
    if len(files) % 2 or half < 2:
        return False
    sizes = [path.stat().st_size for path in files]
    if sizes != sizes[::-1]:
        return False
    first, turn, again, last = (files[place].read_bytes() for place in (0, half - 1, half, -1))
    return first == last and turn == again and first != turn


def read_picture(path: Path, *, grey: bool = False) -> Pixels:
    """A PNG, (rows, columns, 3) BGR or (rows, columns).

    Raises:
        AvatarError: it cannot be decoded, or is too large.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AvatarError(f"{path} cannot be read: {error.strerror}") from error
    header = _PNG.match(content)
    if header is None:
        raise AvatarError(f"{path} is not a PNG, or damaged")
    width, height = (int.from_bytes(edge) for edge in header.groups())
    if max(width, height) > MOST_PX:  # before it is decoded: a small file can speak of gigabytes
        raise AvatarError(f"{path} is {width}x{height}; at most {MOST_PX} pixels are taken")
    kind = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR
    found = cv2.imdecode(np.frombuffer(content, np.uint8), kind)
    if found is None:
        raise AvatarError(f"{path} is not a PNG, or damaged")
    return np.asarray(found, np.uint8)


def _body(files: Sequence[Path], width: int, height: int) -> Iterator[Picture]:
    for path in files:
        picture = read_picture(path)
        if (picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2) != (width, height):
            raise AvatarError(f"{path} is {picture.shape[1]}x{picture.shape[0]}, unlike the first picture")
        yield np.asarray(cv2.cvtColor(picture[:height, :width], cv2.COLOR_BGR2YUV_I420), np.uint8)


def _manifest(folder: Path, avatar_id: str, files: Sequence[Path], width: int, height: int) -> Manifest:
    try:
        return Manifest(
            schema_version=1,
            id=avatar_id,
            name=avatar_id,
            width=width,
            height=height,
            fps=FPS,
            frames=len(files),
            loop="mirror",
            video="full_imgs",
            thumbnail=f"full_imgs/{files[0].name}",
            source="a folder made by MuseTalk or LiveTalking",
            licence="that of the folder",
            engines={ENGINE: EngineEntry(kind=KIND, file="latents.pt")},
            checksums={},
        )
    except ValidationError as error:
        problem = error.errors()[0]
        raise AvatarError(f"{folder}: its {problem['loc'][0]}: {problem['msg']}") from error


def _fingerprint(files: Sequence[Path]) -> str:
    """Another one when a picture was changed."""
    told = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


__all__ = [
    "ENGINE",
    "KIND",
    "is_doubled",
    "is_foreign",
    "numbered",
    "open_foreign",
    "read_picture",
    "thumbnail_of",
]
