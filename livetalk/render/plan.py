"""Which pictures of a clip are inferred together, and on which poses of the body."""

from __future__ import annotations

from collections.abc import Iterator


def plan(pictures: int, batch: int, first_pose: int = 0) -> Iterator[range]:
    """The poses of each batch, one for each picture in order; the last batch may be smaller.

    The body walks one pose a picture, and the avatar folds the pose into its loop.
    """
    end = first_pose + pictures
    for begin in range(first_pose, end, batch):
        yield range(begin, min(begin + batch, end))


__all__ = ["plan"]
