"""A job: what is to be made for somebody, and how its making stands."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from livetalk.avatar.recipe import Recipe
from livetalk.cancellation import Cancellation
from livetalk.creation.making import NewAction
from livetalk.creation.watch import DoubtKind, Step

JobState: TypeAlias = Literal["waiting", "working", "done", "failed", "cancelled"]
OVER: tuple[JobState, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Noted:
    """A doubt, as it is told."""

    kind: DoubtKind
    text: str
    picture: bytes
    """a JPEG, b"" where there is none"""


@dataclass(frozen=True, slots=True)
class Job:
    """How an avatar's making stands."""

    id: str
    avatar_id: str
    action: str
    """that it is to get, "" where the avatar itself is made"""
    name: str
    """for people, as it was asked for; "" where none was"""
    engines: tuple[str, ...]
    """that were asked for; none for all that can be"""
    began: float
    """seconds since 1970, when it was asked for"""
    cuts: bool = False
    """who is seen is looked for in every picture, to be cut out"""
    state: JobState = "waiting"
    step: Step | None = None
    share: float = 0.0
    """of that step"""
    noted: tuple[Noted, ...] = ()
    error: str = ""
    ended: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.state in OVER


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks to be made."""

    avatar_id: str
    recipe: Recipe
    action: NewAction | None = None
    """to be added to the avatar; None makes the avatar"""
    names: Mapping[str, str] = field(default_factory=dict)
    """what its sender calls each file of the source, by its name here"""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is made of."""

    source: Path
    recipe: Recipe
    action: NewAction | None
    bench: Path
    room: ExitStack
    """whose end removes the bench"""
    names: Mapping[str, str]
    """as they were sent"""
    cancel: Cancellation = field(default_factory=Cancellation)


__all__ = ["Job", "JobState", "Noted", "Wanted", "Work"]
