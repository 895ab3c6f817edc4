"""A bundle written: beside its place first, and put there as a whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2

from livetalk.avatar.manifest import AVATAR_ID, Manifest
from livetalk.errors import Conflict, InvalidRequest, OutOfRoom
from livetalk.locks import alone, held
from livetalk.types import FPS, Picture

VIDEO, MATTE, THUMBNAIL, MANIFEST = "body.mp4", "matte.mp4", "thumbnail.jpg", "avatar.json"
THUMBNAIL_PX = 512
"""of its longer edge, at most"""
CRF = 12
"""x264's quality of the body: fine enough that the edge of what is laid into it does not show"""
HIDDEN = ".making-"
"""how the name begins of a folder that is not a bundle yet"""


def free_place(avatars: Path, avatar_id: str) -> Path:
    """Where an avatar of this id goes.

    Raises:
        InvalidRequest: it is no id.
        Conflict: it is taken.
    """
    if not AVATAR_ID.fullmatch(avatar_id):  # it becomes a part of a path
        raise InvalidRequest(
            f"{avatar_id[:80]!r} cannot be an avatar's id: up to 64 letters, digits, - and _, no other first"
        )
    target = avatars / avatar_id
    if target.exists():
        raise Conflict(f"there is an avatar {avatar_id!r} already; delete it, or choose another id")
    return target


@contextmanager
def new_bundle(avatars: Path, avatar_id: str) -> Iterator[Path]:
    """A folder to be filled, which becomes the avatar's at the end; nothing is left of it where that fails.

    Its lock tells others that it is not what a program left that was killed.

    Raises:
        InvalidRequest, Conflict: the name is no id, or taken.
    """
    free_place(avatars, avatar_id)
    avatars.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=avatars, prefix=HIDDEN))
    try:
        with held(made):
            folder = made / avatar_id
            folder.mkdir()
            yield folder
            with alone(avatars):
                folder.rename(free_place(avatars, avatar_id))
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write `avatar.json`, with the sums of all that lies in the folder, and return it."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)
    for path in files:
        path.chmod(0o644)
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    whole = manifest.model_copy(update={"checksums": sums})
    text = whole.model_dump_json(indent=2, exclude_none=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return whole


def replace_manifest(folder: Path, manifest: Manifest) -> None:
    """Change what `avatar.json` says, but for the files: who reads it meanwhile reads the old one or the new.

    Raises:
        OutOfRoom: the folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=HIDDEN)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(manifest.model_dump_json(indent=2, exclude_none=True) + "\n")
            os.chmod(name, 0o644)
            os.replace(name, folder / MANIFEST)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise OutOfRoom(f"{folder.name} cannot be changed: {error.strerror}") from error


def write_video(
    path: Path,
    pictures: Iterable[Picture],
    size: tuple[int, int],
    tell: Callable[[int], None] = lambda _: None,
) -> None:
    """Write I420 pictures as 25 a second; tell how many were."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "fast", "crf": str(CRF)}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
            tell(number + 1)
        container.mux(stream.encode(None))


def write_thumbnail(path: Path, picture: Picture) -> None:
    """Write an I420 picture as a small JPEG.

    Raises:
        OSError: it cannot be written.
    """
    colours = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)
    scale = THUMBNAIL_PX / max(colours.shape[:2])
    if scale < 1:
        colours = cv2.resize(colours, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".jpg", colours)
    path.write_bytes(content.tobytes())  # OpenCV's own writing does not tell of a disk that is full


__all__ = [
    "HIDDEN",
    "MANIFEST",
    "MATTE",
    "THUMBNAIL",
    "VIDEO",
    "free_place",
    "new_bundle",
    "replace_manifest",
    "write_manifest",
    "write_thumbnail",
    "write_video",
]
