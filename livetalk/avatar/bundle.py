"""The avatar bundle: a folder with a body loop, and what each engine prepared for it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from livetalk.avatar.frames import map_frames
from livetalk.errors import AvatarError, UnfitAvatar
from livetalk.types import Picture

AVATAR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""what an avatar may be called; it is also its folder's name"""


class EngineEntry(BaseModel):
    """What one engine prepared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    """which of the engine's ways this avatar uses"""
    file: str
    """a file of the bundle, listed in the checksums"""


class Action(BaseModel):
    """A clip beside the body's loop: a gesture, a nod, a line said before the camera."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: int = Field(ge=1)
    """index of its first picture; those of actions come after the loop's"""
    frames: int = Field(ge=1, le=25 * 120)
    video: str
    """a video file of the bundle"""
    lips: bool = True
    """whether speech moves the lips in it: there is a face, and it does not speak by itself"""
    sound: str = ""
    """a sound file of the bundle that belongs to it, "" for none"""


ActionName: TypeAlias = Annotated[str, Field(pattern=f"^{AVATAR_ID.pattern}$")]


class Manifest(BaseModel):
    """`avatar.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1]
    id: str = Field(pattern=f"^{AVATAR_ID.pattern}$")
    name: str
    width: int = Field(ge=64, le=2048, multiple_of=2)
    height: int = Field(ge=64, le=2048, multiple_of=2)
    fps: Literal[25]
    frames: int = Field(ge=1, le=25 * 120)
    """of the loop"""
    loop: Literal["cycle", "pingpong", "mirror"]
    """cycle: the last frame leads into the first; pingpong: walked back and forth; mirror: the same, each
    end twice, as MuseTalk walks"""
    video: str
    """a video file of the bundle, any codec that FFmpeg reads"""
    thumbnail: str
    source: str
    """who or what made the pictures"""
    licence: str
    engines: dict[str, EngineEntry]
    face: str = ""
    """a file of the bundle with the face's mesh in every picture, for what is prepared later; "" for none"""
    actions: dict[Annotated[str, Field(pattern=f"^{AVATAR_ID.pattern}$")], Action] = Field(
        default_factory=dict
    )
    """by name"""
    checksums: dict[Annotated[str, Field(max_length=255)], str]
    """sha256 of each file of the bundle, by name"""

    @property
    def pictures(self) -> int:
        """Those of the loop, and behind them those of the actions."""
        return self.frames + sum(action.frames for action in self.actions.values())

    @property
    def videos(self) -> list[tuple[str, int]]:
        """The files that hold them, each with how many, in their order."""
        acted = sorted(self.actions.values(), key=lambda action: action.first)
        return [(self.video, self.frames), *((action.video, action.frames) for action in acted)]

    @property
    def files(self) -> set[str]:
        """All that a bundle has to have."""
        listed = {self.thumbnail, *(name for name, _ in self.videos)}
        listed |= {entry.file for entry in self.engines.values()}
        listed |= {name for name in (self.face, *(action.sound for action in self.actions.values())) if name}
        return listed

    @model_validator(mode="after")
    def _check_order(self) -> Manifest:
        """Each action begins where the one before it ended."""
        end = self.frames
        for action in sorted(self.actions.values(), key=lambda action: action.first):
            if action.first != end:
                raise ValueError(f"an action begins at picture {action.first} instead of {end}")
            end += action.frames
        return self


class AvatarBundle:
    """An avatar that was opened and checked; read-only, shared by all its sessions."""

    def __init__(self, folder: Path, manifest: Manifest, pictures: npt.NDArray[np.uint8]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.pictures = pictures
        """(frames, height * 3 // 2, width), I420, memory-mapped, read-only"""

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
    pictures = map_frames(
        [(folder / name, count) for name, count in manifest.videos],
        cache / f"{manifest.id}-{_sum_of_videos(manifest)}-{manifest.width}x{manifest.height}.i420",
        (manifest.width, manifest.height),
    )
    return AvatarBundle(folder, manifest, pictures)


def _sum_of_videos(manifest: Manifest) -> str:
    """Another one when a picture is."""
    sums = [manifest.checksums[name] for name, _ in manifest.videos]
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


def read_manifest(folder: Path) -> Manifest:
    """Read and check `avatar.json`.

    Raises:
        AvatarError: there is none, or it is not one of ours.
    """
    path = folder / "avatar.json"
    try:
        manifest = Manifest.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError as error:
        raise AvatarError(f"no avatar {folder.name!r}: {path} does not exist") from error
    except (OSError, ValueError, RecursionError) as error:
        raise AvatarError(f"{path} is not an avatar manifest: {error}") from error
    if manifest.id != folder.name:
        raise AvatarError(f"{path} calls itself {manifest.id!r}; rename the folder to that")
    return manifest


__all__ = [
    "AVATAR_ID",
    "Action",
    "AvatarBundle",
    "EngineEntry",
    "Manifest",
    "checked",
    "mirrored",
    "open_bundle",
    "read_manifest",
    "thumbnail_of",
]
