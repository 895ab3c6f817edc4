"""What a plugin is told by that its work is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Cancel(Protocol):
    """Asked between two steps that take long, or watched while waiting for somebody else."""

    def __call__(self) -> bool:
        """Whether to give up now."""

    def watch(self, told: Callable[[], object]) -> Callable[[], None]:
        """Call `told` when it is time to give up, at once where it is already; what comes back ends this.

        Any thread calls it, and it must not block.
        """


__all__ = ["Cancel"]
