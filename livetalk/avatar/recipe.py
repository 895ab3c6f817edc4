"""How an avatar is to be made: what its maker may choose, and what is chosen where they do not."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from livetalk.types import COLOUR

LONGEST_S = 120.0
"""of a body's loop"""
NAME_LENGTH = 80
NOTE_LENGTH = 200


def _printable(text: str) -> str:
    """A line as people read it: one that breaks, or acts on a terminal, is none."""
    if not text.isprintable():
        raise PydanticCustomError("printable", "has characters that cannot be printed")
    return text


Line: TypeAlias = Annotated[str, AfterValidator(_printable)]


class Part(BaseModel):
    """Some choices that belong together; what is unknown is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Steadiness(Part):
    """How a face is kept from trembling."""

    smooth: bool = True
    """a One-Euro filter over the landmarks, in the head's own frame"""
    cutoff_hz: Annotated[float, Field(gt=0, le=12)] = 1.0
    """of that filter while nothing moves: less is calmer"""
    beta: Annotated[float, Field(ge=0, le=10)] = 0.5
    """by how much it opens with each head size a second that a point moves"""
    flow: bool = True
    """follow the head by optical flow on nose and eyes, too: finer than landmarks alone"""
    lock_scale: bool = True
    """one size for the face, the median, where the head comes no nearer"""


class MuseTalkChoices(Part):
    """MuseTalk's own controls, by their names and with their defaults; and how its faces are laid."""

    version: Literal["v15", "v10"] = "v15"
    """of its networks"""
    bbox_shift: Annotated[int, Field(ge=-50, le=50)] = 0
    """pixels, by which the box's middle moves down; version 1.0 alone: it opens the mouth more, or less"""
    extra_margin: Annotated[int, Field(ge=0, le=100)] = 10
    """pixels below the chin that are redrawn; version 1.5 alone"""
    parsing_mode: Literal["jaw", "raw", "neck"] = "jaw"
    """what of the face is redrawn; version 1.0 knows raw alone"""
    left_cheek_width: Annotated[int, Field(ge=0, le=256)] = 90
    """from the middle, in 512ths of the face's crop, to where the left cheek begins"""
    right_cheek_width: Annotated[int, Field(ge=0, le=256)] = 90
    """the same of the right cheek"""
    box: Literal["turned", "upright"] = "turned"
    """of the face: turned with the head, finer than a pixel; or upright, of whole pixels, as MuseTalk's"""
    blend: Literal["feather", "poisson"] = "feather"
    """feather: a soft edge, as MuseTalk's; poisson: the drawn face takes on the body's light there, too"""


class Recipe(Part):
    """All of them."""

    start_s: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """where in a clip the part begins"""
    seconds: Annotated[float, Field(gt=0, le=LONGEST_S)] = 20.0
    """of a clip, at most"""
    size: Annotated[int, Field(ge=128, le=2048)] = 720
    """pixels of the shorter edge, at most; nothing is enlarged"""
    face: Annotated[int, Field(ge=1, le=20)] = 1
    """where there are several: 1 is the largest"""
    loop: Literal["auto", "cycle", "pingpong"] = "auto"
    """cycle: the end leads into the beginning; pingpong: there and back; auto: as the clip allows"""
    idle_motion: bool = True
    """a single photo sways, breathes and blinks"""
    cut_out: Literal["no", "alpha", "key", "person", "auto"] = "alpha"
    """how what is behind the person goes: alpha keeps a source's own transparency; key takes a wall of one
    strong colour away; person finds the person; auto takes the first of these that can be; no leaves all"""
    background: Annotated[str, Field(pattern=f"^({COLOUR})?$")] = ""
    """a colour behind who was cut out, as #00ff00, where a session names none; a plain light one"""
    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    """for people; the id, where there is none"""
    credit: Annotated[Line, Field(max_length=NOTE_LENGTH)] = ""
    """who or what made the pictures"""
    licence: Annotated[Line, Field(max_length=NOTE_LENGTH)] = ""
    """under which they may be shown"""
    engines: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    """to prepare it for, with commas between; where none is named, all that can be in little time"""
    steady: Steadiness = Steadiness()
    """against trembling"""
    musetalk: MuseTalkChoices = MuseTalkChoices()
    """MuseTalk's own controls"""

    def alike(self, before: Recipe | None) -> Recipe:
        """This one, with the controls of MuseTalk that an avatar was made with, unless others are chosen."""
        if before is None or self.musetalk != MuseTalkChoices():
            return self
        return self.model_copy(update={"musetalk": before.musetalk})

    def kept(self, before: Recipe | None) -> Recipe | None:
        """What an avatar that was changed by this recipe remembers of how it was made."""
        return before and before.model_copy(update={"musetalk": self.musetalk})


__all__ = ["LONGEST_S", "MuseTalkChoices", "Recipe", "Steadiness"]
