"""What the routes of avatars answer: how a job stands, what there is of an avatar."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from livetalk.avatar.manifest import Plan
from livetalk.avatar.shelf import Card
from livetalk.creation.job import Job, JobState
from livetalk.creation.progress import progress
from livetalk.creation.watch import DoubtKind, Step
from livetalk.types import FPS


class AvatarNote(BaseModel):
    """Something that may look bad, though the avatar can be made."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: DoubtKind
    text: str
    """what it is, and what helps"""
    picture: bool
    """whether /api/avatar-jobs/{job}/pictures/{number} has one, by its place among the notes"""


class AvatarJob(BaseModel):
    """How an avatar's making stands."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    avatar: str
    """the id that it gets"""
    action: str
    """that is added to it; empty where the avatar itself is made"""
    name: str
    """that people are to read; empty where none was asked for"""
    state: JobState
    step: Step | None
    """at which it is, or was when it ended"""
    share: float
    """of that step, 0 to 1"""
    progress: float
    """of all, 0 to 1"""
    notes: list[AvatarNote]
    error: str
    """why it failed"""
    began: float
    """seconds since 1970"""
    ended: float | None

    @classmethod
    def of(cls, job: Job) -> AvatarJob:
        """A job, as it is told."""
        notes = [AvatarNote(kind=each.kind, text=each.text, picture=bool(each.picture)) for each in job.noted]
        return cls(
            id=job.id,
            avatar=job.avatar_id,
            action=job.action,
            name=job.name,
            state=job.state,
            step=job.step,
            share=round(job.share, 3),
            progress=round(progress(job), 3),
            notes=notes,
            error=job.error,
            began=job.began,
            ended=job.ended,
        )


class AvatarAction(BaseModel):
    """An action that an avatar has."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    seconds: float
    sound: bool
    """whether it has one of its own, and is said rather than shown"""


class AvatarCard(BaseModel):
    """What a list says of an avatar."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    name: str
    width: int
    height: int
    seconds: float
    """of its body's loop; a still picture has one frame"""
    engines: list[str]
    """it is prepared for"""
    actions: list[str]
    """by name"""
    cut_out: bool
    """another background can be seen behind it"""
    action_clips: list[AvatarAction]
    """the same, each with what there is to know of it"""
    plan: Plan
    """by the session's state, what it does by itself"""
    takes_actions: bool
    """whether actions can be added to it"""
    usable: bool
    """by the engine that is loaded"""
    default: bool
    """sessions begin with it; it cannot be deleted"""

    @classmethod
    def of(cls, card: Card, engine: str, default: str) -> AvatarCard:
        """An avatar, as it is told where these are the engine and the first avatar."""
        return cls(
            id=card.id,
            name=card.name,
            width=card.width,
            height=card.height,
            seconds=card.seconds,
            engines=[*card.engines],
            actions=[*card.actions],
            cut_out=card.cut_out,
            action_clips=[
                AvatarAction(name=name, seconds=action.frames / FPS, sound=bool(action.sound))
                for name, action in card.actions.items()
            ],
            plan=card.plan,
            takes_actions=card.takes_actions,
            usable=engine in card.engines,
            default=card.id == default,
        )


__all__ = ["AvatarAction", "AvatarCard", "AvatarJob", "AvatarNote"]
