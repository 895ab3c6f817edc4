"""What a source is, found by its content before anything of it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from livetalk.avatar.frames import CONTAINERS
from livetalk.avatar.photo_formats import PHOTO_ENDINGS, photo_format
from livetalk.creation.limits import Limits
from livetalk.errors import AvatarError

PALETTE = "pal8"
"""FFmpeg's pixels whose colours a palette lists, which may say of each how opaque it is"""
SHORTEST_PX = 64
TAKEN = "a clip (mp4, mov, webm, mkv, avi) or a photo (jpg, png, webp)"
_HDR = (16, 18)
"""color_trc of PQ and HLG, ITU-T H.273"""

Kind: TypeAlias = Literal["clip", "photo", "folder"]


@dataclass(frozen=True, slots=True)
class Source:
    """A clip, a photo, or a folder of photos, whose head was read."""

    path: Path
    kind: Kind
    width: int
    """pixels, as stored: a clip may say that it is to be turned"""
    height: int
    seconds: float | None = None
    """of a clip, as far as it tells"""
    codec: str = ""
    hdr: bool = False
    transparent: bool = False
    """its pixels can say how opaque they are"""


def probe(path: Path, limits: Limits) -> Source:
    """Find out what a file or folder is.

    Raises:
        AvatarError: it is nothing that an avatar can be made of, or too large; says why.
    """
    if path.is_dir():
        return _probe_folder(path, limits)
    if not path.is_file():
        raise AvatarError(f"there is no file {path}; name {TAKEN}, or a folder of photos")
    if path.stat().st_size == 0:
        raise AvatarError("the file is empty")
    known = photo_format(path)
    found = _probe(path, known)
    if found is None:
        raise AvatarError(f"this is not {TAKEN}, or it is cut, damaged or far too large")
    _check_size(found, limits.photo_pixels if known else limits.clip_pixels)
    return found


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder, in the order of their names, numbers by their value."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in PHOTO_ENDINGS and path.is_file()]
    return sorted(
        found, key=lambda path: (len(path.stem), path.stem) if path.stem.isdigit() else (0, path.stem)
    )


def _probe_folder(folder: Path, limits: Limits) -> Source:
    photos = photos_in(folder)
    if not photos:
        raise AvatarError(f"{folder.name} holds no photos ({', '.join(PHOTO_ENDINGS)})")
    if len(photos) > limits.photos:
        raise AvatarError(f"{folder.name} holds {len(photos)} photos; at most {limits.photos} are taken")
    known = photo_format(photos[0])
    first = _probe(photos[0], known) if known else None
    if first is None:
        raise AvatarError(f"{photos[0].name} is not a photo (jpg, png, webp), or it is damaged")
    _check_size(first, limits.photo_pixels)
    size = (first.width, first.height)
    transparent = any(_is_transparent_photo(photo) for photo in photos)
    return Source(folder, "folder", *size, seconds=len(photos) / 25, transparent=transparent)


def _is_transparent_photo(path: Path) -> bool:
    known = photo_format(path)
    found = _probe(path, known) if known not in ("", "jpeg_pipe") else None
    return found is not None and found.transparent


def _probe(path: Path, known: str) -> Source | None:
    options = {"format_whitelist": known or CONTAINERS}
    try:
        # a file that is open already: by a name, FFmpeg would go and look for numbered pictures
        with path.open("rb") as file, av.open(file, "r", known or None, options) as container:
            if not container.streams.video:
                raise AvatarError(f"this has sound alone, no pictures; send {TAKEN}")
            stream = main_video(container)
            context = stream.codec_context
            if context is None:
                raise AvatarError("nothing here reads how its pictures are coded; convert it to mp4 (H.264)")
            if not context.width:
                return None
            return Source(
                path,
                "photo" if known else "clip",
                context.width,
                context.height,
                _seconds(container),
                context.name,
                int(context.color_trc) in _HDR,
                _is_transparent(stream),
            )
    except (av.FFmpegError, ValueError):  # another kind of file, or a damaged one
        return None


def _is_transparent(stream: VideoStream) -> bool:
    """WebM has opacity beside its pictures, all others in them; older FFmpegs tell it in capitals."""
    pixels = stream.codec_context.format
    inside = pixels is not None and (
        pixels.name == PALETTE or any(part.is_alpha for part in pixels.components)
    )
    tags = {name.lower(): value for name, value in stream.metadata.items()}
    return inside or tags.get("alpha_mode") == "1"


def _seconds(container: InputContainer) -> float | None:
    """Of a clip, as far as it tells; Matroska's count from 0, though the first picture may come later."""
    if container.duration is None:
        return None
    return max(0, container.duration - max(0, container.start_time or 0)) / av.time_base


def main_video(container: InputContainer) -> VideoStream:
    """The stream that players show: others may be a cover, or small."""
    stream = container.streams.best("video")
    assert isinstance(stream, VideoStream)
    return stream


def _check_size(source: Source, most_pixels: int) -> None:
    width, height = source.width, source.height
    if width * height > most_pixels:
        raise AvatarError(
            f"its pictures are {width}x{height}; at most {most_pixels / 1e6:.1f} million pixels are taken: "
            "scale it down first"
        )
    if min(width, height) < SHORTEST_PX:
        raise AvatarError(
            f"its pictures are {width}x{height}; at least {SHORTEST_PX} pixels a side are needed"
        )


__all__ = ["SHORTEST_PX", "Kind", "Source", "main_video", "photos_in", "probe"]
