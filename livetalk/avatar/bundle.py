"""The avatar bundle: a folder with a body loop, and what each engine prepared for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from livetalk.avatar.frames import map_frames
from livetalk.avatar.manifest import Manifest, read_manifest
from livetalk.avatar.matte import opacity
from livetalk.errors import AvatarError, UnfitAvatar
from livetalk.types import Picture

CACHED = r"-[0-9a-f]{16}-[0-9]+x[0-9]+\.(?:i420|matte)"
"""how, behind an avatar's id, the files of its decoded pictures are called in the cache"""


class AvatarBundle:
    """An avatar that was opened and checked; read-only, shared by all its sessions."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        pictures: npt.NDArray[np.uint8],
        mattes: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.pictures = pictures
        """(frames, height * 3 // 2, width), I420, memory-mapped, read-only"""
        self.mattes = mattes
        """how opaque each of their values is, 0 to 255, laid out as they are; None where all wholly are"""

    @property
    def id(self) -> str:
        """The name it is asked for by."""
        return self.manifest.id

    @property
    def width(self) -> int:
        """Pixels."""
        return self.manifest.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self.manifest.height

    def fold(self, pose: int) -> int:
        """The frame that shows position `pose` of the body's endless walk."""
        frames = self.manifest.frames
        if self.manifest.loop == "mirror":
            return mirrored(frames, pose)
        if self.manifest.loop == "cycle" or frames == 1:
            return pose % frames
        place = pose % (2 * frames - 2)
        return place if place < frames else 2 * frames - 2 - place

    def picture(self, pose: int) -> Picture:
        """The body at rest at position `pose`, I420, read-only."""
        picture: Picture = self.pictures[self.fold(pose)]
        return picture

    def engine_file(self, engine: str) -> tuple[str, Path]:
        """How an engine is to open this avatar, and from which file.

        Raises:
            UnfitAvatar: nothing was prepared for this engine.
        """
        entry = self.manifest.engines.get(engine)
        if entry is None:
            prepared = ", ".join(sorted(self.manifest.engines)) or "none"
            raise UnfitAvatar(
                f"avatar {self.id!r} is not prepared for engine {engine!r}, but for: {prepared}; "
                "name another avatar, or another engine"
            )
        return entry.kind, self.folder / entry.file


def mirrored(frames: int, pose: int) -> int:
    """Forth and back through so many frames, each end twice."""
    turn, frame = divmod(pose, frames)
    return frame if turn % 2 == 0 else frames - 1 - frame


def open_bundle(folder: Path, cache: Path) -> AvatarBundle:
    """Check a bundle's files and map its frames.

    The decoded frames are kept below `cache`, made once and mapped by every process after.

    Raises:
        AvatarError: there is no such avatar, or a file of it is missing or not what it should be.
    """
    manifest = read_manifest(folder)
    for name in sorted({*manifest.checksums, *manifest.files}):
        checked(folder, manifest, name)

    def mapped(videos: list[tuple[str, int]], kind: str) -> npt.NDArray[np.uint8]:
        return map_frames(
            [(folder / name, count) for name, count in videos],
            cache / _cached_name(manifest, videos, kind),
            (manifest.width, manifest.height),
            opacity if kind == "matte" else None,
        )

    mattes = mapped(manifest.mattes, "matte") if manifest.matte else None
    return AvatarBundle(folder, manifest, mapped(manifest.videos, "i420"), mattes)


def cached_names(manifest: Manifest) -> frozenset[str]:
    """What a bundle's decoded pictures are called in the cache; none where sums are missing."""
    kinds = ((manifest.videos, "i420"), (manifest.mattes, "matte"))
    return frozenset(
        _cached_name(manifest, videos, kind)
        for videos, kind in kinds
        if videos and all(name in manifest.checksums for name, _ in videos)
    )


def _cached_name(manifest: Manifest, videos: list[tuple[str, int]], kind: str) -> str:
    return f"{manifest.id}-{_sum_of(videos, manifest)}-{manifest.width}x{manifest.height}.{kind}"


def _sum_of(videos: list[tuple[str, int]], manifest: Manifest) -> str:
    """Another one when a picture is."""
    sums = [manifest.checksums[name] for name, _ in videos]
    return sums[0][:16] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()[:16]


def thumbnail_of(folder: Path) -> Path:
    """A bundle's small picture, the rest left unopened.

    Raises:
        AvatarError: there is no such avatar, or it is not the picture it was made with.
    """
    manifest = read_manifest(folder)
    return checked(folder, manifest, manifest.thumbnail)


def checked(folder: Path, manifest: Manifest, name: str) -> Path:
    """A file of the bundle, which is the one it was made with.

    Raises:
        AvatarError: it is not.
    """
    if name not in manifest.checksums:
        raise AvatarError(f"avatar {manifest.id!r}: no checksum for {name}")
    file = folder / name
    if Path(name).name != name or not file.is_file():
        raise AvatarError(f"avatar {manifest.id!r}: {file} is missing; fetch the avatar again")
    if hashlib.sha256(file.read_bytes()).hexdigest() != manifest.checksums[name]:
        raise AvatarError(
            f"avatar {manifest.id!r}: {file} is not the file it was made with; fetch the avatar again"
        )
    return file


__all__ = ["CACHED", "AvatarBundle", "cached_names", "checked", "mirrored", "open_bundle", "thumbnail_of"]
