"""`avatar.json`: what there is of an avatar, checked field by field."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from livetalk.avatar.recipe import Recipe
from livetalk.errors import AvatarError
from livetalk.types import COLOUR, SessionState

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
    matte: str = ""
    """as the body's"""


Seconds: TypeAlias = Annotated[float, Field(gt=0, le=3600)]
ActionName: TypeAlias = Annotated[str, Field(pattern=f"^{AVATAR_ID.pattern}$")]


class Cue(BaseModel):
    """What an avatar does by itself while its session is in one state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actions: tuple[ActionName, ...] = Field(min_length=1, max_length=20)
    """one of these is chosen each time"""
    every_s: tuple[Seconds, Seconds] | None = None
    """seconds from one to the next, drawn between the two; none: again and again while the state lasts"""

    @model_validator(mode="after")
    def _check_range(self) -> Cue:
        if self.every_s is not None and self.every_s[0] > self.every_s[1]:
            raise ValueError("every_s is the shortest pause, and then the longest")
        return self


Plan: TypeAlias = dict[SessionState, Cue]
"""by the session's state"""


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
    matte: str = ""
    """a video file whose luma, 0 to 255, is how opaque each picture is; "" for wholly"""
    background: str = Field("", pattern=f"^({COLOUR})?$")
    """the colour behind what is not opaque, where nobody names another background; "" for what was filmed"""
    face: str = ""
    """a file of the bundle with the face's mesh in every picture, for what is prepared later; "" for none"""
    actions: dict[ActionName, Action] = Field(default_factory=dict)
    """by name"""
    plan: Plan = Field(default_factory=dict)
    """what the avatar does by itself"""
    recipe: Recipe | None = None
    """how it was made, so that what is added is made alike"""
    checksums: dict[Annotated[str, Field(max_length=255)], str]
    """sha256 of each file of the bundle, by name"""

    @property
    def pictures(self) -> int:
        """Those of the loop, and behind them those of the actions."""
        return self.frames + sum(action.frames for action in self.actions.values())

    @property
    def videos(self) -> list[tuple[str, int]]:
        """The files that hold them, each with how many, in their order."""
        return [(self.video, self.frames), *((action.video, action.frames) for action in self._in_order)]

    @property
    def mattes(self) -> list[tuple[str, int]]:
        """The files of their mattes likewise; none where the avatar was not cut out."""
        if not self.matte:
            return []
        return [(self.matte, self.frames), *((action.matte, action.frames) for action in self._in_order)]

    @property
    def _in_order(self) -> list[Action]:
        return sorted(self.actions.values(), key=lambda action: action.first)

    @property
    def files(self) -> set[str]:
        """All that a bundle has to have."""
        listed = {self.thumbnail, *(name for name, _ in (*self.videos, *self.mattes))}
        listed |= {entry.file for entry in self.engines.values()}
        listed |= {name for name in (self.face, *(action.sound for action in self.actions.values())) if name}
        return listed

    @model_validator(mode="after")
    def _check_order(self) -> Manifest:
        """Each action begins where the one before it ended."""
        end = self.frames
        for action in self._in_order:
            if action.first != end:
                raise ValueError(f"an action begins at picture {action.first} instead of {end}")
            end += action.frames
        return self

    @model_validator(mode="after")
    def _check_mattes(self) -> Manifest:
        """An avatar is cut out in all of its pictures, or in none."""
        for name, action in self.actions.items():
            if bool(action.matte) != bool(self.matte):
                raise ValueError(f"action {name!r} is not cut out as the body is")
        if self.background and not self.matte:
            raise ValueError("an avatar that is not cut out has no background of its own")
        return self

    @model_validator(mode="after")
    def _check_plan(self) -> Manifest:
        """A plan shows what there is, and says nothing."""
        for cue in self.plan.values():
            for name in cue.actions:
                if name not in self.actions:
                    raise ValueError(
                        f"the plan names {name!r}; there are: {', '.join(self.actions) or 'none'}"
                    )
                if self.actions[name].sound:
                    raise ValueError(f"the plan names {name!r}, which speaks by itself; nobody asked it to")
        return self


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


__all__ = ["AVATAR_ID", "Action", "Cue", "EngineEntry", "Manifest", "Plan", "read_manifest"]
