"""Landmarks without tremble: the head's course is settled, and the rest filtered in the head's own frame."""

from __future__ import annotations

from livetalk.avatar.recipe import Steadiness
from livetalk.creation.finding import Found
from livetalk.steady.head import follow
from livetalk.steady.one_euro import one_euro
from livetalk.types import Float32Array


def steadied(found: Found, steadiness: Steadiness) -> Float32Array:
    """The meshes (frames, 468, 3), as still as the face is."""
    if len(found.meshes) < 3 or not steadiness.smooth:
        return found.meshes
    head = follow(found.meshes, found.steps if steadiness.flow else ())
    own = one_euro(head.to_head(found.meshes), steadiness.cutoff_hz, steadiness.beta)
    return head.to_picture(own)


__all__ = ["steadied"]
