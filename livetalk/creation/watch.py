"""What a maker is told while an avatar is made: the steps, how far each is, and what may look bad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, get_args

from livetalk.types import Picture

Step: TypeAlias = Literal["fetch", "convert", "find", "cut", "animate", "steady", "loop", "encode", "prepare"]
"""in their order: what finds faces, the first time; pictures at 25 a second; the face in each; who is seen
cut out; a photo made to move; against trembling; the loop's seam; the body's video; what each engine needs"""
STEPS: tuple[Step, ...] = get_args(Step)

DoubtKind: TypeAlias = Literal[
    "small", "turned", "cut-off", "several", "gaps", "mouth", "colours", "seam", "cut"
]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may look bad, though the avatar can be made."""

    kind: DoubtKind
    text: str
    """what it is, and what helps"""
    picture: Picture | None = None
    """where it is seen, I420"""


class Watch(Protocol):
    """Told of everything."""

    def step(self, step: Step, share: float) -> None:
        """So much of a step is done, 0 to 1."""

    def doubt(self, doubt: Doubt) -> None:
        """Something may look bad."""


__all__ = ["STEPS", "Doubt", "DoubtKind", "Step", "Watch"]
